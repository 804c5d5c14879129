"""Figures: the same to the last digit on any number of threads and in any order of rows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal, localcontext
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from both_ways import Row
from small_lakes import Model, open_lake, rows
from vendors_under_test import VENDORS, Vendor, attempt, rows_of, walls

from takeoff.config import Settings
from takeoff.core import units
from takeoff.core.progress import Quiet
from takeoff.core.refs import Snapshot
from takeoff.core.units import converted, unit_named
from takeoff.jobs.fetch import Fetched, IfcOptions, fetch_ifc
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import files, read_snapshots
from takeoff.sandbox import Sandbox

from .faults import hurried, small
from .tally import Part, Sizes, Tally, each

_FIGURES = 400
_THREADS = (1, 2, 4)
_CLOSE = Decimal("1e-12")
_SUMS = (
    "select storey_name, quantity, count(*), count(value_exact), sum(value_exact) "
    "from element_quantities join elements using (snapshot_id, element_no) "
    "group by storey_name, quantity order by storey_name, quantity"
)
# They fit together in no double: 1e15 + 1e-3 has 19 digits.
_FAR_APART = (Decimal("1e15"), Decimal("0.001"))
_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def _sums(seeds: Sequence[int], folder: Path) -> Tally:
    """The same elements in two orders, each added up by one, two and four threads."""

    def once(seed: int) -> str:
        chance = random.Random(seed)
        figures = [(f"e{number}", _storey(chance), _figure(chance)) for number in range(_FIGURES)]
        found = []
        for order in ("as made", "shuffled"):
            lake = folder / f"{seed}-{order}"
            _committed(figures, lake)
            found += [_asked(lake, threads) for threads in _THREADS]
            chance.shuffle(figures)
        assert all(one == found[0] for one in found), "sums are not the same"
        assert found[0] == _added(figures), "sums are not those of the decimals"
        return "lakes"

    return each(seeds, once)


def _storey(chance: random.Random) -> str:
    return f"L{chance.randrange(3)}"


def _figure(chance: random.Random) -> Decimal:
    """Of any size, with up to twelve decimals."""
    if chance.random() < 0.05:
        return chance.choice(_FAR_APART)
    return Decimal(chance.randrange(-(10**15), 10**15)).scaleb(-chance.randrange(13))


def _committed(figures: Sequence[tuple[str, str, Decimal]], lake: Path) -> None:
    model = Model("house")
    for element_id, storey, figure in figures:
        model.add(element_id, storey_name=storey).figure("NetVolume", f"{figure:f}")
    model.commit(lake)


def _asked(lake: Path, threads: int) -> list[tuple[Any, ...]]:
    with open_lake(lake, threads=threads) as engine:
        return rows(engine, _SUMS)


def _added(figures: Sequence[tuple[str, str, Decimal]]) -> list[tuple[Any, ...]]:
    lines = []
    for storey in sorted({storey for _, storey, _ in figures}):
        there = [figure for _, of, figure in figures if of == storey]
        with localcontext(prec=60):
            added = sum(there, Decimal(0))
        lines.append((storey, "NetVolume", len(there), len(there), added))
    return lines


def _units(seeds: Sequence[int], folder: Path) -> Tally:
    """From each unit to each other one of its kind and back, over SI both times."""
    known = {(unit.kind, unit.factor): unit for unit in map(unit_named, units._NAMED) if unit}
    pairs = [(a, b) for a, b in combinations(known.values(), 2) if a.kind == b.kind]

    def once(seed: int) -> str:
        number = 10 ** random.Random(seed).uniform(-6, 6)
        for a, b in pairs:
            there = _through_si(number, a.factor, b.factor)
            back = Decimal(_through_si(there, b.factor, a.factor))
            away = abs(back - Decimal(number)) / Decimal(number)
            assert away <= _CLOSE, f"{number} {a.name} in {b.name} and back is {back}"
        return f"numbers in {len(pairs)} pairs"

    return each(seeds, once)


def _through_si(number: float, factor: Decimal, other: Decimal) -> float:
    value, _ = converted(number, factor)
    assert value is not None, f"{number} x {factor} is no figure"
    return float(Decimal(repr(value)) / other)


def _services(seeds: Sequence[int], folder: Path) -> Tally:
    """Whole numbers first, fractions later, and figures that are far apart; from every vendor."""

    def once(seed: int) -> str:
        chance = random.Random(seed)
        vendor = VENDORS[seed % len(VENDORS)]
        whole = [Decimal(chance.randrange(1, 100)) for _ in range(6)]
        parts = [Decimal(chance.randrange(1, 10**6)) / 1000 for _ in range(6)]
        sent = [*whole, *parts, *_FAR_APART]
        came = _fetched(vendor, sent, folder / str(seed))
        assert came == sorted(sent), f"{vendor.name}: {came} instead of {sorted(sent)}"
        assert sum(came, Decimal(0)) == sum(sent, Decimal(0))
        return f"of {vendor.name}"

    return each(seeds, once)


def _fetched(vendor: Vendor, volumes: Sequence[Decimal], folder: Path) -> list[Decimal]:
    """The volumes of walls that are served and fetched, in pages of a few."""
    model = walls(len(volumes))
    figures = (row for row in model.rows["quantities"] if row["quantity"] == "NetVolume")
    for row, volume in zip(figures, volumes, strict=True):
        row |= {"value": float(volume), "value_exact": volume}
    model.commit(folder / "served")
    with Sandbox(open_layout(folder / "served"), small(vendor.many)).start() as running, hurried():
        outcome = attempt(folder / "came", running, vendor)
    assert isinstance(outcome, Fetched), f"{vendor.name}: {outcome}"
    came: list[Row] = rows_of(folder / "came", outcome)["quantities"]
    return sorted(row["value_exact"] for row in came if row["quantity"] == "NetVolume")


def _schemas(seeds: Sequence[int], folder: Path) -> Tally:
    """Files of each table from every source that there is, all of one schema."""
    lakes = [folder / str(number) for number in range(len(VENDORS))]
    walls(30).commit(folder / "served")
    with Sandbox(open_layout(folder / "served")).start() as running, hurried():
        for lake, vendor in zip(lakes, VENDORS, strict=True):
            outcome = attempt(lake, running, vendor)
            assert isinstance(outcome, Fetched), f"{vendor.name}: {outcome}"
    models = sorted(_SAMPLE.glob("*.ifc"))
    list(fetch_ifc(Settings(lake=folder / "ifc"), models, IfcOptions(geometry=False), Quiet()))
    found: dict[str, dict[bytes, Path]] = {}
    for lake in (*lakes, folder / "served", folder / "ifc"):
        for snapshot in read_snapshots(open_layout(lake)):
            _note_schemas(lake, snapshot, found)

    def once(number: int) -> str:
        table = sorted(found)[number % len(found)]
        several = [path.parent.parent.parent.name for path in found[table].values()]
        assert len(several) == 1, f"{table} has other schemas in {several}"
        return "looks at a table"

    return each(seeds, once)


def _note_schemas(lake: Path, snapshot: Snapshot, found: dict[str, dict[bytes, Path]]) -> None:
    for table, paths in files(open_layout(lake), [snapshot]).items():
        for path in paths:
            with pq.ParquetFile(path) as file:
                stored = f"{file.schema}".encode().partition(b"\n")[2]
                schema = stored + file.schema_arrow.remove_metadata().serialize().to_pybytes()
            found.setdefault(table, {}).setdefault(schema, path)


PARTS = (
    Part(
        "sums",
        "equal to the last digit over 1, 2 and 4 threads and two orders of rows",
        Sizes(few=2, short=10, full=100),
        _sums,
    ),
    Part("units", "there and back within 1e-12", Sizes(few=10, short=200, full=2_000), _units),
    Part(
        "figures of services",
        "whole numbers first, fractions later, 1e15 and 1e-3: all come exactly",
        Sizes(few=2, short=12, full=100),
        _services,
    ),
    Part(
        "schemas",
        "files of a table from four services and IFC files: byte for byte one schema",
        Sizes(few=2, short=12, full=12),
        _schemas,
    ),
)
