"""From one page of products to the rows of every table, a column at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors import longs
from takeoff.vendors.noticed import Noticed
from takeoff.vendors.qonic import classes, fields, figures
from takeoff.vendors.qonic.answers import GUID, member
from takeoff.vendors.qonic.fields import Field, NotScalar
from takeoff.vendors.qonic.figures import Reading
from takeoff.vendors.qonic.longs import Long
from takeoff.vendors.qonic.lookups import Codifications, Library
from takeoff.vendors.qonic.places import Places
from takeoff.vendors.qonic.rows import BARE, as_seen
from takeoff.vendors.values import Batch, Elements, Values, as_batch

# Columns of `elements` or tables of their own; their keys are found in any case.
_OWN = frozenset(("guid", "class", "name", "spatiallocation", "code"))
_MATERIAL = frozenset(("materiallayerset", "material", "materials"))
_IDENTIFICATION = "Identification"
_TITLES = ("Name", "Title")


@dataclass(frozen=True)
class Known:
    """What decoding a page rests on, the same for all pages of a model.

    `field_order` is the order of the fields in available-data; others follow by name.
    """

    places: Places
    codifications: Codifications
    material_names: Mapping[str, str]
    field_order: Sequence[str]
    authored: Reading
    calculated: Reading


def guids(rows: pa.StructArray) -> pa.Array:
    """The Guid of each row; null where it has none. Raises: NotScalar."""
    return _copied(_names(fields.columns(rows), "Guid", len(rows)))


def decode(
    rows: pa.StructArray, source_rows: pa.Array, first_no: int, evidence_no: int, known: Known
) -> tuple[Elements, Values]:
    """The rows of every table for the products in `rows`, numbered from `first_no`.

    Every row has a Guid. `source_rows` are their places in the answer.
    Raises: NotScalar where a value is of a form that the contract does not know.
    """
    columns = {
        key: _copied(column) if key.casefold() in _OWN or _is_material(key, column) else column
        for key, column in fields.columns(rows).items()
    }
    written = _names(columns, "Class", len(rows))
    elements = Elements(
        guids(rows),
        pa.array(np.arange(first_no, first_no + len(rows)), pa.int32()),
        _mapped(written, classes.ifc_class),
        source_rows,
        evidence_no,
    )
    materials = {key: part for key, part in columns.items() if _is_material(key, part)}
    others = [key for key in columns if key.casefold() not in _OWN and key not in materials]
    found = [item for key in others for item in fields.fields(key, columns[key])]
    batches, noticed = _materials(elements, materials, found, known)
    found = fields.in_order(found, known.field_order)
    codes, code_notices = _codes(elements, fields.find(columns, "Code"), known)
    said = figures.values(elements, found, known.authored)
    own = [("elements", _element_rows(elements, columns, written, found, known))]
    noticed = [*_odd_guids(elements), *code_notices, *noticed, *said.noticed]
    all_batches = [*own, *batches, *codes, *said.batches]
    return elements, Values(all_batches, noticed, said.figures, said.properties)


def _element_rows(
    elements: Elements,
    columns: Mapping[str, pa.Array],
    written: pa.Array,
    found: Sequence[Field],
    known: Known,
) -> pa.RecordBatch:
    length = len(elements)
    nothing = pa.nulls(length, pa.string())
    location = fields.find(columns, "SpatialLocation")
    stated: dict[str, pa.Array] = {
        **elements.identity(np.arange(length)),
        "ifc_guid": elements.ids,
        "ifc_guid_source": _repeated("given", length),
        "ifc_class": elements.classes,
        "source_class": written,
        "name": _names(columns, "Name", length),
        **known.places.of(location, length),
        "storey_elevation_m": pa.nulls(length, pa.float64()),
        "is_external": _common_flag(found, "IsExternal", length),
        "load_bearing": _common_flag(found, "LoadBearing", length),
        "phase": _common_text(found, "Status", length),
        "role": _mapped(written, classes.role),
    }
    unstated = dict.fromkeys(
        (
            "source_id",
            "authoring_id",
            "predefined_type",
            "type_id",
            "type_name",
            "mark",
            "discipline",
            "system",
            "parent_id",
        ),
        nothing,
    )
    return as_batch("elements", {**unstated, **stated})


def _common_flag(found: Sequence[Field], name: str, length: int) -> pa.Array:
    flags = [
        pc.if_else(_in_common_set(item), item.values.flag, None)
        for item in found
        if item.name == name
    ]
    return flags[0] if flags else pa.nulls(length, pa.bool_())


def _common_text(found: Sequence[Field], name: str, length: int) -> pa.Array:
    texts = [
        pc.if_else(_in_common_set(item), item.values.text, None)
        for item in found
        if item.name == name
    ]
    return texts[0] if texts else pa.nulls(length, pa.string())


def _in_common_set(item: Field) -> pa.Array:
    """Where the field stands in a set that IFC has for every product of a class."""
    is_common = pc.and_(
        pc.starts_with(item.set_name, "Pset_"), pc.ends_with(item.set_name, "Common")
    )
    return pc.fill_null(is_common, False)


def _odd_guids(elements: Elements) -> list[Noticed]:
    fits = pc.match_substring_regex(elements.ids, f"^{GUID.pattern}$")
    odd = np.flatnonzero(~fits.to_numpy(zero_copy_only=False))
    return [
        Noticed(
            "guid_invalid",
            f"The Guid {elements.ids[at].as_py()!r} is not one by the rules of IFC.",
            elements.evidence_no,
            elements.source_rows[at].as_py(),
            elements.ids[at].as_py(),
            elements.numbers[at].as_py(),
        )
        for at in odd.tolist()
    ]


def _codes(
    elements: Elements, column: pa.Array | None, known: Known
) -> tuple[list[Batch], list[Noticed]]:
    """One row for each product and library that it has a code of.

    Before mid-2025 a code was plain text; then no library is named.
    """
    if column is None:
        return [], []
    length = len(elements)
    members = dict(_code_members(column))
    keys = sorted(members, key=lambda key: key or "")
    libraries = {key: None if key is None else known.codifications.find(key) for key in keys}
    codes = [fields.names(_code(members[key], key), "Code") for key in keys]
    titles = [
        _titled(code, _code_titles(members[key], length), libraries[key])
        for key, code in zip(keys, codes, strict=True)
    ]
    long = Long([pc.is_valid(code) for code in codes], length)
    if not len(long):
        return [], []
    systems = [_system(key, libraries[key]) for key in keys]
    columns = {
        **elements.identity(long.rows),
        "ordinal": pa.array(longs.ranks(long.rows), pa.int32()),
        "system": longs.spread([name for name, _ in systems], long.columns),
        "edition": longs.spread([edition for _, edition in systems], long.columns),
        "code": long.taken(codes),
        "title": long.taken(titles),
    }
    unknown = [key for key in keys if key is not None and libraries[key] is None]
    noticed = [
        Noticed(
            "code_library_unknown",
            f"Codes of '{key}' stay without title: the project lists no such codification.",
            elements.evidence_no,
            once=key,
        )
        for key in unknown
    ]
    return [("codes", as_batch("codes", columns))], noticed


def _code_members(column: pa.Array) -> list[tuple[str | None, pa.Array]]:
    """(library key, its column) of a column of codes; null for codes that are plain text."""
    if not pa.types.is_struct(column.type):
        return [(None, column)]
    members = fields.columns(column)
    objects = {key: part for key, part in members.items() if not key.startswith(BARE)}
    plain = {key: part for key, part in members.items() if key not in objects}
    found: list[tuple[str | None, pa.Array]] = list(objects.items())
    if plain:
        found.append((None, pa.StructArray.from_arrays(list(plain.values()), list(plain))))
    return found


def _code(column: pa.Array, key: str | None) -> pa.Array:
    """The Identification of each code. Raises: NotScalar if a library's code is no object."""
    if key is None:
        return column
    members = fields.columns(column) if pa.types.is_struct(column.type) else None
    found = None if members is None else fields.find(members, _IDENTIFICATION)
    if found is None:
        raise NotScalar(f"the code of '{key}' has no {_IDENTIFICATION}")
    return found


def _code_titles(column: pa.Array, length: int) -> pa.Array:
    """A title that stands beside the identification itself; null where none does."""
    members = fields.columns(column) if pa.types.is_struct(column.type) else {}
    for name in _TITLES:
        if (part := fields.find(members, name)) is not None:
            return fields.names(part, "Code")
    return pa.nulls(length, pa.string())


def _system(key: str | None, library: Library | None) -> tuple[str | None, str | None]:
    """Name and edition of a classification; a key that no library goes by is the system itself."""
    return (key, None) if library is None else (library.name or key, library.edition)


def _titled(codes: pa.Array, own: pa.Array, library: Library | None) -> pa.Array:
    """What the library calls each code, else the title that stands beside the code."""
    if library is None:
        return own
    place = pc.index_in(codes, pa.array(list(library.titles), pa.string()))
    return pc.coalesce(pa.array(list(library.titles.values()), pa.string()).take(place), own)


def _is_material(key: str, column: pa.Array) -> bool:
    """Whether a column names materials; a property `Material` in a set is just a property."""
    if key.casefold() not in _MATERIAL:
        return False
    members = fields.columns(column) if pa.types.is_struct(column.type) else {}
    return fields.find(members, "PropertySet") is None


def _materials(
    elements: Elements, columns: Mapping[str, pa.Array], found: list[Field], known: Known
) -> tuple[list[Batch], list[Noticed]]:
    """Rows for materials that are plain names, guids, or arrays of these.

    Their inner shape is not documented; any other is added to `found` as JSON text.
    """
    names, noticed = [], []
    for key, column in columns.items():
        text, others = _material_names(column)
        names += text
        if others is not None:
            found.extend(fields.fields(key, others))
            said = f"{key} is of a form that is not documented; it is kept as a property."
            noticed.append(Noticed("material_unread", said, elements.evidence_no, once=key))
    long = Long([fields.is_filled(name) for name in names], len(elements))
    if not len(long):
        return [], noticed
    texts, which = longs.encoded(long.taken(names))
    counts = np.bincount(long.rows, minlength=len(elements))[long.rows]
    nothing = pa.nulls(len(long), pa.float64())
    stated = {
        **elements.identity(long.rows),
        "ordinal": pa.array(longs.ranks(long.rows), pa.int32()),
        "role": pc.if_else(pa.array(counts == 1), "single", "list"),
        "material": longs.spread([known.material_names.get(t or "", t) for t in texts], which),
        **dict.fromkeys(("thickness_m", "share", "volume_m3"), nothing),
    }
    return [("materials", as_batch("materials", stated))], noticed


def _material_names(column: pa.Array) -> tuple[list[pa.Array], pa.Array | None]:
    """The names in each row, first, second and so on, and what is no name as JSON text."""
    if pa.types.is_string(column.type):
        return [column], None
    listed: list[list[str]] = []
    others: list[str | None] = []
    for value in map(as_seen, column.to_pylist()):
        names = [value] if isinstance(value, str) else _paired_names(value)
        is_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
        listed.append([name for name in names if name] if is_names else [])
        is_other = value is not None and not is_names
        others.append(json.dumps(value, ensure_ascii=False) if is_other else None)
    apart = [pa.array(names, pa.string()) for names in zip_longest(*listed)]
    return apart, pa.array(others, pa.string()) if any(others) else None


def _paired_names(value: Any) -> Any:
    """The names in lists of name/value pairs, as material libraries have them; else `value`."""
    if not isinstance(value, list) or not all(isinstance(item, list) for item in value):
        return value
    if not all(isinstance(pair, dict) for item in value for pair in item):
        return value
    said = [{str(member(pair, "name")): member(pair, "value") for pair in item} for item in value]
    return [member(pairs, "Name") for pairs in said]


def _names(columns: Mapping[str, pa.Array], name: str, length: int) -> pa.Array:
    column = fields.find(columns, name)
    return pa.nulls(length, pa.string()) if column is None else fields.names(column, name)


def _copied(column: pa.Array) -> pa.Array:
    """The column in memory of its own: rows that are made of it are held long after the page."""
    return column.take(pa.array(np.arange(len(column))))


def _mapped(column: pa.Array, of: Callable[[str | None], str | None]) -> pa.Array:
    texts, indices = longs.encoded(column)
    return longs.spread([of(text) for text in texts], indices)


def _repeated(text: str, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), length)
