"""Bars of the sums of a result, drawn from its header alone: no report is known by its name.

Sums are decimals beside a number of elements; lists of single elements have no chart. Each bar is
one line, under the texts that tell it from others: nothing is added up here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from takeoff.core.plain import harmless, is_whole, number
from takeoff.core.results import Result, ResultColumn

CHARTS = 6
BARS = 12
NAMES_OF_A_BAR = 3
# Units of columns that hold sums; others are rates, densities, sizes.
_UNITS_OF_SUMS = ("m", "m2", "m3", "kg")
# Sums whose unit stands in the row, and in which column.
_UNIT_COLUMNS = {"value": ("si_unit", "unit"), "delta": ("unit",), "amount": ("currency",)}
# Text that is about the figure, not about the line.
_OF_FIGURE = ("quantity", "unit", "si_unit", "basis", "currency", "rate_unit", "declared_unit")
_NOT_STATED = "not stated"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Bar:
    """One line: its name, its figure with all digits, and where its bar lies, in percent."""

    name: str
    figure: str
    start: str
    width: str
    is_negative: bool


@dataclass(frozen=True)
class Chart:
    """The largest bars of one figure, of `lines` that have it; `unknown` is how many lack it."""

    title: str
    unit: str | None
    bars: tuple[Bar, ...]
    lines: int
    unknown: int


def charts(result: Result) -> list[Chart]:
    """At most CHARTS, in the order of the result; none of a single line or of zeros alone."""
    if not any(_counts_elements(column.name) for column in result.columns):
        return []
    names = [column.name for column in result.columns]
    if len({*names}) < len(names):
        return []
    rows = result.table.rename_columns(names).to_pylist()
    labels = _labels(result, rows)
    drawn = (chart for column in _sums(result) for chart in _of_column(column, rows, labels))
    return [chart for chart, _ in zip(drawn, range(CHARTS), strict=False)]


def _counts_elements(name: str) -> bool:
    return name == "counted" or name.endswith("elements")


def _sums(result: Result) -> list[ResultColumn]:
    return [
        column
        for column, type_ in zip(result.columns, result.table.schema.types, strict=True)
        if pa.types.is_decimal(type_)
        and not is_whole(type_)
        and (column.unit in _UNITS_OF_SUMS or column.name in _UNIT_COLUMNS)
    ]


def _of_column(column: ResultColumn, rows: Sequence[Row], labels: Sequence[str]) -> Iterator[Chart]:
    """A chart for each quantity and unit: figures of two are never held against each other."""
    groups: dict[tuple[Any, Any], list[Row]] = {}
    lacking: dict[Any, int] = {}
    for row in rows:
        if row[column.name] is None:
            lacking[_quantity(row)] = lacking.get(_quantity(row), 0) + 1
        else:
            groups.setdefault((_quantity(row), _unit(column, row)), []).append(row)
    for (quantity, unit), known in groups.items():
        bars = _bars([(_name(row, labels), row[column.name]) for row in known])
        if len(known) > 1 and bars:
            title = column.name if quantity is None else _titled(column, quantity)
            shown = None if unit in (None, "", "1") else harmless(str(unit))
            yield Chart(harmless(title), shown, bars, len(known), lacking.get(quantity, 0))


def _quantity(row: Row) -> str | None:
    quantity = row.get("quantity")
    return quantity if isinstance(quantity, str) else None


def _unit(column: ResultColumn, row: Row) -> str | None:
    if column.unit is not None:
        return column.unit
    named = (row[name] for name in _UNIT_COLUMNS[column.name] if name in row)
    return next(named, None)


def _titled(column: ResultColumn, quantity: str) -> str:
    return quantity if column.name == "value" else f"{quantity}, {column.name}"


def _labels(result: Result, rows: Sequence[Row]) -> list[str]:
    """The first columns of text that tell lines apart that those before them do not.

    They are the same in all charts, so that a bar says whose it is even where only walls have one.
    """
    texts = [
        column.name
        for column, type_ in zip(result.columns, result.table.schema.types, strict=True)
        if pa.types.is_string(type_) and column.name not in _OF_FIGURE
    ]
    chosen: list[str] = []
    told_apart = 1
    for name in texts:
        names = {_name(row, [*chosen, name]) for row in rows}
        if len(names) > told_apart and len(chosen) < NAMES_OF_A_BAR:
            chosen.append(name)
            told_apart = len(names)
    return chosen


def _name(row: Row, labels: Sequence[str]) -> str:
    return harmless(" / ".join(_NOT_STATED if row[name] is None else row[name] for name in labels))


def _bars(named: Sequence[tuple[str, Decimal]]) -> tuple[Bar, ...]:
    """The largest ones, whatever their sign, on one scale that holds zero."""
    largest = sorted(named, key=lambda one: -abs(one[1]))[:BARS]
    least = min(Decimal(0), *(value for _, value in largest))
    span = max(Decimal(0), *(value for _, value in largest)) - least
    if not span:
        return ()
    return tuple(
        Bar(
            name=name,
            figure=str(number(value)),
            start=_percent(min(value, Decimal(0)) - least, span),
            width=_percent(abs(value), span),
            is_negative=value < 0,
        )
        for name, value in largest
    )


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{100 * part / whole:.2f}%"
