"""Programs that we did not write open what we wrote: Spark the lake, LibreOffice the workbook."""

from __future__ import annotations

import csv
import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.jobs.demo import demo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("programs")
    demo(Settings(), out, None, Quiet())
    return out


@pytest.fixture(scope="module")
def spark() -> Iterator[object]:
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("Spark (pip install pyspark, and Java) is not here")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.filterwarnings("default")
def test_spark_reads_every_table_as_it_lies(shown: Path, spark) -> None:
    data = shown / "lake" / "data"
    for folder in sorted(data.iterdir()):
        theirs = spark.read.parquet(str(folder))
        ours = pl.read_parquet(folder / "*.parquet")
        assert theirs.columns == ours.columns
        assert theirs.count() == ours.height > 0


@pytest.mark.filterwarnings("default")
def test_spark_adds_up_the_same_decimals(shown: Path, spark) -> None:
    folder = shown / "lake" / "data" / "quantities"
    spark.read.parquet(str(folder)).createOrReplaceTempView("quantities")
    query = "select quantity, sum(value_exact) as total from {} where basis = 'authored' {}"
    grouped = "and quantity is not null group by quantity"
    theirs = {
        r["quantity"]: r["total"] for r in spark.sql(query.format("quantities", grouped)).collect()
    }
    ours = dict(
        pl.read_parquet(folder / "*.parquet")
        .filter((pl.col("basis") == "authored") & pl.col("quantity").is_not_null())
        .group_by("quantity")
        .agg(pl.col("value_exact").sum())
        .iter_rows()
    )
    assert theirs == ours
    assert len(ours) > 10


def test_libreoffice_opens_the_workbook(shown: Path, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (Debian package libreoffice-calc) is not here")
    command = [office, "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1"]
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        [*command, home, "--outdir", str(tmp_path), str(shown / "takeoff.xlsx")],
        check=True,
        timeout=300,
        capture_output=True,
    )
    with (tmp_path / "takeoff.csv").open(encoding="utf-8", newline="") as file:
        theirs = list(csv.DictReader(file))
    with (shown / "takeoff.csv").open(encoding="utf-8", newline="") as file:
        ours = list(csv.DictReader(file))
    assert len(theirs) == len(ours)
    for their, our in zip(theirs, ours, strict=True):
        assert their["ifc_class"] == our["ifc_class"]
        assert their["quantity"] == our["quantity"]
        assert their["elements"] == our["elements"]
        value = their["value"].replace(",", "")
        assert bool(value) == bool(our["value"])
        if value:
            assert abs(Decimal(value) - Decimal(our["value"])) <= Decimal("0.05")
