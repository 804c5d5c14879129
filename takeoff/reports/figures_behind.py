"""The figures behind what elements give to a report's lines: as stated, as parts, as openings.

A figure is the one that reports pick. Behind a sum of parts stand the parts' figures, behind what
openings take away the openings with their sizes, and behind figures that disagree all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from takeoff.core.plain import number
from takeoff.engines.engine import Engine
from takeoff.engines.formulas import OPENING_FIGURES, read_formulas
from takeoff.reports import explained_rows as rows_of
from takeoff.reports.asked import Asked
from takeoff.reports.explained_rows import Key, Row, read_of

# The mart whose rows stand behind lines that are measured by rule.
MEASURED = "bill_elements"

_DEEPEST = 4
# What the size of an opening is made of, the better first.
_SIZES = {"Area": (("Area",), ("Width", "Height")), "Volume": (("NetVolume",), ("Volume",))}


@dataclass(frozen=True)
class Figures:
    """What is known of some elements' figures; read once by `read_figures`, asked many times."""

    elements: Mapping[Key, Row]
    picked: Mapping[tuple[Key, str], Row]
    stated: Mapping[tuple[Key, str], Sequence[Row]]
    written: Mapping[tuple[Key, str], Sequence[Row]]
    parts: Mapping[Key, Sequence[Key]]
    openings: Mapping[Key, Sequence[Row]] = field(default_factory=dict)
    fillings: Mapping[Key, Sequence[Key]] = field(default_factory=dict)
    by_rule: Mapping[tuple[Key, int, str], Row] = field(default_factory=dict)

    def of_quantity(self, element: Key, quantity: str) -> list[Row]:
        """The figure picked of a quantity, and what it is made of; one row without value if none.

        Count is the element itself; StatedCount is the count that the model states.
        """
        if quantity == "Count":
            return [self._itself(element)]
        stated = "Count" if quantity == "StatedCount" else quantity
        return self._picked(element, stated, 0) or [self._nothing(element, quantity)]

    def used(self, element: Key, quantity: str) -> Row | None:
        """What reports use: the figure picked, its value null if doubtful; null if there is none.

        A quantity in quotes is a name as sources write it, whatever quantity that is.
        """
        if quantity.startswith('"'):
            return self._used_as_written(element, quantity)
        stated = "Count" if quantity == "StatedCount" else quantity
        return self.picked.get((element, stated))

    def _used_as_written(self, element: Key, quantity: str) -> Row | None:
        rows = [row for row in self._named(element, quantity) if row["value_exact"] is not None]
        if not rows:
            return None
        if len({row["value_exact"] for row in rows}) == 1:
            because = f"its source names it {quantity}"
            return {**rows[0], "is_doubtful": False, "picked_because": because}
        because = f"none picked: figures that sources name {quantity} differ"
        told = {"value_exact": None, "ordinal": None, "is_doubtful": True}
        return {**rows[0], **told, "picked_because": because}

    def _named(self, element: Key, quantity: str) -> Sequence[Row]:
        """All figures stated of a quantity, or of a name in quotes."""
        if quantity.startswith('"'):
            return self.written.get((element, quantity.strip('"')), ())
        return self.stated.get((element, quantity), ())

    def are_unusable(self, element: Key, quantities: Sequence[str]) -> bool:
        """Whether it has figures of these quantities, but none that can be used."""
        used = [self.used(element, name) for name in quantities]
        if any(row is not None and row["value_exact"] is not None for row in used):
            return False
        return any(used) or any(self._named(element, name) for name in quantities)

    def first_of(self, element: Key, quantities: Sequence[str]) -> str:
        """Of quantities that stand in for one another the first that has a value, or else a doubt.

        The first of all if none has either.
        """
        used = {name: row for name in quantities if (row := self.used(element, name)) is not None}
        known = (name for name, row in used.items() if row["value_exact"] is not None)
        return next(known, next(iter(used), quantities[0]))

    def of_rule(
        self, element: Key, rule_no: int, name: str, opening_above: Decimal | None
    ) -> list[Row]:
        """What stands behind a name of a formula: a quantity, one of a basis, Count, openings."""
        basis, _, quantity = name.rpartition(".")
        if name in OPENING_FIGURES:
            return list(self._openings(element, rule_no, name, opening_above))
        if not basis:
            return self.of_quantity(element, quantity)
        return self._of_basis(element, rule_no, name, basis, quantity)

    def itself(self, element: Key) -> Row:
        """The element's own record, where no figure stands behind what it gives."""
        return {**self._whose(element), "figure": None}

    def _picked(self, element: Key, quantity: str, depth: int) -> list[Row]:
        picked = self.used(element, quantity)
        stated = self._named(element, quantity)
        if picked is None:
            return [self._stated(element, row, False, _why_unusable(row)) for row in stated]
        because = picked["picked_because"]
        if picked["origin"] == "rule":
            return [self._sum_of_parts(element, picked), *self._of_parts(element, quantity, depth)]
        if picked["ordinal"] is not None:
            row = next(row for row in stated if row["ordinal"] == picked["ordinal"])
            return [self._stated(element, row, not picked["is_doubtful"], because)]
        return [
            self._stated(element, row, False, because)
            for row in stated
            if quantity.startswith('"')
            or (row["basis"], row["source_set"]) == (picked["basis"], picked["source_set"])
        ]

    def _of_parts(self, element: Key, quantity: str, depth: int) -> list[Row]:
        if depth == _DEEPEST:
            return []
        return [
            row
            for part in self.parts.get(element, ())
            for row in self._picked(part, quantity, depth + 1)
        ]

    def _of_basis(
        self, element: Key, rule_no: int, name: str, basis: str, quantity: str
    ) -> list[Row]:
        """A formula that names a basis reads the figure of that, whatever reports pick."""
        read = self.by_rule.get((element, rule_no, name))
        stated = "Count" if quantity == "StatedCount" else quantity
        rows = [row for row in self.stated.get((element, stated), ()) if row["basis"] == basis]
        if read is None or not rows:
            picked = self.picked.get((element, stated))
            if picked is not None and picked["basis"] == basis:
                return self._picked(element, stated, 0)
            return [self._nothing(element, name)]
        used = [row for row in rows if row["value_exact"] == read["value_exact"]][:1]
        because = f"the formula asks for the basis {basis}"
        shown = [self._stated(element, row, True, because) for row in used]
        doubt = f"none picked: figures of the basis {basis} disagree, or a check shows one wrong"
        return shown or [self._stated(element, row, False, doubt) for row in rows]

    def _openings(
        self, element: Key, rule_no: int, name: str, above: Decimal | None
    ) -> Iterator[Row]:
        """What the openings add up to under the rule, then each of them with its size."""
        measure = OPENING_FIGURES[name]
        unit, column = {"Area": ("m2", "area_m2"), "Volume": ("m3", "volume_m3")}[measure]
        every = self.openings.get(element, ())
        chosen = [row for row in every if _is_chosen(name, row[column], above)]
        read = self.by_rule.get((element, rule_no, name), {})
        limit = "" if name.startswith("All") else f" by the limit of {number(above)} {unit}"
        yield {
            **self._whose(element),
            "figure": name,
            "figure_value": read.get("value_exact"),
            "figure_unit": unit,
            "origin": "rule",
            "picked": read.get("value_exact") is not None,
            "picked_because": f"{len(chosen)} of its {len(every)} openings{limit}",
        }
        for row in chosen:
            yield from self._size(_key(row), measure)

    def _size(self, opening: Key, measure: str) -> list[Row]:
        """The figures that an opening's size is made of: its own, or those of what fills it."""
        fillings = self.fillings.get(opening, ()) if measure == "Area" else ()
        rows = self._own_size(opening, measure) or [
            row for filling in fillings for row in self._own_size(filling, measure)
        ]
        return rows or [self._nothing(opening, measure)]

    def _own_size(self, element: Key, measure: str) -> list[Row]:
        for names in _SIZES[measure]:
            if all((element, name) in self.picked for name in names):
                return [row for name in names for row in self._picked(element, name, 0)]
        return []

    def _whose(self, element: Key) -> Row:
        return {**self.elements[element], "figure_element_id": self.elements[element]["element_id"]}

    def _itself(self, element: Key) -> Row:
        told = {"figure": "Count", "figure_value": Decimal(1), "figure_unit": "1", "picked": True}
        return {**self._whose(element), **told, "picked_because": "each element is one"}

    def _nothing(self, element: Key, name: str) -> Row:
        return {
            **self._whose(element),
            "figure": name.strip('"'),
            "picked": False,
            "picked_because": "no model states a figure of it, and none was computed or derived",
        }

    def _sum_of_parts(self, element: Key, picked: Row) -> Row:
        return {
            **self._whose(element),
            "figure": picked["quantity"],
            "figure_value": picked["value_exact"],
            "figure_unit": picked["unit"],
            "figure_basis": picked["basis"],
            "origin": "rule",
            "picked": not picked["is_doubtful"],
            "picked_because": picked["picked_because"],
        }

    def _stated(self, element: Key, row: Row, picked: bool, because: str | None) -> Row:
        return {
            **self._whose(element),
            **row,
            "figure": row["quantity"] or row["source_name"],
            "figure_value": row["value_exact"],
            "figure_unit": row["unit"],
            "figure_basis": row["basis"],
            "picked": picked,
            "picked_because": because,
        }


def read_figures(
    engine: Engine, elements: Iterable[Key], *, basis: Sequence[str], by_rule: bool
) -> Figures:
    """All figures of these elements, of their parts and, `by_rule`, of their openings.

    `basis` as the report was asked for; empty is the usual order.
    """
    known = dict.fromkeys(elements)
    parts: dict[Key, list[Key]] = {}
    openings: dict[Key, list[Row]] = {}
    fillings: dict[Key, list[Key]] = {}
    fresh = list(known)
    for _ in range(_DEEPEST):
        if not fresh:
            break
        found = _grouped(read_of(engine, rows_of.PARTS, fresh), "whole_no")
        parts.update({whole: [_key(row) for row in rows] for whole, rows in found.items()})
        fresh = [key for rows in found.values() for row in rows if (key := _key(row)) not in known]
        known.update(dict.fromkeys(fresh))
    if by_rule:
        openings = _grouped(read_of(engine, rows_of.OPENINGS, known), "host_no")
        voids = [_key(row) for rows in openings.values() for row in rows]
        filled = _grouped(read_of(engine, rows_of.FILLINGS, voids), "host_no")
        fillings = {void: [_key(row) for row in rows] for void, rows in filled.items()}
        known.update(dict.fromkeys([*voids, *(key for keys in fillings.values() for key in keys)]))
    of_rules = read_of(engine, rows_of.BY_RULE, known, basis) if by_rule else []
    stated = read_of(engine, rows_of.STATED, known)
    return Figures(
        elements={_key(row): row for row in read_of(engine, rows_of.ELEMENTS, known)},
        picked={
            (_key(row), row["quantity"]): row
            for row in read_of(engine, rows_of.PICKED, known, basis)
        },
        stated=_by(stated, "quantity"),
        written=_by(stated, "source_name"),
        parts=parts,
        openings=openings,
        fillings=fillings,
        by_rule={(_key(row), row["rule_no"], row["figure"]): row for row in of_rules},
    )


def figures_read(engine: Engine, asked: Asked) -> set[tuple[str, int, str]]:
    """The figures that the formulas of a bill's elements read, those of openings included.

    Each as snapshot_id, element_no, quantity; of the elements that the report was asked about.
    """
    sql = f"select snapshot_id, element_no, formula from {MEASURED} where formula is not null"
    rows = engine.query(
        sql, basis=asked.basis, classes=asked.classes, storeys=asked.storeys
    ).read_all()
    names = {text: read_formulas(text)[0].names for text in set(rows["formula"].to_pylist())}
    read: set[tuple[str, int, str]] = set()
    measures: dict[Key, set[str]] = {}
    for row in rows.to_pylist():
        for name in names[row["formula"]]:
            if name in OPENING_FIGURES:
                measures.setdefault(_key(row), set()).add(OPENING_FIGURES[name])
            else:
                read.add((*_key(row), name.rpartition(".")[2]))
    for opening in read_of(engine, rows_of.OPENINGS, measures):
        for measure in measures[opening["snapshot_id"], opening["host_no"]]:
            read |= {(*_key(opening), size) for sizes in _SIZES[measure] for size in sizes}
    return read


def _key(row: Mapping[str, Any]) -> Key:
    return row["snapshot_id"], row["element_no"]


def _grouped(rows: Iterable[Row], column: str) -> dict[Key, list[Row]]:
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault((row["snapshot_id"], row[column]), []).append(row)
    return groups


def _by(rows: Iterable[Row], column: str) -> dict[tuple[Key, str], list[Row]]:
    groups: dict[tuple[Key, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((_key(row), row[column]), []).append(row)
    return groups


def _is_chosen(name: str, size: Decimal | None, above: Decimal | None) -> bool:
    """An opening whose size is not known is shown: it is why there is no figure."""
    if size is None or above is None or name.startswith("All"):
        return True
    return (size > above) is name.startswith("Large")


def _why_unusable(row: Row) -> str:
    if row["value_exact"] is None:
        return "not picked: its unit is not known, or it is no number"
    return "not picked: its basis is not asked, or a model before holds a part of it"
