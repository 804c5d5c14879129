"""The sample's reports against its own truth tables, and its schedules against tests/golden."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from golden_tables import as_golden, golden
from small_lakes import QUERIES, open_lake, rows

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.engines.duckdb import Engine
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.reports import catalog
from takeoff.reports.run import run

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_SCHEDULES = [
    query.name for query in catalog.all_reports([QUERIES]) if query.name.startswith("schedule_")
]


def _truth(name: str) -> list[dict[str, str]]:
    with (_SAMPLE / "truth" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    settings = Settings(lake=tmp_path_factory.mktemp("sample") / "lake")
    models = sorted(_SAMPLE.glob("*.ifc"))
    for fetched in fetch_ifc(settings, models, IfcOptions(geometry=False), Quiet()):
        assert fetched.error is None
    with open_lake(settings.lake) as opened:
        yield opened


def _lines(engine: Engine, name: str, **params: str) -> list[dict]:
    return run(engine, catalog.find(name, [QUERIES]), params).table.to_pylist()


def _counted() -> list[tuple[str, str]]:
    return [(r["model"], r["guid"]) for r in _truth("elements.csv") if r["counted"] == "yes"]


@pytest.mark.parametrize("name", _SCHEDULES)
def test_schedule_of_the_sample(engine: Engine, name: str) -> None:
    found = as_golden(run(engine, catalog.find(name, [QUERIES]), {}).table)
    assert found == golden(name)


def test_what_is_not_counted_and_why(engine: Engine) -> None:
    ours: Counter[tuple[str, str]] = Counter()
    for line in _lines(engine, "not_counted"):
        ours[line["model_id"], line["not_counted_reason"]] += line["elements"]
    truth = {
        (row["model"], row["reason"]): int(row["elements"]) for row in _truth("not_counted.csv")
    }
    assert ours == truth


def test_every_system_has_every_element_once(engine: Engine) -> None:
    codes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in _truth("codes.csv"):
        codes[row["system"], row["model"], row["guid"]].add(row["code"])
    expected: Counter[tuple[str, str | None]] = Counter()
    for system in {system for system, _, _ in codes}:
        for element in _counted():
            label = "; ".join(sorted(codes[system, *element])) or None
            expected[system, label] += 1
    ours = {
        (line["code_system"], line["code"]): line["elements"]
        for line in _lines(engine, "by_code", quantity="Count")
    }
    assert ours == expected
    assert len({system for system, _ in ours}) == 2


def test_volumes_split_by_material(engine: Engine) -> None:
    picked = (
        "select element_id, value_exact, basis from element_quantities where quantity = 'NetVolume'"
    )
    found = {guid: (value, basis) for guid, value, basis in rows(engine, picked)}
    volumes: dict[str, Decimal | None] = {guid: value for guid, (value, _) in found.items()}
    summed_up = {guid for guid, (_, basis) in found.items() if basis == "derived"}
    materials = defaultdict(list)
    for row in _truth("materials.csv"):
        materials[row["model"], row["guid"]].append(row)
    expected: dict[str | None, Fraction] = defaultdict(Fraction)
    parts = defaultdict(list)
    for row in _truth("elements.csv"):
        parts[row["model"], row["whole"]].append((row["model"], row["guid"]))
    for element in _counted():
        is_split = element[1] in summed_up and not materials[element]
        for model, guid in parts[element] if is_split else [element]:
            for material, share in _shares(materials[model, guid]).items():
                expected[material] += share * Fraction(volumes.get(guid) or 0)
    assert any(parts[element] for element in _counted() if element[1] in summed_up)
    ours: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in _lines(engine, "by_material", quantity="NetVolume"):
        ours[line["material"]] += line["value"] or 0
    assert ours.keys() == expected.keys()
    for material, volume in expected.items():
        assert float(ours[material]) == pytest.approx(float(volume), abs=1e-6)
    assert sum(ours.values()) == sum(Decimal(volumes.get(guid) or 0) for _, guid in _counted())


def _shares(listed: list[dict[str, str]]) -> dict[str | None, Fraction]:
    """Material and its share of an element, as the rules in queries/README.md say."""
    names = sorted({row["material"] for row in listed if row["material"]})
    roles = {row["role"] for row in listed}
    weights = [row["thickness_m"] or row["share"] for row in listed]
    if len(names) < 2:
        return {names[0] if names else None: Fraction(1)}
    if roles not in ({"layer"}, {"constituent"}) or not all(weights):
        return {"; ".join(names): Fraction(1)}
    total = sum(map(Fraction, weights))
    shares: dict[str | None, Fraction] = defaultdict(Fraction)
    for row, weight in zip(listed, weights, strict=True):
        shares[row["material"]] += Fraction(weight) / total
    return shares
