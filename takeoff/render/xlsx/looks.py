"""How cells look: figures by their unit, and words that mean good or bad in colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import xlsxwriter

from takeoff.core.plain import is_number, is_whole
from takeoff.core.results import Result, ResultColumn
from takeoff.core.units import SHOWN_DECIMALS
from takeoff.render import figure_units

# A figure keeps all its digits in the cell; these are the ones that show.
_DECIMALS = SHOWN_DECIMALS | {"m": 3, "m2": 3, "kg CO2e": 1}
_CURRENCY = re.compile("[A-Z]{3}")
_MONEY, _RATE = "#,##0.00", "#,##0.00####"
_OF_MONEY = {"amount": _MONEY, "rate": _RATE, "unit_rate": _RATE}

_GOOD = {"bg_color": "#C6EFCE", "font_color": "#006100"}
_BAD = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}
_DOUBTFUL = {"bg_color": "#FFEB9C", "font_color": "#7F4F00"}
_TOLD = {"bg_color": "#DDEBF7", "font_color": "#1F4E78"}
_TONES = {
    "severity": {"error": _BAD, "warning": _DOUBTFUL, "note": _TOLD},
    "change": {"added": _GOOD, "removed": _BAD, "changed": _DOUBTFUL, "moved": _TOLD},
}
_HEADING = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4"}

# Text of the next column begins at the left, so figures keep away from it.
_RIGHT = {"align": "right", "indent": 1}


class Looks:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.heading = self.of(**_HEADING)
        self.figure_heading = self.of(**_HEADING, **_RIGHT)
        self.label = self.of(bold=True, valign="top")
        self.sentence = self.of(text_wrap=True, valign="top")

    def of(self, **properties: Any) -> Any:
        """The format with these properties of xlsxwriter."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def figure(self, unit: str | None, **properties: Any) -> Any:
        """Of a figure in this unit; of one in none that we know, as the program shows numbers."""
        shown = number_format(unit)
        bare = properties | _RIGHT
        return self.of(**bare) if shown is None else self.of(num_format=shown, **bare)

    def of_columns(self, result: Result, table: pa.Table) -> Iterator[list[Any]]:
        """For each column, the format of each row of `table`, a slice of the result."""
        names = [column.name for column in result.columns]
        for place, units in enumerate(figure_units(result, table)):
            column, cells = result.columns[place], table.column(place)
            if not is_number(cells.type):
                yield self._of_words(column, cells)
            elif column.name in _OF_MONEY and "currency" in names:
                yield [self.of(num_format=_OF_MONEY[column.name], **_RIGHT)] * table.num_rows
            else:
                usual = "1" if is_whole(cells.type) and not column.is_label else None
                known = [usual if unit is None else unit for unit in units]
                yield self._of_figures(column, cells, known)

    def _of_words(self, column: ResultColumn, cells: pa.ChunkedArray) -> list[Any]:
        tones = _TONES.get(column.name)
        if tones is None:
            return [None] * len(cells)
        looks = {word: self.of(**tone) for word, tone in tones.items()}
        return [looks.get(word) for word in cells.to_pylist()]

    def _of_figures(
        self, column: ResultColumn, cells: pa.ChunkedArray, units: list[str | None]
    ) -> list[Any]:
        """What came, went or changed has the colour of that word, unless it is nothing."""
        tone = _TONES["change"].get(column.name.split("_")[0], {})
        plain = {unit: self.figure(unit) for unit in {*units}}
        if not tone:
            return [plain[unit] for unit in units]
        toned = {unit: self.figure(unit, **tone) for unit in plain}
        values = cells.to_pylist()
        return [(toned if v else plain)[unit] for v, unit in zip(values, units, strict=True)]


def number_format(unit: str | None) -> str | None:
    """As Excel writes formats; null for units that we do not know."""
    if unit is not None and _CURRENCY.fullmatch(unit):
        return _MONEY
    decimals = None if unit is None else _DECIMALS.get(unit)
    if decimals is None:
        return None
    return "#,##0." + "0" * decimals if decimals else "#,##0"
