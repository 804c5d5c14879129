"""From a slice of a list to the rows of its objects: figures, properties and codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core import json_text
from takeoff.core.units import unit_named
from takeoff.vendors import longs, values
from takeoff.vendors.bimplus import known
from takeoff.vendors.bimplus.answers import member
from takeoff.vendors.bimplus.gathered import Flags, Gathered, holding
from takeoff.vendors.bimplus.meanings import DOUBTFUL, Meanings, Units, key_of
from takeoff.vendors.longs import Indices
from takeoff.vendors.noticed import Noticed
from takeoff.vendors.values import Elements, LongValues, Values

_GUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_CODE_SETS = ("classification", "classifications")
_BESIDE = ("edition", "title")
# Columns of `elements`: the attribute's id, or else its group and key.
_TEXTS = (
    ("ifc_guid", known.IFC_ID, ("ifc", "ifcgloballyuniqueid")),
    ("authoring_id", known.ALLPLAN_ID, ("allplan", "allplan_guid")),
    ("name", known.OBJECT_NAME, ("general", "name")),
    ("type_name", known.TYPE_NAME, ("", "")),
    ("material", known.MATERIAL, ("", "")),
    ("predefined_type", "", ("ifc", "predefinedtype")),
    ("object_type", "", ("ifc", "objecttype")),
    ("mark", "", ("ifc", "tag")),
)
_COMMON = re.compile(r"Pset_\w*Common")
# How a label's code, or a flag's label, is called beside the value itself.
_CODE, _LABEL = ".code", ".label"
_LABELS = ("name", "label", "text", "value", "description", "displayname")
_CODES = ("code", "key", "id", "value", "index")


@dataclass(frozen=True)
class Reading:
    """What reading attributes rests on, the same for all lists of a model."""

    meanings: Meanings
    units: Units
    gathered: Gathered


def read(
    elements: Elements,
    table: pa.Table,
    group_texts: pa.Array,
    reading: Reading,
    firsts: tuple[Indices, Indices],
) -> Values:
    """The rows for these objects. `table` has the columns of `objects`, but `element`, the place in
    `elements`, for the row; `group_texts` is one an element. `firsts` are the ordinals that figures
    and properties begin with.
    """
    table, noticed = _with_labels(table, elements.evidence_no)
    long = _long(table, group_texts, reading.units)
    _gather(elements, long, reading.gathered)
    said = values_of(elements, long, reading.meanings, firsts)
    batches = [*said.batches, *_codes(elements, long)]
    noticed += [*said.noticed, *_odd(elements, table, long)]
    return replace(said, batches=batches, noticed=noticed)


def values_of(
    elements: Elements, long: LongValues, meanings: Meanings, firsts: tuple[Indices, Indices]
) -> Values:
    """The rows of figures and properties. A figure without a unit mostly tells what it measures:
    what it lacks is the unit, and the warning says so.
    """
    said = values.rows(
        elements, long, meanings.of, first_figures=firsts[0], first_properties=firsts[1]
    )
    noticed = [
        one._replace(
            code="unit_missing", text=f"{one.once} comes without a unit; its figures have no value."
        )
        if one.code == "kind_unknown"
        else one
        for one in said.noticed
    ]
    return replace(said, noticed=noticed)


def _long(table: pa.Table, group_texts: pa.Array, units: Units) -> LongValues:
    element = table.column("element").to_numpy()
    names, keys = (_encoded(table, name) for name in ("name", "key"))
    sets = _set_names(table, group_texts.take(pa.array(element)))
    symbols, doubtful = _symbols(table, units)
    marked = pc.binary_join_element_wise(DOUBTFUL, longs.plain(keys), "")
    return LongValues(
        element,
        sets,
        names,
        _plain(table, "text"),
        _plain(table, "number"),
        _plain(table, "flag"),
        symbols,
        pc.if_else(doubtful, marked, longs.plain(keys)).dictionary_encode(),
    )


def _set_names(table: pa.Table, group_texts: pa.Array) -> pa.Array:
    """The group of each value as people know it: its key, or the text for a key that is an id."""
    different, which = longs.combinations(
        [longs.encoded(_plain(table, "group_key")), longs.encoded(group_texts)]
    )
    texts: dict[str | None, Mapping[str, Any]] = {
        one: _object(one) for one in {said for _, said in different}
    }
    found = [
        str(member(texts[said], key) or key) if key is not None and _GUID.fullmatch(key) else key
        for key, said in different
    ]
    return longs.spread(found, which).dictionary_encode()


def _symbols(table: pa.Table, units: Units) -> tuple[pa.Array, pa.Array]:
    """The unit of each value, and where the unit's own record contradicts it."""
    different, which = longs.combinations(
        [longs.encoded(_plain(table, name)) for name in ("unit", "unit_id")]
    )
    symbols = [units.symbol(written, unit_id) for written, unit_id in different]
    fits = [units.fits(one, pair[1]) for one, pair in zip(symbols, different, strict=True)]
    is_doubtful = ~np.array(fits, dtype=bool)[which]
    return longs.spread(symbols, which).dictionary_encode(), pa.array(is_doubtful)


def _gather(elements: Elements, long: LongValues, gathered: Gathered) -> None:
    """What belongs in a column of `elements`; it stays a property or figure as well."""
    numbers = elements.numbers.to_numpy()[long.element]
    for column, attribute_id, place in _TEXTS:
        where = holding(long.key, _is_at(attribute_id, place))
        gathered.add(column, numbers[where], long.text.filter(pa.array(where)))
    is_common = holding(long.set_name, lambda text: _COMMON.fullmatch(text or "") is not None)
    for column, name, said in (
        ("is_external", "IsExternal", long.flag),
        ("load_bearing", "LoadBearing", long.flag),
        ("phase", "Status", long.text),
    ):
        where = is_common & holding(long.name, name.__eq__)
        gathered.add(column, numbers[where], said.filter(pa.array(where)))
    is_elevation = holding(long.name, lambda text: (text or "").casefold() == "elevation")
    gathered.add("elevation_m", numbers, _metres(long, is_elevation, None))
    is_thickness = holding(long.key, _is_at("", (known.BUILT_IN_GROUP, "thickness")))
    gathered.add("thickness_m", numbers, _metres(long, is_thickness, known.BUILT_IN_LENGTH))


def _metres(long: LongValues, where: Flags, unless_stated: str | None) -> pa.Array:
    """The lengths there in their own units, or in the one that goes without a word; else null."""
    symbols, which = longs.encoded(long.unit)
    units = [unit_named(symbol or unless_stated) for symbol in symbols]
    factors = [unit.factor if unit and unit.kind == "length" else None for unit in units]
    numbers = pc.if_else(pa.array(where), long.number, None)
    return longs.in_si(numbers, pa.nulls(len(long), pa.string()), factors, which)[0]


def _is_at(attribute_id: str, place: tuple[str, str]) -> Any:
    def is_wanted(text: str | None) -> bool:
        who = key_of(text)
        is_it = attribute_id != "" and who.attribute_id == attribute_id
        return is_it or (who.group, who.attribute) == place

    return is_wanted


def _codes(elements: Elements, long: LongValues) -> list[values.Batch]:
    """A row for each text in a group of classifications: the attribute names the system.

    One that is called as another with `edition` or `title` behind it belongs to that one.
    """
    where = holding(long.set_name, lambda text: (text or "").casefold() in _CODE_SETS)
    at = np.flatnonzero(where & pc.is_valid(long.text).to_numpy(zero_copy_only=False))
    names, which = longs.encoded(long.name.take(pa.array(at)))
    known_names = {name: place for place, name in enumerate(names)}
    about = [_about(name, known_names) for name in names]
    is_code = np.array([one is None for one in about], dtype=bool)[which]
    if not is_code.any():
        return []
    systems = at[is_code]
    rows = long.element[systems]
    columns = {
        **elements.identity(rows),
        "ordinal": pa.array(longs.ranks(rows), pa.int32()),
        "system": longs.plain(long.name.take(pa.array(systems))),
        "code": long.text.take(pa.array(systems)),
    }
    wanted = rows * len(names) + which[is_code]
    for column in _BESIDE:
        of = [one[0] if one is not None and one[1] == column else -1 for one in about]
        places = np.array(of, dtype=np.int64)[which]
        there = places >= 0
        given = pa.array(long.element[at[there]] * len(names) + places[there])
        found = pc.index_in(pa.array(wanted), value_set=given)
        columns[column] = long.text.take(pa.array(at[there])).take(found)
    return [("codes", values.as_batch("codes", columns))]


def _about(name: str | None, known_names: Mapping[str | None, int]) -> tuple[int, str] | None:
    """Which other name this one says something of, and what; null if none."""
    base, _, word = (name or "").rpartition(" ")
    if word.casefold() in _BESIDE and base in known_names:
        return known_names[base], word.casefold()
    return None


def _with_labels(table: pa.Table, evidence_no: int) -> tuple[pa.Table, list[Noticed]]:
    """The table with the labels of enumerations, each code as a value of its own beside it."""
    listed = _plain(table, "labels")
    if listed.null_count == len(listed):
        return table, []
    different, which = longs.combinations(
        [longs.encoded(listed), longs.encoded(_plain(table, "code"))]
    )
    found = [_label(*one) for one in different]
    labels = longs.spread(found, which)
    has_label = pc.is_valid(labels)
    is_flag = pc.is_valid(_plain(table, "flag"))
    beside = _beside(table, labels, has_label, is_flag)
    replaced = pc.and_(has_label, pc.invert(is_flag))
    table = _set(table, "text", pc.if_else(replaced, labels, _plain(table, "text")))
    table = _set(table, "number", pc.if_else(replaced, None, _plain(table, "number")))
    order = pa.array(np.arange(len(table)) * 2, pa.int64())
    table = pa.concat_tables(
        [
            table.append_column("order", order),
            beside.append_column("order", pc.add(order.filter(has_label), 1)),
        ]
    )
    table = table.sort_by("order").drop_columns(["order"]).combine_chunks()
    lacking = [code for (said, code), one in zip(different, found, strict=True) if said and not one]
    noticed = []
    if lacking:
        said = f"The enumerations have no labels for {len(lacking)} codes, such as {lacking[0]}."
        noticed.append(Noticed("label_missing", said, evidence_no, once="labels"))
    return table, noticed


def _beside(table: pa.Table, labels: pa.Array, has: pa.Array, is_flag: pa.Array) -> pa.Table:
    """The codes of labels, and the labels of flags."""
    suffix = pc.if_else(is_flag, _LABEL, _CODE)
    named = pc.binary_join_element_wise(_plain(table, "name"), suffix, "")
    table = _set(table, "name", named)
    table = _set(table, "text", pc.if_else(is_flag, labels, _plain(table, "text")))
    table = _set(table, "flag", pa.nulls(len(table), pa.bool_()))
    return table.filter(has)


def _label(listed: str | None, code: str | None) -> str | None:
    """The label of a code. The definition is an object code -> label, or a list of either labels,
    which their places number from 0, or objects that name both.
    """
    definition = _json(listed)
    if isinstance(definition, str):
        definition = _json(definition)
    number = _whole(code)
    if isinstance(definition, dict):
        found = member(definition, code or "", number or "")
        return None if found is None or isinstance(found, dict | list) else str(found)
    if not isinstance(definition, list):
        return None
    objects = [item for item in definition if isinstance(item, dict)]
    for item in objects:
        if str(member(item, *_CODES)) in (code, number):
            label = member(item, *(name for name in _LABELS))
            return None if label is None else str(label)
    texts = [item for item in definition if isinstance(item, str)]
    if len(texts) == len(definition) and number is not None and int(number) < len(texts):
        return texts[int(number)]
    return None


def _whole(code: str | None) -> str | None:
    """3 and 3.0 are the same code; true is 1."""
    text = {"true": "1", "false": "0"}.get((code or "").lower(), code or "").removesuffix(".0")
    return text if text.isascii() and text.isdigit() else None


def _odd(elements: Elements, table: pa.Table, long: LongValues) -> list[Noticed]:
    """Numbers written with a comma, units that contradict themselves, hidden attributes."""
    no = elements.evidence_no
    noticed = []
    for where in _names(table, long, _plain(table, "has_comma")):
        said = f"{where} writes numbers with a comma; it is read as the decimal point."
        noticed.append(Noticed("comma_as_point", said, no, once=where))
    is_doubtful = pa.array(holding(long.key, lambda text: key_of(text).is_doubtful))
    for where in _names(table, long, is_doubtful):
        said = f"The unit of {where} is said to measure something else by its own record; no value."
        noticed.append(Noticed("unit_contradicted", said, no, once=where))
    for where in _names(table, long, _plain(table, "is_internal")):
        said = f"{where} is internal: the vendor's own viewer does not show it."
        noticed.append(Noticed("attribute_internal", said, no, once=where))
    return noticed


def _names(table: pa.Table, long: LongValues, where: pa.Array) -> list[str]:
    """The different sets and names of the values there, in order."""
    at = pc.indices_nonzero(where)
    pairs = zip(
        longs.plain(long.set_name.take(at)).to_pylist(),
        longs.plain(long.name.take(at)).to_pylist(),
        strict=True,
    )
    return list(dict.fromkeys(".".join(part for part in pair if part) for pair in pairs))


def _encoded(table: pa.Table, name: str) -> pa.Array:
    return _plain(table, name).dictionary_encode()


def _plain(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name).combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def _set(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.schema.field(at), column)


def _object(text: str | None) -> Mapping[str, Any]:
    found = _json(text)
    return found if isinstance(found, dict) else {}


def _json(text: str | None) -> Any:
    try:
        return json_text.read(text or "null")
    except ValueError:
        return None
