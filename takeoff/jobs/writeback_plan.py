"""What a write-back to Qonic would do: each value beside what its product has there now."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core import plain
from takeoff.core.errors import InputRefused, VendorRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import ModelRef, Snapshot
from takeoff.core.results import Result, listing
from takeoff.core.units import unit_named
from takeoff.http.session import Session
from takeoff.jobs.logins import vendor_session
from takeoff.jobs.session import checking_session
from takeoff.jobs.writeback_left import left_open
from takeoff.jobs.writeback_values import Given, Source, Value, read
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import current, read_snapshots
from takeoff.vendors.qonic import present
from takeoff.vendors.qonic.editing import PLAIN_FIELDS
from takeoff.vendors.qonic.present import Definition, Present

VENDOR = "qonic"

_MEANINGS = {
    "element_id": "the element's id at the vendor, or as the source names it",
    "ifc_class": "IFC class without Ifc",
    "name": "the element's name",
    "property_set": "the property set",
    "property": "the property",
    "old_value": "what the product has now; null if nothing",
    "new_value": "what is to be written; null if nothing",
    "unit": "unit of a figure",
    "state": "new, changed, cleared, same, no_value (nothing to write), in_other_set or not_found",
}
_WRITTEN = ("new", "changed", "cleared")
_PRODUCTS = """
select elements.element_id, elements.ifc_guid, elements.ifc_class, elements.name
from elements
where elements.role not in ('location', 'type')
order by elements.element_no
"""
_NUMBER_TYPES = {"real": "number", "integer": "number", "boolean": "flag"}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[Ee][-+]?\d+)?")
_FLAGS = {"true": True, "false": False}
_NO_LIBRARY = (403, 404)


@dataclass(frozen=True)
class Target:
    """Where values are written. `project` and `model` are ids or names.

    `set_name` and `property_name` hold for what does not name its own. `value_type` is text, number
    or flag; null: what the project says of the property, else as it comes. With `clear` nothing is
    written over a value, too, where the source has none.
    """

    model: str
    project: str | None = None
    set_name: str | None = None
    property_name: str | None = None
    value_type: str | None = None
    clear: bool = False


@dataclass(frozen=True)
class Change:
    """One property of one product, as it is and as it is to be."""

    element_id: str
    set_name: str
    property_name: str
    state: str
    old: Present | None
    new: Value
    unit: str | None
    ifc_class: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Plan:
    """What a write-back would do to a model. `notes` are what a person should read first."""

    ref: ModelRef
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    obstacle: str | None

    @property
    def counts(self) -> Counter[str]:
        """How many values are in each state."""
        return Counter(change.state for change in self.changes)

    @property
    def to_write(self) -> list[Change]:
        """Those that are written."""
        return [change for change in self.changes if change.state in _WRITTEN]

    @property
    def result(self) -> Result:
        """One row a value, in the order of the source."""
        rows = [_row(change) for change in self.changes]
        schema = pa.schema([(name, pa.string()) for name in _MEANINGS])
        table = pa.Table.from_pylist(rows, schema)
        return listing("Write-back", table, _MEANINGS, self.notes)


def plan(settings: Settings, target: Target, source: Source, progress: Progress) -> Plan:
    """What would be written where; nothing is changed.

    Raises: InputRefused for a model that the lake does not have, or values that do not fit;
    VendorRefused; TryLater; NotUnderstood; LakeUnusable.
    """
    layout = open_layout(settings.lake_path())
    snapshot = meant(layout, target)
    progress.step("reading what is to be written")
    with checking_session(settings, [snapshot.snapshot_id]) as engine:
        found = read(engine, settings, source)
        elements = engine.query(_PRODUCTS).read_all().to_pylist()
    given = [_named(one, target) for one in found]
    names = list(dict.fromkeys(one.property_name or "" for one in given))
    _refuse_plain(names)
    with vendor_session(settings, VENDOR) as vendor:
        definitions = _definitions(vendor, snapshot.ref)
        fields = _fields(names, present.field_names(vendor, snapshot.ref))
        now = present.properties(vendor, snapshot.ref, fields, progress)
    comparing = _Comparing(elements, now, definitions, target)
    changes = comparing.changes(given)
    moved = _moved(snapshot, elements, now)
    notes = [*comparing.notes(changes), *filter(None, [moved, left_open(layout, snapshot.ref)])]
    return Plan(snapshot.ref, changes, tuple(notes), moved)


class _Comparing:
    """What is given, beside what the products have now."""

    def __init__(
        self,
        elements: Sequence[Mapping[str, str | None]],
        now: Mapping[str, Mapping[str, Present]],
        definitions: Mapping[tuple[str, str], Definition],
        target: Target,
    ) -> None:
        self._by_id = {str(one["element_id"]): one for one in elements}
        by_guid = {str(one["ifc_guid"]): one for one in elements if one["ifc_guid"] is not None}
        self._elements = by_guid | self._by_id
        self._now, self._definitions, self._target = now, definitions, target

    def changes(self, given: Sequence[Given]) -> tuple[Change, ...]:
        """One for each value; the same one twice is one, and so is a value beside none.

        Raises: InputRefused for two values of one property.
        """
        found: dict[tuple[str, str], Change] = {}
        for one in given:
            change = self._change(one)
            key = (change.element_id, change.property_name)
            known = found.get(key)
            if known is None or known.new is None:
                found[key] = change
            elif change.new is not None and (known.new, known.set_name) != (
                change.new,
                change.set_name,
            ):
                raise InputRefused(
                    f"{change.element_id} is given two values for {change.property_name}: "
                    f"{_shown(known.new)} and {_shown(change.new)}; choose one, such as by --where."
                )
        return tuple(found.values())

    def notes(self, changes: Sequence[Change]) -> Iterator[str]:
        """Figures whose unit nobody says."""
        silent = {
            (change.property_name, change.unit)
            for change in changes
            if change.unit is not None
            and not _says_unit(change.property_name, change.unit)
            and self._unit(change.set_name, change.property_name) is None
        }
        for name, unit in sorted(silent):
            yield (
                f"Nothing says that the figures of {name} are in {unit}: name the property "
                f"{name}_{unit}, or define it with that unit in the project."
            )

    def _change(self, given: Given) -> Change:
        set_name, name = given.set_name or "", given.property_name or ""
        element = self._elements.get(given.element)
        element_id = given.element if element is None else str(element["element_id"])
        self._refuse_unit(given)
        new = self._typed(given)
        if element is None or element_id not in self._now:
            return Change(element_id, set_name, name, "not_found", None, new, given.unit)
        old = self._now[element_id].get(name)
        state = self._state(old, new, set_name)
        known = element["ifc_class"], element["name"]
        return Change(element_id, set_name, name, state, old, new, given.unit, *known)

    def _state(self, old: Present | None, new: Value, set_name: str) -> str:
        if new is None:
            is_cleared = self._target.clear and old is not None and old.value is not None
            state = "cleared" if is_cleared else "no_value"
        elif old is None:
            state = "new"
        else:
            state = "same" if _shown(old.value) == _shown(new) else "changed"
        in_other = old is not None and old.set_name not in (None, set_name)
        return "in_other_set" if in_other and state != "no_value" else state

    def _typed(self, given: Given) -> Value:
        """The value as a text, number or flag. Raises: InputRefused if it is none of that kind."""
        key = (given.set_name or "", given.property_name or "")
        defined = self._definitions.get(key)
        said = "" if defined is None else (defined.data_type or "").lower()
        wanted = self._target.value_type or (_NUMBER_TYPES.get(said) if given.is_text else None)
        value = given.value
        if value is None or wanted is None:
            return value
        text = _shown(value) or ""
        if wanted == "number" and _NUMBER.fullmatch(text):
            return Decimal(text)
        if wanted == "flag" and text.lower() in _FLAGS:
            return _FLAGS[text.lower()]
        if wanted == "text":
            return text
        raise InputRefused(f"{given.element}: '{text}' is no {wanted}, which {key[1]} is to be.")

    def _refuse_unit(self, given: Given) -> None:
        """Raises: InputRefused if the project says that the property is in another unit."""
        unit = self._unit(given.set_name or "", given.property_name or "")
        if given.unit is None or unit is None:
            return
        ours, theirs = unit_named(given.unit), unit_named(unit)
        if (
            theirs is None
            or ours is None
            or (ours.kind, ours.factor) != (theirs.kind, theirs.factor)
        ):
            raise InputRefused(
                f"The project defines {given.property_name} in {unit}, but the figures are in "
                f"{given.unit}; choose another property, or define it in {given.unit}."
            )

    def _unit(self, set_name: str, name: str) -> str | None:
        defined = self._definitions.get((set_name, name))
        return None if defined is None else defined.unit_name


def meant(layout: Layout, target: Target) -> Snapshot:
    """The current one of the model. Raises: InputRefused if there is none, or several."""
    snapshots = current(read_snapshots(layout))
    hits = [s for s in snapshots if s.ref.vendor == VENDOR and _is_meant(s.ref, target)]
    if not hits:
        known = ", ".join(s.ref.model_id for s in snapshots if s.ref.vendor == VENDOR) or "none"
        raise InputRefused(
            f"The lake has no model '{target.model}' of Qonic in this project (it has: {known}); "
            "fetch it first, so that what is written is about what is there."
        )
    if len(hits) > 1:
        listed = ", ".join(f"{s.ref.project_id}/{s.ref.model_id}" for s in hits)
        raise InputRefused(f"'{target.model}' names several models, {listed}; give --project.")
    return hits[0]


def _is_meant(ref: ModelRef, target: Target) -> bool:
    in_project = target.project in (None, ref.project_id, ref.project_name)
    return in_project and target.model in (ref.model_id, ref.model_name)


def _named(given: Given, target: Target) -> Given:
    set_name = given.set_name or target.set_name
    property_name = given.property_name or target.property_name
    if not set_name or not property_name:
        raise InputRefused("Say which property is written: give --set and --property.")
    return Given(
        given.element, given.value, set_name, property_name, given.unit, is_text=given.is_text
    )


def _refuse_plain(names: Sequence[str]) -> None:
    for name in names:
        if name.casefold() in map(str.casefold, PLAIN_FIELDS):
            raise InputRefused(f"{name} is no property of Qonic's products; choose another name.")


def _fields(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """Those that products have fields of. Raises: InputRefused if only the case differs."""
    folded = {name.casefold(): name for name in known}
    for name in names:
        if name not in known and name.casefold() in folded:
            raise InputRefused(
                f"Products have a property {folded[name.casefold()]}; write its name in that case, "
                f"not {name}."
            )
    return [name for name in names if name in known]


def _definitions(vendor: Session, ref: ModelRef) -> dict[tuple[str, str], Definition]:
    """What the project says of its properties; nothing if the login may not see it."""
    try:
        return present.definitions(vendor, ref)
    except VendorRefused as refusal:
        if refusal.status not in _NO_LIBRARY:
            raise
        return {}


def _moved(
    snapshot: Snapshot,
    elements: Sequence[Mapping[str, str | None]],
    now: Mapping[str, Mapping[str, Present]],
) -> str | None:
    """In words, that the model has other products than those that were fetched; else null."""
    fetched = {str(one["element_id"]) for one in elements}
    gone, came = len(fetched - now.keys()), len(now.keys() - fetched)
    if not gone and not came:
        return None
    return (
        f"The model has changed since it was fetched ({snapshot.taken_at:%Y-%m-%d %H:%M} UTC): "
        f"{came} products are new and {gone} are gone; fetch it again before writing to it."
    )


def _says_unit(name: str, unit: str) -> bool:
    """Whether a property's name ends with its unit as a word: NetVolume_m3, Volume [m3]."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(unit)}\W*$", name.replace("_", " ")) is not None


def _shown(value: Value | int | float) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, str) else plain.number(value)


def _row(change: Change) -> dict[str, str | None]:
    return {
        "element_id": change.element_id,
        "ifc_class": change.ifc_class,
        "name": change.name,
        "property_set": change.set_name,
        "property": change.property_name,
        "old_value": None if change.old is None else _shown(change.old.value),
        "new_value": _shown(change.new),
        "unit": change.unit,
        "state": change.state,
    }
