"""The truth tables: what any correct takeoff of the sample must find.

Values are SI, exact decimals rounded half even to 12 places. Nothing is read back from the files.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from authoring.computed import computed
from authoring.figures import kind_of
from authoring.items import Figure, Item, Material, Model
from authoring.numbers import POWER, SI_UNIT, plain, times, to_si

ADDED_UP = ("NetVolume", "GrossVolume", "NetWeight", "GrossWeight", "Weight")
ORIGINS = ("qto", "attribute", "pset", "type")
ATTRIBUTES = {"OverallHeight": "Height", "OverallWidth": "Width"}

ELEMENT_COLUMNS = (
    "model guid source_class ifc_class name storey building role counted reason type"
    " predefined_type mark materials codes system is_external load_bearing whole note"
).split()
QUANTITY_COLUMNS = (
    "model guid ifc_class quantity kind basis origin source_set source_name source_value"
    " source_unit unit_status value unit"
).split()
CHANGE_COLUMNS = (
    "guid ifc_class name change quantity basis old_value new_value delta unit old_text new_text"
).split()


@dataclass(frozen=True)
class Row:
    """One figure of one element; `value` is SI, null where no closed formula gives it."""

    quantity: str
    kind: str
    basis: str
    origin: str
    source_set: str
    source_name: str
    source_value: Decimal | None
    source_unit: str
    unit_status: str
    value: Decimal | None


@dataclass(frozen=True)
class Picked:
    """The one figure that a report uses; a null value is not known here."""

    basis: str
    value: Decimal | None


class Total(NamedTuple):
    """A quantity of a group: `authored_*` by authored figures alone, the rest as picked.

    The row without a quantity counts the group's elements. A value is null if there is no figure,
    or if one of them has no closed formula.
    """

    quantity: str
    unit: str
    elements: int
    authored_value: Decimal | None
    authored_counted: int | None
    value: Decimal | None
    counted: int | None
    doubtful: int | None
    missing: int | None


class Facts:
    """Everything that is true of one model's items."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.items = model.by_key()
        self.holes = model.holes()
        self.parts = model.parts()
        self.storeys = {storey.key: storey for storey in model.storeys}
        self.rows = {item.key: list(self._rows(item)) for item in model.items}

    # -- where and what -------------------------------------------------------------------------

    def storey(self, item: Item) -> str:
        """Name of the storey: its own, its room's, its whole's or its host's; empty if none."""
        if item.place in self.storeys:
            return self.storeys[item.place or ""].name
        for other in (item.place, item.whole, item.host):
            if other in self.items:
                return self.storey(self.items[other])
        return ""

    def building(self, item: Item) -> str:
        """Name of the building; empty for what stands on the site or nowhere."""
        names = dict(self.model.buildings)
        if item.place in self.storeys:
            return names[self.storeys[item.place or ""].building]
        for other in (item.place, item.whole, item.host):
            if other in self.items:
                return self.building(self.items[other])
        return names.get(item.place or "", "")

    def type_of(self, item: Item) -> Item | None:
        return None if item.type_key is None else self.items[item.type_key]

    def material(self, item: Item) -> Material | None:
        """Its own, else its type's."""
        kind = self.type_of(item)
        return item.material or (None if kind is None else kind.material)

    # -- figures --------------------------------------------------------------------------------

    def _rows(self, item: Item) -> Iterator[Row]:
        """Authored in the order of the file, then computed, then derived."""
        yield from self._authored(item)
        for quantity, native in computed(item, self.holes.get(item.key, ())).items():
            kind = kind_of(quantity)
            factors = [self.model.units.length_si] * POWER[kind]
            value = None if native is None else to_si(times(native, *factors), Decimal(1))
            yield Row(quantity, kind, "computed", "geometry", "", "", None, "", "own", value)

    def _authored(self, item: Item) -> Iterator[Row]:
        for name, raw in item.measures.items():
            figure = Figure(name, ATTRIBUTES[name], "length", raw)
            yield self._row(figure, "attribute", "")
        for one in item.sets:
            for figure in one.figures:
                yield self._row(figure, one.origin, one.name)
        kind = self.type_of(item)
        for one in () if kind is None else kind.sets:
            for figure in one.figures:
                yield self._row(figure, "type", one.name)

    def _row(self, figure: Figure, origin: str, source_set: str) -> Row:
        units = self.model.units
        name, factor = figure.own_unit or (units.name(figure.kind), units.factor(figure.kind))
        return Row(
            figure.quantity,
            figure.kind,
            "authored",
            origin,
            source_set,
            figure.source_name,
            figure.raw,
            name,
            "own" if figure.own_unit else units.status(figure.kind),
            to_si(figure.raw, factor),
        )

    @cached_property
    def picked(self) -> dict[str, dict[str, Picked]]:
        """By item and quantity: authored before computed before the sum of direct parts."""
        found = {key: _pick(rows) for key, rows in self.rows.items()}
        for whole, parts in self.parts.items():
            for quantity in ADDED_UP:
                values = [found[part.key].get(quantity) for part in parts]
                if quantity not in found[whole] and all(one and one.value for one in values):
                    total = sum((one.value for one in values if one and one.value), Decimal(0))
                    found[whole][quantity] = Picked("derived", total)
        return found

    def derived_rows(self, item: Item) -> Iterator[Row]:
        for quantity, one in self.picked[item.key].items():
            if one.basis == "derived":
                kind = kind_of(quantity)
                yield Row(quantity, kind, "derived", "rule", "", "", None, "", "own", one.value)


def _pick(rows: Sequence[Row]) -> dict[str, Picked]:
    """Authored by the order of origins, else computed. Different twins are doubtful."""
    picked: dict[str, Picked] = {}
    for origin in ORIGINS:
        stated: dict[str, set[Decimal | None]] = defaultdict(set)
        for row in rows:
            if row.basis == "authored" and row.origin == origin:
                stated[row.quantity].add(row.value)
        for quantity, values in stated.items():
            basis = "authored" if len(values) == 1 else "doubtful"
            picked.setdefault(quantity, Picked(basis, values.pop() if len(values) == 1 else None))
    for row in rows:
        if row.basis == "computed":
            picked.setdefault(row.quantity, Picked("computed", row.value))
    return picked


# -- one project ----------------------------------------------------------------------------------


def write_project(models: Sequence[Model], folder: Path, only: Model | None = None) -> None:
    """All tables of the models as one project; the rows of elements of `only` one, if given."""
    facts = [Facts(model) for model in sorted(models, key=lambda model: model.name)]
    shown = [one for one in facts if only is None or one.model is only]
    counted = _Counted(facts)
    _write(folder / "elements.csv", ELEMENT_COLUMNS, _elements(shown, counted))
    _write(folder / "quantities.csv", QUANTITY_COLUMNS, _quantities(shown))
    _write(folder / "materials.csv", MATERIAL_COLUMNS, _materials(shown))
    _write(folder / "codes.csv", CODE_COLUMNS, _codes(shown))
    by_class = [(*key, *total) for key, total in counted.totals(_class)]
    by_storey = [(*key, *total) for key, total in counted.totals(_storey_class)]
    _write(folder / "by_class.csv", ["ifc_class", *Total._fields], by_class)
    _write(folder / "by_storey_class.csv", ["storey", "ifc_class", *Total._fields], by_storey)
    _write(folder / "not_counted.csv", ["model", "reason", "elements"], counted.reasons())


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_text(cell) for cell in row] for row in rows)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return plain(cell) if isinstance(cell, Decimal) else str(cell)


def folded(ifc_class: str) -> str:
    return ifc_class.removeprefix("Ifc")


Group = Callable[[Facts, Item], tuple[str, ...]]


class _Counted:
    """Which elements of a project count: things of their own, each once across the models."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self.facts = facts
        self.seen: dict[str, str] = {}
        for one in facts:
            for item in one.model.items:
                self.seen.setdefault(item.guid, one.model.name)

    def reason(self, one: Facts, item: Item) -> str:
        """Why it is not counted; empty if it is."""
        if item.role != "physical":
            return item.role
        return "" if self.seen[item.guid] == one.model.name else "other_source"

    def reasons(self) -> Iterator[tuple[str, str, int]]:
        tally: dict[tuple[str, str], int] = defaultdict(int)
        for one in self.facts:
            for item in one.model.items:
                tally[(one.model.name, self.reason(one, item))] += 1
            tally[(one.model.name, "location")] += len(list(one.model.locations()))
        for (model, reason), elements in sorted(tally.items()):
            if reason:
                yield model, reason, elements

    def totals(self, group: Group) -> Iterator[tuple[tuple[str, ...], Total]]:
        """Per group its elements, then a total for each quantity that any of them has."""
        members: dict[tuple[str, ...], list[tuple[Facts, Item]]] = defaultdict(list)
        for one in self.facts:
            for item in one.model.items:
                if not self.reason(one, item):
                    members[group(one, item)].append((one, item))
        for key, found in sorted(members.items()):
            yield key, Total("", "", len(found), *[None] * 6)
            for quantity in sorted({q for one, item in found for q in one.picked[item.key]}):
                yield key, _total(quantity, found)


def _class(one: Facts, item: Item) -> tuple[str, ...]:
    return (folded(item.ifc_class),)


def _storey_class(one: Facts, item: Item) -> tuple[str, ...]:
    return (one.storey(item), folded(item.ifc_class))


def _total(quantity: str, found: Sequence[tuple[Facts, Item]]) -> Total:
    picks = [one.picked[item.key].get(quantity) for one, item in found]
    authored = [pick.value for pick in picks if pick and pick.basis == "authored"]
    doubtful = sum(1 for pick in picks if pick and pick.basis == "doubtful")
    used = [pick.value for pick in picks if pick and pick.basis != "doubtful"]
    value = None if None in used else sum((v for v in used if v is not None), Decimal(0))
    return Total(
        quantity,
        SI_UNIT[kind_of(quantity)],
        len(found),
        sum((v for v in authored if v is not None), Decimal(0)) if authored else None,
        len(authored),
        value if used else None,
        len(used),
        doubtful,
        len(found) - len(used) - doubtful,
    )


def _elements(facts: Sequence[Facts], counted: _Counted) -> Iterator[tuple[object, ...]]:
    for one in facts:
        for key, ifc_class, name in one.model.locations():
            yield _location(one, key, ifc_class, name)
        for item in one.model.items:
            yield _element(one, item, counted.reason(one, item))


def _location(one: Facts, key: str, ifc_class: str, name: str) -> tuple[object, ...]:
    building = dict(one.model.buildings)[one.storeys[key].building] if key in one.storeys else ""
    filled: Mapping[str, object] = {
        "model": one.model.name,
        "guid": one.model.location_guid(key),
        "source_class": ifc_class,
        "ifc_class": folded(ifc_class),
        "name": name,
        "building": building,
        "role": "location",
        "counted": "no",
        "reason": "location",
    }
    return tuple(filled.get(column) for column in ELEMENT_COLUMNS)


def _element(one: Facts, item: Item, reason: str) -> tuple[object, ...]:
    kind, material = one.type_of(item), one.material(item)
    common = item.properties.get(f"Pset_{folded(item.ifc_class)}Common", {})
    return (
        one.model.name,
        item.guid,
        item.ifc_class,
        folded(item.ifc_class),
        item.name,
        one.storey(item),
        one.building(item),
        item.role,
        "no" if reason else "yes",
        reason,
        None if kind is None else kind.name,
        _predefined(item) or ("" if kind is None else _predefined(kind)),
        item.tag,
        "" if material is None else " | ".join(name for name, _ in material.parts),
        " | ".join(f"{code.system}:{code.code}" for code in item.codes),
        item.system,
        common.get("IsExternal"),
        common.get("LoadBearing"),
        None if item.whole is None else one.items[item.whole].guid,
        item.note,
    )


def _predefined(item: Item) -> object:
    """The user's own text where the predefined type says USERDEFINED."""
    return item.attributes.get("ObjectType") or item.predefined


def _quantities(facts: Sequence[Facts]) -> Iterator[tuple[object, ...]]:
    for one in facts:
        for item in one.model.items:
            for row in (*one.rows[item.key], *one.derived_rows(item)):
                if row.value is not None:
                    yield (one.model.name, item.guid, folded(item.ifc_class), *_figure(row))


def _figure(row: Row) -> tuple[object, ...]:
    return (
        row.quantity,
        row.kind,
        row.basis,
        row.origin,
        row.source_set,
        row.source_name,
        row.source_value,
        row.source_unit,
        row.unit_status if row.basis == "authored" else "",
        row.value,
        SI_UNIT[row.kind],
    )


MATERIAL_COLUMNS = "model guid from ordinal role material thickness_m share".split()
CODE_COLUMNS = "model guid ordinal system edition code title".split()


def _materials(facts: Sequence[Facts]) -> Iterator[tuple[object, ...]]:
    """`from`: the occurrence's own, or its type's."""
    for one in facts:
        for item in one.model.items:
            material = one.material(item)
            source = "type" if item.material is None else "own"
            for ordinal, (name, number) in enumerate(() if material is None else material.parts):
                role = material.role if material else ""
                thick = share = None
                if role == "layer" and number is not None:
                    thick = to_si(number, one.model.units.length_si)
                if role == "constituent":
                    share = number
                yield one.model.name, item.guid, source, ordinal, role, name, thick, share


def _codes(facts: Sequence[Facts]) -> Iterator[tuple[object, ...]]:
    for one in facts:
        for item in one.model.items:
            for ordinal, code in enumerate(item.codes):
                stated = (code.system, code.edition, code.code, code.title)
                yield (one.model.name, item.guid, ordinal, *stated)


# -- two revisions --------------------------------------------------------------------------------


def write_changes(old: Model, new: Model, folder: Path) -> None:
    """What became of each thing (`changes.csv`), and of each class's totals in this model."""
    before, after = Facts(old), Facts(new)
    _write(folder / "changes.csv", CHANGE_COLUMNS, _changes(before, after))
    columns = "ifc_class quantity unit old_elements new_elements old_value new_value delta".split()
    _write(folder / "changes_by_class.csv", columns, _changed_totals(before, after))


def _changes(before: Facts, after: Facts) -> Iterator[tuple[object, ...]]:
    for key in dict.fromkeys([*before.items, *after.items]):
        old, new = before.items.get(key), after.items.get(key)
        item = new or old
        assert item is not None
        if item.role in ("type", "annotation"):
            continue
        label = (item.guid, folded(item.ifc_class), item.name)
        if old is None or new is None:
            yield (*label, "added" if old is None else "removed", *[None] * 8)
            continue
        rows = [*_changed_figures(before, after, key), *_changed_rest(before, after, old, new)]
        for row in rows or [("same", *[None] * 8)]:
            yield (*label, *row)


def _changed_figures(before: Facts, after: Facts, key: str) -> Iterator[tuple[object, ...]]:
    """One row per quantity and basis that differs; derived figures too."""
    old, new = _values(before, key), _values(after, key)
    for quantity, basis in dict.fromkeys([*old, *new]):
        a, b = old.get((quantity, basis)), new.get((quantity, basis))
        if a != b:
            delta = None if a is None or b is None else b - a
            unit = SI_UNIT[kind_of(quantity)]
            yield "changed", quantity, basis, a, b, delta, unit, None, None


def _values(facts: Facts, key: str) -> dict[tuple[str, str], Decimal | None]:
    rows = (*facts.rows[key], *facts.derived_rows(facts.items[key]))
    return {(row.quantity, row.basis): row.value for row in rows}


def _changed_rest(
    before: Facts, after: Facts, old: Item, new: Item
) -> Iterator[tuple[object, ...]]:
    """Place, storey, name and properties, with the old and the new text."""
    texts = [("moved", _position(old), _position(new))]
    texts.append(("storey", before.storey(old), after.storey(new)))
    texts.append(("renamed", old.name or "", new.name or ""))
    texts.append(("property", _properties(old), _properties(new)))
    for change, a, b in texts:
        if a != b:
            yield change, None, None, None, None, None, None, a, b


def _position(item: Item) -> str:
    return " ".join(plain(number) for number in item.at)


def _properties(item: Item) -> str:
    pairs = [
        f"{name}.{key}={value}"
        for name, values in item.properties.items()
        for key, value in values.items()
    ]
    return "; ".join(sorted(pairs))


def _changed_totals(before: Facts, after: Facts) -> Iterator[tuple[object, ...]]:
    """The row without a quantity counts the elements of the class."""
    old, new = _totals_by_class(before), _totals_by_class(after)
    for key in sorted(old.keys() | new.keys()):
        a, b = old.get(key, _NOTHING), new.get(key, _NOTHING)
        delta = None if a.value is None or b.value is None else b.value - a.value
        yield (*key, a.unit or b.unit, a.elements, b.elements, a.value, b.value, delta)


_NOTHING = Total("", "", 0, None, None, None, None, None, None)


def _totals_by_class(facts: Facts) -> dict[tuple[str, str], Total]:
    totals = _Counted([facts]).totals(_class)
    return {(ifc_class, total.quantity): total for (ifc_class,), total in totals}
