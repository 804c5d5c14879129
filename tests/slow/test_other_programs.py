"""Programs that we did not write open what we wrote.

Spark the lake, DuckDB's own shell the script of views, LibreOffice the workbook.
"""

from __future__ import annotations

import csv
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook import Workbook

from takeoff.cli import main
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


def test_duckdbs_shell_loads_the_script_of_views(shown: Path, tmp_path: Path) -> None:
    here = str(Path(sys.executable).parent)
    program = shutil.which("duckdb", path=os.pathsep.join([here, os.environ["PATH"]]))
    if program is None:
        pytest.skip("DuckDB's shell (pip install duckdb-cli) is not here")
    script, lake = tmp_path / "lake.sql", str(shown / "lake")
    assert main(["sql", "--init", "--lake", lake, "-o", str(script)]) == 0
    command = [program, "-csv", "-init", str(script), "-c", _FIGURES]
    told = subprocess.run(command, check=True, timeout=300, capture_output=True, text=True)
    theirs = list(csv.reader(told.stdout.splitlines()))
    assert main(["sql", _FIGURES, "--lake", lake, "-o", str(tmp_path / "ours.csv")]) == 0
    with (tmp_path / "ours.csv").open(encoding="utf-8", newline="") as file:
        assert theirs == list(csv.reader(file))
    assert len(theirs) > 50


_FIGURES = """
select ifc_class, quantity, count(*) as figures, cast(sum(value_exact) as varchar) as total
from takeoff_figures where is_figure group by all order by all
"""


@pytest.fixture
def office(tmp_path: Path) -> Callable[[Path, str], None]:
    """LibreOffice, which calculates all formulas when it opens a file and writes it as asked."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (Debian package libreoffice-calc) is not here")
    settings = tmp_path / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_ALWAYS_CALCULATE, "utf-8")

    def convert(path: Path, form: str) -> None:
        home = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [program, home, "--headless", "--convert-to", form, "--outdir", str(tmp_path)]
        subprocess.run([*command, str(path)], check=True, timeout=300, capture_output=True)

    return convert


_ALWAYS_CALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
_SECOND_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"


def test_libreoffice_opens_the_workbook(
    shown: Path, tmp_path: Path, office: Callable[[Path, str], None]
) -> None:
    office(shown / "takeoff.xlsx", _SECOND_SHEET)
    with (tmp_path / "takeoff-takeoff.csv").open(encoding="utf-8", newline="") as file:
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


def test_libreoffice_calculates_the_same_totals(
    shown: Path, tmp_path: Path, office: Callable[[Path, str], None]
) -> None:
    """Of a workbook whose formulas were told that they come to nothing."""
    blank = tmp_path / "blank"
    blank.mkdir()
    told = _without_results(shown / "takeoff.xlsx", blank / "takeoff.xlsx")
    assert told > 20
    office(blank / "takeoff.xlsx", "xlsx")
    ours = openpyxl.load_workbook(shown / "takeoff.xlsx", data_only=True)
    formulas = openpyxl.load_workbook(shown / "takeoff.xlsx")
    theirs = openpyxl.load_workbook(tmp_path / "takeoff.xlsx", data_only=True)
    assert theirs.sheetnames == ours.sheetnames
    compared = 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            stated = ours[sheet.title][cell.coordinate].value
            calculated = theirs[sheet.title][cell.coordinate].value
            assert calculated == pytest.approx(stated, rel=1e-12), cell.coordinate
            compared += 1
    assert compared == told
    assert _on_cover(ours) == _added_up(shown / "takeoff.parquet")


def _without_results(source: Path, target: Path) -> int:
    """A copy in which each formula's last result is 0; how many there are."""
    told = 0
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content, found = re.subn(rb"</f><v>[^<]*</v>", b"</f><v>0</v>", content)
                told += found
            new.writestr(name, content)
    return told


def _on_cover(book: Workbook) -> dict[tuple[object, ...], object]:
    """The totals of the cover, by quantity and unit."""
    rows = list(book["Cover"].iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if "total" in row)
    places = [rows[head].index(name) for name in ("quantity", "unit")]
    total, lines = rows[head].index("total"), rows[head].index("lines")
    listed = itertools.takewhile(lambda row: isinstance(row[lines], int), rows[head + 1 :])
    return {tuple(row[place] for place in places): row[total] for row in listed if row[total]}


def _added_up(path: Path) -> dict[tuple[object, ...], object]:
    keys = ["quantity", "unit"]
    sums = pl.read_parquet(path).drop_nulls("unit").group_by(keys).agg(pl.col("value").sum())
    return {row[:2]: float(row[2]) for row in sums.iter_rows() if row[2]}
