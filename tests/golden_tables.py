"""Reports as text, to be compared with the tables in tests/golden, which people read."""

from __future__ import annotations

import csv
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

_FOLDER = Path(__file__).parent / "golden"


def golden(name: str) -> list[list[str]]:
    """The table kept for this report: names of columns, then lines."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def as_golden(table: pa.Table, leave_out: Collection[str] = ()) -> list[list[str]]:
    """The answer as it is kept, without the columns that differ from run to run."""
    names = [name for name in table.column_names if name not in leave_out]
    return [names, *([_text(row[name]) for name in names] for row in table.to_pylist())]


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)
