"""The lines under one another, storey over class over type, with a subtotal on each level.

It is a sheet of its own, because Excel's tables can hold no rows of subtotals. Each quantity has a
column, so nothing of two units is added up. Subtotals are formulas that leave out other subtotals,
and count what is folded away: SUBTOTAL(9, ...), not 109, which is for filters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

import pyarrow as pa
from xlsxwriter.utility import xl_range

from takeoff.core.plain import is_whole
from takeoff.core.results import Result
from takeoff.render.xlsx.looks import Looks
from takeoff.render.xlsx.sheets import WIDEST_PAGE, Sheet, set_up_page
from takeoff.render.xlsx.totals import Figure, Lines, added_up, figures
from takeoff.render.xlsx.words import clean, shortened

MOST_LINES = 5_000
MOST_COLUMNS = 60
LEVELS = range(2, 8)  # Excel folds seven at most, and one needs no folding
NOT_STATED = "not stated"
_SHADES = ("#D6DCE4", "#E7EBF0", "#F3F5F8")
_UNITS_OF_SIZES = ("mm", "mm2")
# Text that is about the figure, not about the line.
_OF_FIGURE = ("quantity", "unit", "si_unit", "basis", "currency", "rate_unit", "declared_unit")
# A column that names what the one before it identifies.
_NAMES = {"model_id": "model_name", "building_id": "building_name", "code": "title"}


@dataclass(frozen=True)
class Column:
    """One figure in one quantity and unit."""

    title: str
    unit: str


Cells: TypeAlias = dict[Column, Decimal | None]


@dataclass
class Node:
    """What lines have in common; a line is one with nothing below it: it has one of `lines`."""

    label: str
    below: dict[object, Node] = field(default_factory=dict)
    lines: list[tuple[str, Cells]] = field(default_factory=list)


@dataclass(frozen=True)
class Outline:
    """`levels` are headings; nothing is added up above the level `added_from`, from 0."""

    levels: tuple[str, ...]
    columns: tuple[Column, ...]
    added_from: int
    top: Node


def read_outline(result: Result, lines: Lines) -> Outline | None:
    """Null where lines do not add up, stand on one level, or are too many for one to unfold."""
    if not 1 < result.table.num_rows <= MOST_LINES:
        return None
    summed = [figure for figure in figures(result, lines) if _is_shown(figure, lines)]
    in_rows = {figure.quantity_column is not None for figure in summed}
    if len(in_rows) != 1:
        return None
    levels = _levels(result, lines, summed)
    if len(levels) not in LEVELS:
        return None
    cells = list(_merged(summed, lines))
    columns = _columns(cells)
    if not 0 < len(columns) <= MOST_COLUMNS:
        return None
    within = {place for figure in summed for place in figure.within}
    held = [number for number, level in enumerate(levels) if within.intersection(level)]
    top = Node("Total")
    for row, of_row in enumerate(cells):
        node = top
        for level in levels:
            key, label = _label(lines, level, row)
            node = node.below.setdefault(key, Node(label))
        _put(node, _sizes(result, lines, row), of_row, shared=True in in_rows)
    return Outline(
        levels=tuple(lines.names[level[-1]] for level in levels),
        columns=tuple(columns),
        added_from=held[-1] + 1 if held else 0,
        top=_settled(top),
    )


def write_outline(sheet: Sheet, result: Result, tree: Outline, looks: Looks) -> None:
    """Rows of a group stand below it, and fold."""
    deep = len(tree.levels)
    sheet.outline_settings(True, False, True, False)
    widths = [*([18] * (deep - 1)), 40]
    for position, heading in enumerate(tree.levels):
        sheet.write_string(0, position, clean(heading), looks.heading)
    for position, column in enumerate(tree.columns, start=deep):
        says_unit = column.unit == "1" or column.title.endswith(f"_{column.unit}")
        title = column.title if says_unit else f"{column.title} [{column.unit}]"
        sheet.write_string(0, position, shortened(title, 255, ""), looks.figure_heading)
        widths.append(min(60, max(14, len(column.title) + 8)))
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width)
    for row, (node, depth, below) in enumerate(_in_order(tree.top, -1), start=1):
        _write_row(sheet, row, tree, node, depth, below, looks)
    sheet.freeze_panes(1, deep)
    sheet.repeat_rows(0)
    set_up_page(sheet, result.provenance, pages=1 + sum(widths) // WIDEST_PAGE)


def _write_row(
    sheet: Sheet, row: int, tree: Outline, node: Node, depth: int, below: int, looks: Looks
) -> None:
    """A line, or a group whose `below` rows follow it."""
    deep = len(tree.levels)
    shade = {"bold": True, "bg_color": _SHADES[min(depth + 1, 2)]} if below else {}
    if depth > 0:
        sheet.set_row(row, None, None, {"level": depth})
    for position in range(deep if below else 0):
        sheet.write_blank(row, position, None, looks.of(**shade))
    sheet.write_string(row, min(max(depth, 0), deep - 1), node.label, looks.of(**shade))
    for place, column in enumerate(tree.columns, start=deep):
        look, value = looks.figure(column.unit, **shade), _value(node, column)
        if value is None or depth + 1 < tree.added_from:
            sheet.write_blank(row, place, None, look)
        elif below:
            cells = xl_range(row + 1, place, row + below, place)
            sheet.write_formula(row, place, f"=SUBTOTAL(9,{cells})", look, float(value))
        else:
            sheet.write_number(row, place, float(value), look)


def _is_shown(figure: Figure, lines: Lines) -> bool:
    """Of figures beside their quantity the one that all have, so that columns stay few; no money.

    A bill has a layout of its own, under groups and with totals.
    """
    in_rows = figure.quantity_column is not None
    return lines.names[figure.column] == "value" if in_rows else figure.unit_column is None


def _levels(result: Result, lines: Lines, summed: Sequence[Figure]) -> list[tuple[int, ...]]:
    """Columns of text before the figures, those first over which nothing may be added up.

    A column and the one that names it are one level; what is the same on all lines is none.
    """
    is_text = [pa.types.is_string(type_) for type_ in lines.types]
    ends = [summed[0].column]
    if summed[0].quantity_column is not None:
        ends.append(summed[0].quantity_column)
    within = {place for figure in summed for place in figure.within}
    places = [*sorted(within), *(i for i in range(min(ends)) if i not in within)]
    levels: list[tuple[int, ...]] = []
    for place in places:
        name = lines.names[place]
        if not is_text[place] or name in _OF_FIGURE or name in _named(lines):
            continue
        named = lines.place(_NAMES.get(name, ""))
        level = (place,) if named is None else (place, named)
        if len(set(lines.values(place))) > 1:
            levels.append(level)
    return levels


def _named(lines: Lines) -> list[str]:
    return [name for key, name in _NAMES.items() if key in lines.names]


def _label(lines: Lines, level: Sequence[int], row: int) -> tuple[object, str]:
    """What tells it from others, and what it is called."""
    words = [lines.words(place)[row] for place in level]
    known = [word for word in words if word]
    is_code = lines.names[level[0]] == "code"
    called = " ".join(known) if is_code else "".join(known[-1:])
    return lines.values(level[0])[row], called or NOT_STATED


def _merged(summed: Sequence[Figure], lines: Lines) -> Iterator[Cells]:
    """What each line has in all its figures, after its elements where no quantity counts them."""
    counted = lines.place("elements")
    counts = counted is not None and all(f.counts_elements and f.unit for f in summed)
    of_rows = zip(*(_cells(figure, lines) for figure in summed), strict=True)
    for row, of_row in enumerate(of_rows):
        first: Cells = {}
        if counted is not None and counts:
            first[Column("elements", "1")] = _decimal(lines.values(counted)[row])
        yield first | {column: value for cells in of_row for column, value in cells.items()}


def _cells(figure: Figure, lines: Lines) -> Iterator[Cells]:
    """For each line the columns in which it has something: its figure, and what that misses."""
    name = lines.names[figure.column]
    in_rows = figure.quantity_column is not None and figure.unit_column is not None
    without = _without(figure, lines)
    for row, value in enumerate(lines.values(figure.column)):
        quantity, unit = name, figure.unit or ""
        if in_rows:
            quantity, unit = (lines.words(place)[row] for place in figure.keys[-2:])
        found: Cells = {}
        if unit:
            found[Column(quantity, unit)] = value if isinstance(value, Decimal) else None
        if without is not None and without[row] is not None:
            found[Column(f"without {quantity}", "1")] = without[row]
        yield found


def _without(figure: Figure, lines: Lines) -> list[Decimal | None] | None:
    """The elements of each line that its figure leaves out; null where lines do not say."""
    beside = figure.column + 1
    if not figure.counts_elements:
        return None
    if beside < len(lines.names) and lines.names[beside].startswith("without_"):
        return [_decimal(value) for value in lines.values(beside)]
    elements, counted = lines.place("elements"), lines.place("counted")
    if elements is None or counted is None:
        return None
    pairs = zip(lines.values(elements), lines.values(counted), strict=True)
    return [
        None if (a := _decimal(all_)) is None or (b := _decimal(known)) is None else a - b
        for all_, known in pairs
    ]


def _decimal(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) else None


def _columns(rows: Sequence[Cells]) -> list[Column]:
    """Those that hold anything but zeros, each quantity with what it misses right after it."""
    filled = dict.fromkeys(column for row in rows for column, value in row.items() if value)
    shown = dict.fromkeys(column for row in rows for column in row if _is_figure(column))
    places = {column.title: number for number, column in enumerate(shown)}
    missing = [column for column in filled if not _is_figure(column)]
    shown |= dict.fromkeys(missing)
    return sorted(shown, key=lambda one: (places.get(_title(one), -1), not _is_figure(one)))


def _is_figure(column: Column) -> bool:
    return not column.title.startswith("without ")


def _title(column: Column) -> str:
    return column.title.removeprefix("without ")


def _sizes(result: Result, lines: Lines, row: int) -> str:
    """What tells lines apart that have the same names: their sizes, such as width_mm 900."""
    return ", ".join(
        f"{column.name} {lines.words(place)[row] or NOT_STATED}"
        for place, (column, type_) in enumerate(zip(result.columns, lines.types, strict=True))
        if column.unit in _UNITS_OF_SIZES and is_whole(type_)
    )


def _put(node: Node, sizes: str, cells: Cells, *, shared: bool) -> None:
    """Among the lines of one group: figures in several quantities share a line if they may."""
    for _, line in node.lines if shared else ():
        if not line.keys() & cells.keys():
            line.update(cells)
            return
    node.lines.append((sizes or node.label, cells))


def _settled(node: Node) -> Node:
    """The group with its lines below it; the line itself if there is only one."""
    if len(node.lines) > 1:
        node.below = {n: Node(line[0], lines=[line]) for n, line in enumerate(node.lines)}
    for below in node.below.values():
        _settled(below)
    return node


def _in_order(node: Node, depth: int) -> Iterator[tuple[Node, int, int]]:
    """Each node before what is below it, with its depth from -1 and how many rows that takes."""
    yield node, depth, _size(node) - 1
    for below in node.below.values():
        yield from _in_order(below, depth + 1)


def _size(node: Node) -> int:
    return 1 + sum(_size(below) for below in node.below.values())


def _value(node: Node, column: Column) -> Decimal | None:
    """Its own, or the sum of the lines below it; null if none of them has one."""
    if not node.below:
        return node.lines[0][1].get(column)
    known = [_value(below, column) for below in node.below.values()]
    return added_up([value for value in known if value is not None])
