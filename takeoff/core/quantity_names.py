"""From the names that programs give their quantities to those of the IFC4X3 standard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from takeoff.core.errors import InputRefused

_COLUMNS = {"source_name", "kind", "ifc_classes", "sets", "quantity"}
_ANY = ""


class QuantityNames:
    """An exact table: a name that it does not hold, or holds with two answers, maps to none."""

    def __init__(self, table: Mapping[tuple[str, str, str, str], str | None]) -> None:
        self._table = table

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str]]) -> QuantityNames:
        """From rows with the columns source_name, kind, ifc_classes, sets, quantity.

        `ifc_classes` (without Ifc) and `sets` are lists separated by `|`; empty means any. Two rows
        that give one name two quantities for the same class and set make it ambiguous.
        Raises: InputRefused if a row lacks a column.
        """
        table: dict[tuple[str, str, str, str], str | None] = {}
        for row in rows:
            given = {name for name, value in row.items() if value is not None}
            if missing := sorted(_COLUMNS - given):
                raise InputRefused(
                    f"The quantity names lack the column '{missing[0]}' in the row {dict(row)}."
                )
            for ifc_class in row["ifc_classes"].split("|"):
                for set_name in row["sets"].split("|"):
                    key = (row["source_name"], row["kind"], ifc_class.strip(), set_name.strip())
                    known = table.setdefault(key, row["quantity"])
                    if known != row["quantity"]:
                        table[key] = None
        return cls(table)

    def quantity(
        self, source_name: str | None, kind: str, ifc_class: str, set_name: str | None
    ) -> str | None:
        """The IFC4X3 name for a figure of `kind` that a source calls `source_name`; null if none.

        The row that says most counts: class and set, then set, then class, then neither.
        """
        if source_name is None:
            return None
        for wanted_class, wanted_set in (
            (ifc_class, set_name or _ANY),
            (_ANY, set_name or _ANY),
            (ifc_class, _ANY),
            (_ANY, _ANY),
        ):
            key = (source_name, kind, wanted_class, wanted_set)
            if key in self._table:
                return self._table[key] or None
        return None
