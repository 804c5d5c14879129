"""A group's table: the elements that its query finds, and a column for each of its properties.

A property's value is the first there is of its EC properties, in their order, then of its
calculated type, then of its formula. Of formulas, getpersistenceunit(x), getpresentationunits(x)
and the name of another column are worked out; any other gives null and a warning in the logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.sandbox.itwin import ecsql
from takeoff.sandbox.itwin.answers import own_id
from takeoff.sandbox.itwin.definitions import Ec, Group, Property
from takeoff.sandbox.itwin.takeoff_mapping import LEADING
from takeoff.sandbox.itwin.values import EcProperty, Elements, Rows
from takeoff.sandbox.switches import Switches

TYPES = {
    "String": pa.string(),
    "Double": pa.float64(),
    "Integer": pa.int64(),
    "Boolean": pa.bool_(),
}
_UNIT_OF = re.compile(r"\s*get(?:persistenceunit|presentationunits)\(\s*(\w+)\s*\)\s*", re.I)
_COPY = re.compile(r"\s*([^\W\d]\w*)\s*")
_NUMERAL = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_MILLI = {"m": 1e3, "m2": 1e6, "m3": 1e9}
_CAP = 100
# A count has no unit.
_NAMED = {
    "m": "M",
    "m2": "SQ_M",
    "m3": "CUB_M",
    "mm": "MM",
    "mm2": "SQ_MM",
    "mm3": "CUB_MM",
    "kg": "KG",
    "s": "S",
}
_NOBODY_KNOWS = "u:HOUSE_UNIT"


@dataclass(frozen=True)
class Look:
    """The switches that tables depend on."""

    units: str
    spelling: str
    calculated_unit: str
    class_id: str
    has_nulls: bool
    is_capped: bool

    @classmethod
    def of(cls, switches: Switches) -> Look:
        return cls(
            switches["itwin_units"],
            switches["itwin_unit_spelling"],
            switches["itwin_calculated_unit"],
            switches["itwin_class_id"],
            switches["itwin_null_quantities"] == "yes",
            switches["itwin_capped"] == "yes",
        )


@dataclass(frozen=True)
class Note:
    """Something for the logs: its level, its category, and words."""

    level: str
    category: str
    message: str


@dataclass(frozen=True)
class GroupTable:
    """The rows of a group; columns are String, Double, Integer or Boolean by `types`."""

    group: Group
    table: pa.Table
    types: tuple[str, ...]
    notes: tuple[Note, ...] = ()


@dataclass
class _Column:
    values: pa.Array
    units: pa.Array
    notes: list[Note] = field(default_factory=list)


def group_table(
    group: Group, elements: Elements, look: Look, instances: frozenset[str] | None
) -> GroupTable:
    """The table of one group, of these instances or of all. Raises: ecsql.QueryRefused."""
    found = ecsql.find(group.query, elements)
    rows = found.rows
    if instances is not None:
        wanted = pa.array(sorted(instances), pa.string())
        ids = elements.instance_ids.take(pa.array(rows))
        rows = rows[pc.is_in(ids, value_set=wanted).to_numpy(zero_copy_only=False)]
    if look.is_capped:
        rows = rows[:_CAP]
    columns = _Columns(elements, rows, look)
    made = columns.all_of(group.properties)
    leading = _leading(elements, rows, found, look)
    names = [*LEADING, *(item.name for item in group.properties)]
    arrays = [*leading, *(made[item.name].values for item in group.properties)]
    types = ("String",) * len(LEADING) + tuple(item.data_type for item in group.properties)
    notes = tuple(note for column in made.values() for note in column.notes)
    return GroupTable(group, pa.table(arrays, names=names), types, notes)


def nothing(group: Group) -> GroupTable:
    """The table of a group of a model without elements."""
    names = [*LEADING, *(item.name for item in group.properties)]
    types = ("String",) * len(LEADING) + tuple(item.data_type for item in group.properties)
    arrays = [pa.array([], TYPES[data_type]) for data_type in types]
    return GroupTable(group, pa.table(arrays, names=names), types)


def _leading(elements: Elements, rows: Rows, found: ecsql.Found, look: Look) -> list[pa.Array]:
    """The columns that every table begins with; those that were not selected are null."""
    at = pa.array(rows)
    no_text = pa.nulls(len(rows), pa.string())
    return [
        elements.instance_ids.take(at),
        _class_ids(elements.class_names.take(at), look) if found.has("ECClassId") else no_text,
        elements.labels.take(at) if found.has("UserLabel") else no_text,
        no_text,
        no_text,
    ]


def _class_ids(names: pa.Array, look: Look) -> pa.Array:
    """Of each class's name its id, the same in every model."""
    if look.class_id == "name":
        return pc.binary_join_element_wise("Ifc", names, ".")
    encoded = names.dictionary_encode()
    ids = [f"0x{int(own_id(name)[:8], 16) or 1:x}" for name in encoded.dictionary.to_pylist()]
    return pa.array(ids, pa.string()).take(encoded.indices)


class _Columns:
    """Works out the properties of a group for the elements `rows`."""

    def __init__(self, elements: Elements, rows: Rows, look: Look) -> None:
        self._elements, self._rows, self._look = elements, rows, look
        # What the service calculates is no EC property; wildcards find what was written first.
        stored = [item for item in elements.properties if item.calculated is None]
        stored.sort(key=lambda item: item.schema.startswith("IfcGeometry"))
        self._by_key: dict[tuple[str, str, str], EcProperty] = {
            (p.schema.lower(), p.class_name.lower(), p.name.lower()): p for p in stored
        }

    def all_of(self, properties: Sequence[Property]) -> dict[str, _Column]:
        """Columns by name; formulas are worked out last, when there are the columns they name."""
        made = {item.name: self._stored(item) for item in properties}
        for item in properties:
            if item.formula is not None:
                made[item.name] = self._with_formula(item, made)
        return made

    def _stored(self, item: Property) -> _Column:
        found = [hit for ec in item.ec for hit in self._matching(ec)]
        if item.calculated is not None:
            found += self._measured(item)
        values: pa.Array = pa.nulls(len(self._rows), TYPES[item.data_type])
        units: pa.Array = pa.nulls(len(self._rows), pa.string())
        for hit in found:
            at = hit.at(self._rows)
            if at.null_count == len(at):
                continue
            more, more_units = self._taken(hit, at)
            more = coerced(more, item.data_type)
            is_new = pc.and_(pc.is_null(values), pc.is_valid(more))
            units = pc.if_else(is_new, more_units, units)
            values = pc.coalesce(values, more)
        return _Column(values, units)

    def _matching(self, ec: Ec) -> Iterable[EcProperty]:
        key = (ec.schema.lower(), ec.class_name.lower(), ec.name.lower())
        if key in self._by_key:
            return [self._by_key[key]]
        if "*" not in key[:2]:
            return []
        return [
            item
            for known, item in self._by_key.items()
            if all(want in ("*", have) for want, have in zip(key, known, strict=True))
        ]

    def _measured(self, item: Property) -> list[EcProperty]:
        """Geometry of the property's type; that of its own name, if the lake has one of it."""
        of_type = [p for p in self._elements.properties if p.calculated == item.calculated]
        return [p for p in of_type if p.name == item.name] or of_type

    def _taken(self, hit: EcProperty, at: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Values and units of one EC property at these places of it."""
        values, units = (hit.values, hit.units)
        if hit.is_figure:
            values, units = self._in_units(hit)
            if self._look.has_nulls:
                values = pa.nulls(len(values), pa.float64())
        no_units = pa.nulls(len(self._rows), pa.string())
        return values.take(at), no_units if units is None else units.take(at)

    def _in_units(self, hit: EcProperty) -> tuple[pa.Array, pa.Array]:
        """Figures in the persistence units that the switches ask for; measured ones in metres."""
        look = self._look
        if look.units == "written" and not hit.calculated:
            return hit.written, hit.written_units
        values, units = hit.values, hit.units
        if look.units == "mm" and not hit.calculated:
            factors = _each(units, _MILLI, pa.float64())
            is_length = pc.and_(hit.is_si, pc.is_valid(factors))
            values = pc.if_else(is_length, pc.multiply(values, factors), values)
            milli = _each(units, {unit: f"m{unit}" for unit in _MILLI}, pa.string())
            units = pc.if_else(is_length, milli, units)
        spelled = _each(
            units, {unit: _spelled(unit, look.spelling) for unit in _NAMED}, pa.string()
        )
        if look.units in ("unknown", "none"):
            word = _NOBODY_KNOWS if look.units == "unknown" else None
            spelled = pc.if_else(pc.is_valid(spelled), pa.scalar(word, pa.string()), None)
        if hit.calculated and look.calculated_unit == "null":
            spelled = pa.nulls(len(spelled), pa.string())
        # What is not in SI keeps the source's own word.
        return values, pc.if_else(hit.is_si, spelled, units)

    def _with_formula(self, item: Property, made: dict[str, _Column]) -> _Column:
        stored = made[item.name]
        by_name = {name.lower(): column for name, column in made.items()}
        formula = item.formula or ""
        unit_of = _UNIT_OF.fullmatch(formula)
        named = unit_of or _COPY.fullmatch(formula)
        source = None if named is None else by_name.get(named[1].lower())
        if source is None:
            words = f"The formula of {item.name} cannot be worked out: {formula}"
            return _Column(stored.values, stored.units, [Note("Warning", "Unknown", words)])
        told = source.units if unit_of else source.values
        values = pc.coalesce(stored.values, coerced(told, item.data_type))
        return _Column(values, source.units)


def coerced(values: pa.Array, data_type: str) -> pa.Array:
    """Values as a column of this type; null where one cannot be."""
    wanted = TYPES[data_type]
    if values.type == wanted:
        return values
    if data_type == "String":
        return pc.cast(values, wanted)
    if data_type == "Boolean":
        if not pa.types.is_string(values.type):
            return pa.nulls(len(values), wanted)
        words = pc.utf8_lower(values)
        is_word = pc.is_in(words, value_set=pa.array(["true", "false"]))
        return pc.cast(pc.if_else(is_word, words, None), wanted)
    if pa.types.is_boolean(values.type):
        return pa.nulls(len(values), wanted)
    if pa.types.is_string(values.type):
        is_numeral = pc.match_substring_regex(values, _NUMERAL)
        values = pc.cast(pc.if_else(is_numeral, values, None), pa.float64())
    if data_type == "Double":
        return pc.cast(values, wanted)
    is_whole = pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), 2.0**53))
    return pc.cast(pc.if_else(is_whole, values, None), wanted)


def _each(texts: pa.Array, answers: Map[str, object], type_: pa.DataType) -> pa.Array:
    """The answer for each text; null for one that has none."""
    encoded = texts.dictionary_encode()
    told = [answers.get(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(told, type_).take(encoded.indices)


def _spelled(unit: str, spelling: str) -> str:
    if spelling == "plain":
        return unit
    return _NAMED[unit] if spelling == "named" else f"u:{unit.upper()}"
