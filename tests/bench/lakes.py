"""Made-up lakes, committed by takeoff's own writer.

`python -m tests.bench.lakes FOLDER ELEMENTS [VERSIONS]`: models of at most a million elements in
one project, each in so many versions; each element has six authored figures, most a material and a
code. The same rows for the same numbers. Of a later version one element in fifty is another one,
one in fifty stands on another storey, and one in twenty has another volume.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.refs import ModelRef, Proof, SourceVersion
from takeoff.core.tables import TABLES
from takeoff.lake.layout import open_layout
from takeoff.lake.work import Run
from takeoff.lake.writer import SnapshotWriter

MODEL_ELEMENTS = 1_000_000

_BATCH = 50_000
_TAKEN_AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
_LETTERS = np.frombuffer(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$", np.uint8
)
_CLASSES = (
    "Wall Slab Beam Column Door Window Covering Railing Stair Roof PipeSegment DuctSegment "
    "CableCarrierSegment FlowTerminal Footing Plate Member CurtainWall Furniture Opening"
).split()
_STOREYS = [f"{number:02d} - Floor {number}" for number in range(-2, 28)]
_MATERIALS = [
    f"{kind} {grade}"
    for kind in ("Concrete", "Steel", "Timber", "Brick", "Glass", "Gypsum", "Insulation")
    for grade in ("C20/25", "C30/37", "S235", "S355", "GL24h", "Type A", "Type B", "12.5 mm")
]
# One in twenty-five does not count as work of its own.
_ROLES = ["physical"] * 24 + ["opening"]
_CODES = [f"{group}.{number}" for group in range(11, 99) for number in range(1, 4)]
# Name, kind, unit and median of each figure; the medians are as of walls.
_FIGURES = (
    ("Length", "length", "m", 2.7),
    ("Width", "length", "m", 0.2),
    ("Height", "length", "m", 2.9),
    ("GrossSideArea", "area", "m2", 7.9),
    ("NetSideArea", "area", "m2", 6.7),
    ("NetVolume", "volume", "m3", 1.3),
)
_DIGITS = 3


def make(folder: Path, elements: int, versions: int = 1) -> None:
    """Write a lake of so many elements in so many versions into `folder`, unless it is there."""
    ready = folder / "made.txt"
    if ready.is_file():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for number, start in enumerate(range(0, elements, MODEL_ELEMENTS), 1):
        for version in range(versions):
            _commit(folder, number, min(MODEL_ELEMENTS, elements - start), version)
    ready.write_text(f"{elements}\n", "utf-8")


def _commit(folder: Path, number: int, elements: int, version: int) -> None:
    layout = open_layout(folder, create=True)
    with Run(layout) as run:
        writer = SnapshotWriter(
            layout,
            run,
            ModelRef("ifc", "bench", f"bench-{number}", "Bench", f"Bench {number}"),
            source_version=SourceVersion("none", None, None),
            taken_at=_TAKEN_AT + timedelta(days=version),
            options={},
            libraries={},
        )
        chance, other = np.random.default_rng(number), np.random.default_rng([number, version])
        for first in range(0, elements, _BATCH):
            count = min(_BATCH, elements - first)
            differing = Differing.none(count) if not version else Differing.some(other, count)
            for table, columns in tables(chance, first, count, differing):
                writer.write(table, batch(table, columns))
        writer.commit(Proof("protocol_end", "made up"), [])


@dataclass(frozen=True)
class Differing:
    """Which elements of a later version are other ones, stand elsewhere, have another volume."""

    new: pa.Array
    guids: pa.Array
    moved: np.ndarray
    resized: np.ndarray

    @classmethod
    def none(cls, count: int) -> Differing:
        nobody = np.zeros(count, bool)
        return cls(pa.array(nobody), pa.nulls(count, pa.string()), nobody, nobody)

    @classmethod
    def some(cls, chance: np.random.Generator, count: int) -> Differing:
        what = chance.integers(0, 100, count)
        guids = _guids(chance, count)
        return cls(pa.array(what < 2), guids, (what >= 2) & (what < 4), (what >= 4) & (what < 9))


def tables(
    chance: np.random.Generator, first: int, count: int, differing: Differing
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of so many elements from number `first` on; columns that are left out are null."""
    guids, numbers = _guids(chance, count), np.arange(first, first + count, dtype=np.int32)
    guids = pc.if_else(differing.new, differing.guids, guids)
    storeys = (chance.integers(0, len(_STOREYS), count) + differing.moved) % len(_STOREYS)
    yield (
        "elements",
        {
            "element_id": guids,
            "element_no": numbers,
            "ifc_guid": guids,
            "ifc_guid_source": _same("given", count),
            "ifc_class": _of(_CLASSES, _skewed(chance, count, len(_CLASSES))),
            "name": pc.if_else(
                differing.new, "Other", _of(_CLASSES, _skewed(chance, count, len(_CLASSES)))
            ),
            "building_id": _same("main", count),
            "building_name": _same("Main", count),
            "storey_name": _of(_STOREYS, storeys),
            "storey_elevation_m": (storeys - 2) * 3.2,
            "role": _of(_ROLES, chance.integers(0, len(_ROLES), count)),
        },
    )
    for place, (name, kind, unit, median) in enumerate(_FIGURES):
        thousandths = (chance.lognormal(np.log(median), 0.5, count) * 10**_DIGITS).astype(np.int64)
        thousandths += differing.resized * (kind == "volume")
        values = thousandths / 10**_DIGITS
        yield (
            "quantities",
            {
                "element_id": guids,
                "element_no": numbers,
                "quantity": _same(name, count),
                "kind": _same(kind, count),
                "basis": _same("authored", count),
                "origin": _same("qto", count),
                "ordinal": np.full(count, place, np.int32),
                "source_set": _same("BaseQuantities", count),
                "source_name": _same(name, count),
                "source_value": pc.cast(pa.array(values), pa.string()),
                "source_unit": _same(unit, count),
                "unit_status": _same("declared", count),
                "value": values,
                "value_exact": _exact(thousandths),
                "unit": _same(unit, count),
            },
        )
    yield "materials", _of_some(chance, guids, numbers, "material", _MATERIALS, role="single")
    yield "codes", _of_some(chance, guids, numbers, "code", _CODES, system="Elements")


def _of_some(
    chance: np.random.Generator,
    guids: pa.Array,
    numbers: np.ndarray,
    name: str,
    texts: Sequence[str],
    **same: str,
) -> dict[str, Any]:
    """A text of nine in ten elements, the others have no row."""
    having = np.flatnonzero(chance.integers(0, 10, len(numbers)) > 0)
    return {
        "element_id": guids.take(pa.array(having)),
        "element_no": numbers[having],
        "ordinal": np.zeros(len(having), np.int32),
        name: _of(texts, _skewed(chance, len(having), len(texts))),
        **{column: _same(text, len(having)) for column, text in same.items()},
    }


def batch(table: str, columns: dict[str, Any]) -> pa.RecordBatch:
    count = len(columns["element_no"])
    traced = {
        "evidence_no": np.zeros(count, np.int32),
        "source_row": columns["element_no"].astype(np.int64),
        **columns,
    }
    schema = TABLES[table].decoded
    arrays = [
        pa.nulls(count, field.type)
        if field.name not in traced
        else traced[field.name]
        if isinstance(traced[field.name], pa.Array)
        else pa.array(traced[field.name], field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _guids(chance: np.random.Generator, count: int) -> pa.Array:
    """22 letters each, of which the first stands for two bits only."""
    places = chance.integers(0, len(_LETTERS), (count, 22))
    places[:, 0] %= 4
    ends = np.arange(count + 1, dtype=np.int32) * 22
    letters = _LETTERS[places].tobytes()
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(letters))


def _exact(thousandths: np.ndarray) -> pa.Array:
    """The figures as decimals of twelve digits, from 128-bit integers, low half first."""
    halves = np.zeros((len(thousandths), 2), np.int64)
    halves[:, 0] = thousandths * 10 ** (12 - _DIGITS)
    buffers = [None, pa.py_buffer(halves)]
    return pa.Array.from_buffers(pa.decimal128(32, 12), len(thousandths), buffers)


def _of(texts: Sequence[str], places: np.ndarray) -> pa.Array:
    return pa.array(texts).take(pa.array(places))


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(text, count)


def _skewed(chance: np.random.Generator, count: int, kinds: int) -> np.ndarray:
    """Indices of which the first are much more frequent than the last."""
    return np.minimum(chance.zipf(1.4, count) - 1, kinds - 1)


if __name__ == "__main__":
    make(Path(sys.argv[1]), *map(int, sys.argv[2:]))
