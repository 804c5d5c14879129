"""What the figures of a result add up to, by its header alone: no report is known by its name.

Only lines of which it is known what they add up to have totals, and only sums do: decimals in a
unit of length, area, volume or mass; figures beside a quantity and its unit; amounts of money.
Figures of two quantities, units or models are never added up; those of two trades, which may both
measure one wall, only where they are money.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from functools import cached_property

import pyarrow as pa

from takeoff.core.plain import is_whole
from takeoff.core.results import Result
from takeoff.render.xlsx.words import clean

COVERAGE = ("elements", "counted", "missing", "doubtful")
# Units of columns that hold sums; others are rates, densities, sizes.
_UNITS_OF_SUMS = ("m", "m2", "m3", "kg")
_OF_PIECES = ("m3", "kg")
_WIDE = Context(prec=80)


@dataclass(frozen=True)
class Figure:
    """A column that adds up, and the columns that tell what may be added to what.

    `unit` is null where `unit_column` says it in each row; `quantity_column` likewise is null where
    the figure is of one quantity. `counts_elements`: so do the numbers of elements beside it.
    """

    column: int
    within: tuple[int, ...]
    counts_elements: bool
    quantity_column: int | None = None
    unit_column: int | None = None
    unit: str | None = None

    @property
    def keys(self) -> tuple[int, ...]:
        """The columns whose values are the same in all lines of a total."""
        named = (self.quantity_column, self.unit_column)
        return (*self.within, *(column for column in named if column is not None))


@dataclass(frozen=True)
class Total:
    """The sum of `known` of `lines`. `keys` are the values of the figure's key columns, "" if null.

    `value` is null if no line has one, or its unit is not known. `coverage` is by COVERAGE; null
    where the result does not say it, or lines hold pieces of the same elements.
    """

    figure: Figure
    keys: tuple[str, ...]
    unit: str | None
    value: Decimal | None
    lines: int
    known: int
    coverage: Mapping[str, int | None]

    @property
    def quantity(self) -> str | None:
        """As the lines name it; null where the heading of the figure's column does."""
        column = self.figure.quantity_column
        return None if column is None else self.keys[self.figure.keys.index(column)]


class Lines:
    """The columns of a result as they are needed, each read once."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._read: dict[int, list[object]] = {}
        self._worded: dict[int, list[str]] = {}
        self.names = [column.name for column in result.columns]

    def values(self, column: int) -> Sequence[object]:
        """One for each line, unknown is null."""
        if column not in self._read:
            self._read[column] = self._result.table.column(column).to_pylist()
        return self._read[column]

    def words(self, column: int) -> list[str]:
        """The texts as their cells hold them, "" for unknown."""
        if column not in self._worded:
            values = self.values(column)
            self._worded[column] = ["" if v is None else clean(str(v)) for v in values]
        return self._worded[column]

    @cached_property
    def types(self) -> list[pa.DataType]:
        """The Arrow type of each column."""
        return list(self._result.table.schema.types)

    def place(self, name: str) -> int | None:
        """Which column is called so; null if none or several are."""
        return self.names.index(name) if self.names.count(name) == 1 else None


def figures(result: Result, lines: Lines) -> list[Figure]:
    """The columns that add up, in their order; none if it is not known what lines add up to."""
    adds_up = result.adds_up
    if adds_up is None:
        return []
    placed = [lines.place(name) for name in adds_up.within]
    within = tuple(place for place in placed if place is not None)
    return [
        figure
        for place, type_ in enumerate(lines.types)
        if pa.types.is_decimal(type_) and not is_whole(type_)
        for figure in _figure(result, lines, Figure(place, within, not adds_up.holds_pieces))
    ]


def totals(result: Result, lines: Lines) -> list[Total]:
    """A line for each figure, and each quantity, unit, model, ... of it, in the result's order."""
    return [
        total for figure in figures(result, lines) for total in _of_figure(result, lines, figure)
    ]


def added_up(values: Sequence[Decimal]) -> Decimal | None:
    """The sum, to the last digit; unknown if there are none."""
    with localcontext(_WIDE):
        return sum(values, Decimal(0)) if values else None


def _figure(result: Result, lines: Lines, bare: Figure) -> Iterator[Figure]:
    """How this column adds up, if it does."""
    assert result.adds_up is not None
    column = result.columns[bare.column]
    if column.name == "amount" and (currency := lines.place("currency")) is not None:
        within = tuple(i for i in bare.within if lines.names[i] != "trade")
        yield replace(bare, within=within, counts_elements=False, unit_column=currency)
    elif column.unit in (_OF_PIECES if result.adds_up.holds_pieces else _UNITS_OF_SUMS):
        yield replace(bare, unit=column.unit)
    elif column.name in ("value", "delta", "difference") or column.name.endswith("_value"):
        quantity, unit = lines.place("quantity"), lines.place("unit")
        if quantity is not None and unit is not None and pa.types.is_string(lines.types[quantity]):
            yield replace(bare, quantity_column=quantity, unit_column=unit)


def _of_figure(result: Result, lines: Lines, figure: Figure) -> Iterator[Total]:
    columns = [lines.words(column) for column in figure.keys]
    keys = list(zip(*columns, strict=True)) if columns else [()] * result.table.num_rows
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, key in enumerate(keys):
        groups.setdefault(key, []).append(row)
    if figure.unit_column is not None:
        groups = _with_unit(groups)
    for key, rows in groups.items():
        yield _total(lines, figure, key, rows)


def _with_unit(groups: Mapping[tuple[str, ...], list[int]]) -> dict[tuple[str, ...], list[int]]:
    """Lines without a unit, as they have no figure, stand with the others if these have but one.

    The unit is the last of the keys.
    """
    units: dict[tuple[str, ...], list[str]] = {}
    for *others, unit in groups:
        if unit:
            units.setdefault(tuple(others), []).append(unit)
    joined: dict[tuple[str, ...], list[int]] = {}
    for key, rows in groups.items():
        known = units.get(key[:-1], [])
        whole = (*key[:-1], known[0]) if not key[-1] and len(known) == 1 else key
        joined.setdefault(whole, []).extend(rows)
    return joined


def _total(lines: Lines, figure: Figure, keys: tuple[str, ...], rows: Sequence[int]) -> Total:
    values = lines.values(figure.column)
    known = [value for row in rows if isinstance(value := values[row], Decimal)]
    unit = keys[-1] if figure.unit_column is not None else figure.unit
    return Total(
        figure=figure,
        keys=keys,
        unit=unit or None,
        value=added_up(known) if unit else None,
        lines=len(rows),
        known=len(known),
        coverage=_coverage(lines, figure, rows),
    )


def _coverage(lines: Lines, figure: Figure, rows: Sequence[int]) -> dict[str, int | None]:
    """How many elements the figures are of; `without_...` beside a figure are what it misses."""
    places = {name: lines.place(name) for name in COVERAGE}
    beside = figure.column + 1
    if beside < len(lines.names) and lines.names[beside].startswith("without_"):
        places["missing"] = beside
    if not figure.counts_elements:
        places = dict.fromkeys(places)
    return {
        name: None if place is None else _count(lines.values(place), rows)
        for name, place in places.items()
    }


def _count(values: Sequence[object], rows: Sequence[int]) -> int:
    return sum(int(value) for row in rows if isinstance(value := values[row], int | Decimal))
