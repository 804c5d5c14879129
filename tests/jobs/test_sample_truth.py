"""The sample and its hostile twins through the whole pipeline, against the truth beside them."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.report import Question, report
from takeoff.jobs.sql import sql

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_HOSTILE = _SAMPLE / "hostile"


def _truth(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rows(settings: Settings, query: str) -> list[dict]:
    return sql(settings, query).table.to_pylist()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(lake=tmp_path_factory.mktemp("sample") / "lake")
    for fetched in fetch_ifc(settings, sorted(_SAMPLE.glob("*.ifc")), IfcOptions(), Quiet()):
        assert fetched.error is None
    return settings


def test_elements_are_those_of_the_truth(sample: Settings) -> None:
    ours = Counter(
        (
            row["model_id"],
            row["ifc_guid"],
            row["ifc_class"],
            row["name"] or "",
            row["storey_name"] or "",
            row["role"],
            "yes" if row["counted"] else "no",
            row["not_counted_reason"] or "",
        )
        for row in _rows(sample, "select * from counted_elements")
    )
    columns = ("model", "guid", "ifc_class", "name", "storey", "role", "counted", "reason")
    truth = _truth(_SAMPLE / "truth" / "elements.csv")
    assert ours == Counter(tuple(row[column] for column in columns) for row in truth)
    assert ours.total() > 300


def test_authored_figures_are_those_of_the_truth(sample: Settings) -> None:
    query = """
    select elements.model_id, elements.ifc_guid, quantities.quantity, quantities.origin,
        quantities.source_set, quantities.source_name, quantities.source_value,
        quantities.unit_status, quantities.value_exact, quantities.unit
    from quantities
    join elements using (snapshot_id, element_no)
    where quantities.basis = 'authored'
    """
    ours = Counter(
        (
            row["model_id"],
            row["ifc_guid"],
            row["quantity"] or "",
            row["origin"],
            row["source_set"] or "",
            row["source_name"],
            Decimal(row["source_value"]),
            row["unit_status"],
            row["value_exact"],
            row["unit"] or "",
        )
        for row in _rows(sample, query)
    )
    truth = Counter(
        (
            row["model"],
            row["guid"],
            row["quantity"],
            row["origin"],
            row["source_set"],
            row["source_name"],
            Decimal(row["source_value"]),
            row["unit_status"],
            Decimal(row["value"]).quantize(Decimal("1e-12")) if row["value"] else None,
            row["unit"],
        )
        for row in _truth(_SAMPLE / "truth" / "quantities.csv")
        if row["basis"] == "authored"
    )
    assert ours - truth == Counter()
    assert truth - ours == Counter()
    assert truth.total() > 1000


def test_computed_figures_are_those_of_the_truth(sample: Settings) -> None:
    query = """
    select model_id, element_id, quantity, value from quantities where basis = 'computed'
    """
    ours = {
        (row["model_id"], row["element_id"].partition("~")[0], row["quantity"]): row["value"]
        for row in _rows(sample, query)
    }
    truth = {
        (row["model"], row["guid"], row["quantity"]): float(row["value"])
        for row in _truth(_SAMPLE / "truth" / "quantities.csv")
        if row["basis"] == "computed"
    }
    assert len(truth) > 1500
    assert {key: ours.get(key) for key in truth} == pytest.approx(truth, rel=1e-6)


def test_sums_by_storey_and_class_are_those_of_the_truth(sample: Settings) -> None:
    question = Question("takeoff", by=("storey", "class"))
    ours = {
        (line["storey_name"] or "", line["ifc_class"], line["quantity"]): line
        for line in report(sample, question).table.to_pylist()
    }
    truth = _truth(_SAMPLE / "truth" / "by_storey_class.csv")
    assert len(truth) > 200
    for row in truth:
        # Count is the number of elements; what the model itself calls Count goes by another name.
        quantity = {"": "Count", "Count": "StatedCount"}.get(row["quantity"], row["quantity"])
        line = ours.pop((row["storey"], row["ifc_class"], quantity))
        assert line["elements"] == int(row["elements"])
        if row["quantity"]:
            coverage = (line["counted"], line["missing"], line["doubtful"])
            assert coverage == tuple(int(row[n]) for n in ("counted", "missing", "doubtful"))
        if row["value"]:
            assert float(line["value"]) == pytest.approx(float(row["value"]), rel=1e-5)
    assert ours == {}


def test_a_second_revision_becomes_the_current_one(sample: Settings, tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake")
    for folder in (_SAMPLE, _SAMPLE / "R2"):
        (model,) = folder.glob("*architecture.ifc")
        (fetched,) = fetch_ifc(settings, [model], IfcOptions(geometry=False), Quiet())
        assert fetched.is_new
    second = {row["guid"] for row in _truth(_SAMPLE / "truth" / "R2" / "elements.csv")}
    current = {row["ifc_guid"] for row in _rows(settings, "select ifc_guid from elements")}
    assert current == second
    (both,) = _rows(settings, "select count(distinct snapshot_id) as n from all_elements")
    assert both["n"] == 2


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, str]]:
    """A lake of the twins, and what became of each file: read, warned or refused."""
    settings = Settings(lake=tmp_path_factory.mktemp("hostile") / "lake")
    outcomes = {}
    for listed in _truth(_HOSTILE / "files.csv"):
        path = _HOSTILE / listed["file"]
        try:
            (fetched,) = fetch_ifc(settings, [path], IfcOptions(geometry=False), Quiet())
        except Exception as error:  # noqa: BLE001 - the test says below which are right
            outcomes[path.name] = type(error).__name__
            continue
        warned = fetched.snapshot is not None and fetched.snapshot.rows("warnings") > 0
        outcomes[path.name] = "refused" if fetched.error else "warned" if warned else "read"
    return settings, outcomes


def test_each_hostile_file_is_read_warned_of_or_refused(
    hostile: tuple[Settings, dict[str, str]],
) -> None:
    allowed = {
        "refused": {"refused", "InputRefused", "NotUnderstood"},
        "read": {"read", "warned"},
        "read with a warning or refused": {"warned", "refused", "InputRefused", "NotUnderstood"},
    }
    for listed in _truth(_HOSTILE / "files.csv"):
        assert hostile[1][listed["file"]] in allowed[listed["expect"]], listed


def test_hostile_elements_and_figures_are_those_of_the_truth(
    hostile: tuple[Settings, dict[str, str]],
) -> None:
    query = """
    select elements.model_id, elements.element_id, elements.ifc_guid, elements.ifc_class,
        elements.name, elements.mark, elements.building_name, elements.storey_name,
        quantities.source_name, quantities.source_value, quantities.unit_status,
        quantities.quantity, quantities.value_exact, quantities.unit
    from elements
    left join quantities
        on quantities.snapshot_id = elements.snapshot_id
        and quantities.element_no = elements.element_no
    where elements.role not in ('location', 'type', 'opening')
        and elements.model_id not like 'broken%'
    """
    ours = Counter(
        (
            f"{row['model_id']}.ifc",
            row["element_id"],
            row["ifc_guid"] or "",
            row["ifc_class"],
            row["name"] or "",
            row["mark"] or "",
            row["building_name"] or "",
            row["storey_name"] or "",
            row["source_name"] or "",
            _number(row["source_value"]),
            row["unit_status"] or "",
            row["quantity"] or "",
            _number(row["value_exact"]),
            row["unit"] or "",
        )
        for row in _rows(hostile[0], query)
    )
    names = ("file", "element_id", "guid", "ifc_class", "name", "mark", "building", "storey")
    truth = Counter(
        (
            *(row[name] for name in names),
            row["source_name"],
            _number(row["source_value"]),
            row["unit_status"],
            row["quantity"],
            _number(row["value"]),
            row["unit"],
        )
        for row in _truth(_HOSTILE / "truth.csv")
    )
    assert ours - truth == Counter()
    assert truth - ours == Counter()


def _number(value: str | Decimal | None) -> Decimal | None:
    return None if value in (None, "") else Decimal(value)
