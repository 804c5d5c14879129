"""What is known of all rows before their values are read: who they are, and which are elements.

A file holds much that is no element: the document, levels, views, sheets, materials, the nodes of
the tree by category, family and type. An element is what some view shows and has a category that
is no annotation; a file that is not from Revit states no categories, so there the view counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.errors import NotUnderstood
from takeoff.vendors.autodesk import categories
from takeoff.vendors.autodesk.levels import Levels
from takeoff.vendors.autodesk.names import Names
from takeoff.vendors.autodesk.rows import Rows
from takeoff.vendors.longs import Indices, combinations, encoded, ranks
from takeoff.vendors.noticed import Noticed

_TREE = frozenset(("Revit Category", "Revit Family Name", "Revit Family Type"))
_DOCUMENT = "Revit Document"
_DOCUMENT_ID = "doc_"
_PROTOTYPE = "Prototype"
_NOWHERE = -1
# Trees of other programs than Revit are some ten deep; a circle ends here.
_DEEPEST = 64

Flags = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

_READ = (
    "category_id",
    "category",
    "category_name",
    "name",
    "ifc_class",
    "instance_of",
    "parent",
    "document",
)


@dataclass(frozen=True)
class Heads:
    """All rows in the order of the file; each column has one value a row.

    `element_ids` are unique. `types` and `parents` are places of other rows, -1 where none is.
    `categories` are written as they stand; `classes` and `roles` are ours.
    """

    element_ids: pa.Array
    external_ids: pa.Array
    source_ids: pa.Array
    names: pa.Array
    categories: pa.Array
    classes: pa.Array
    roles: pa.Array
    types: Indices
    parents: Indices
    levels: Levels
    noticed: list[Noticed]
    _places: _Places

    def __len__(self) -> int:
        return len(self.element_ids)

    def places(self, lmv_ids: Indices) -> Indices:
        """The rows of these object numbers; -1 where there is none."""
        return self._places.of(lmv_ids)


class _Places:
    """From object numbers (lmvId) to places of rows; of several the first counts."""

    def __init__(self, lmv_ids: Indices) -> None:
        self._order = np.argsort(lmv_ids, kind="stable")
        self._sorted = lmv_ids[self._order]

    def of(self, wanted: Indices) -> Indices:
        if not len(self._sorted):
            return np.full(len(wanted), _NOWHERE)
        at = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        is_there = (self._sorted[at] == wanted) & (wanted != _NOWHERE)
        return np.where(is_there, self._order[at], _NOWHERE)


def read(rows: Rows, names: Names, evidence_no: int) -> Heads:
    """The heads of all rows. Raises: NotUnderstood if a row has no id at all."""
    wanted = {meaning: names.keys(meaning) for meaning in _READ}
    elevations = names.keys("elevation")
    keys = list(dict.fromkeys([*(key for some in wanted.values() for key in some), *elevations]))
    found: dict[str, list[pa.Array]] = {name: [] for name in (*_READ, *_IDS, *elevations)}
    for batch in rows.heads(keys or ["externalId"]):
        values = _by_key(keys, batch)
        for name in _IDS:
            found[name].append(batch.column(name))
        for meaning, some in wanted.items():
            found[meaning].append(_coalesced([values[key] for key in some], len(batch)))
        for key in elevations:
            found[key].append(values[key])
    columns = {name: _joined(parts) for name, parts in found.items()}
    return _Reading(columns, names, evidence_no).heads()


_IDS = ("svf2Id", "lmvId", "externalId", "views")


def _by_key(keys: Sequence[str], batch: pa.RecordBatch) -> dict[str, pa.Array]:
    """One column for each key, from the lists of `props` and, where it lacks it, of `ignored`."""
    found = {}
    for place, key in enumerate(keys):
        given = [
            pc.list_element(column, place) if column.null_count < len(column) else None
            for column in (batch.column("props"), batch.column("ignored"))
        ]
        found[key] = _coalesced([column for column in given if column is not None], len(batch))
    return found


def _coalesced(columns: Sequence[pa.Array], length: int) -> pa.Array:
    return pc.coalesce(*columns) if columns else pa.nulls(length, pa.string())


def _joined(parts: Sequence[pa.Array]) -> pa.Array:
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


class _Reading:
    """The columns of all rows, as they stand, on the way to what they mean."""

    def __init__(self, columns: dict[str, pa.Array], names: Names, evidence_no: int) -> None:
        self._columns, self._names, self._evidence_no = columns, names, evidence_no
        self._noticed: list[Noticed] = []
        self._length = len(columns["svf2Id"])
        self._places = _Places(_whole(columns["lmvId"]))

    def heads(self) -> Heads:
        columns = self._columns
        types = self._places.of(_whole(columns["instance_of"]))
        parents = self._places.of(_whole(columns["parent"]))
        kinds, which = self._kinds()
        classes = _each([kind.ifc_class for kind in kinds], which)
        roles = self._roles(_each([kind.role for kind in kinds], which), types)
        roles[_is_part(roles, parents)] = "part"
        self._tell_unknown(kinds, which, roles)
        is_level = (roles == "location") & (classes == "BuildingStorey")
        return Heads(
            self._element_ids(),
            columns["externalId"],
            columns["svf2Id"],
            columns["name"],
            pc.coalesce(columns["category_name"], columns["ifc_class"], columns["category"]),
            pa.array(classes, pa.string()),
            pa.array(roles, pa.string()),
            types,
            parents,
            self._levels(np.flatnonzero(is_level)),
            self._noticed,
            self._places,
        )

    def _levels(self, places: Indices) -> Levels:
        at = pa.array(places)
        elevations = {
            key: self._columns[key].take(at).to_pylist() for key in self._names.keys("elevation")
        }
        metres = [
            self._names.metres({key: texts[row] for key, texts in elevations.items()})
            for row in range(len(places))
        ]
        return Levels(places, self._columns["name"].take(at).to_pylist(), metres)

    def _element_ids(self) -> pa.Array:
        """externalId, `externalId~n` from the second one on, `#svf2Id` where there is none.

        Raises: NotUnderstood if a row has neither.
        """
        external, own = self._columns["externalId"], self._columns["svf2Id"]
        named = pc.coalesce(external, pc.binary_join_element_wise("#", own, ""))
        if named.null_count:
            raise NotUnderstood(
                f"Autodesk's row {pc.index(pc.is_null(named), True).as_py() + 1} has neither "
                "externalId nor svf2Id; nothing was committed. Fetch again."
            )
        _, which = encoded(named)
        order = np.argsort(which, kind="stable")
        places = np.empty(len(which), dtype=np.int64)
        places[order] = ranks(which[order])
        again = np.flatnonzero(places)
        if not len(again):
            return named
        for row in again.tolist():
            said = f"The id {named[row].as_py()} is there more than once; this one is numbered."
            self._noticed.append(Noticed("id_repeated", said, self._evidence_no, row))
        numbered = [f"{named[row].as_py()}~{places[row] + 1}" for row in again.tolist()]
        return pc.replace_with_mask(named, pa.array(places > 0), pa.array(numbered))

    def _kinds(self) -> tuple[list[_Kind], Indices]:
        """The different kinds of rows, and of which one each row is."""
        read = ("category_id", "category_name", "ifc_class", "category")
        different, which = combinations([encoded(self._columns[name]) for name in read])
        return [_kind(*texts) for texts in different], which

    def _tell_unknown(self, kinds: list[_Kind], which: Indices, roles: Objects) -> None:
        """Elements of a category that has no class because nobody knows it are said, once each."""
        shown = set(np.unique(which[roles == "physical"]).tolist())
        for place, kind in enumerate(kinds):
            if place in shown and not kind.is_known:
                said = f"The category '{kind.written}' is not known; its elements have no class."
                self._noticed.append(
                    Noticed("category_unknown", said, self._evidence_no, once=kind.written)
                )

    def _roles(self, own: Objects, types: Indices) -> Objects:
        """What each row is: document, type, location, space, annotation, element, or none of it."""
        columns = self._columns
        is_shown = pc.cast(columns["views"], pa.int32()).fill_null(0).to_numpy() > 0
        has_category = _is_there(columns["category_name"]) | (not self._names.has_categories)
        # Nobody draws a void or a room as such, and both are told by what they are.
        is_model = (own == "physical") | (own == "part")
        roles = own.copy()
        roles[is_model & ~(is_shown & has_category)] = "marker"
        roles[(own == "annotation") & ~has_category] = "marker"
        roles[self._is_type(types)] = "type"
        roles[self._is_document()] = "location"
        return roles

    def _is_type(self, types: Indices) -> Flags:
        """Nodes of the tree, prototypes, and what others are instances of."""
        columns = self._columns
        texts, which = encoded(columns["category"])
        is_node = np.array([text in _TREE for text in texts], dtype=bool)[which]
        is_node |= _holds(pc.ends_with(columns["externalId"], _PROTOTYPE))
        is_node[types[types != _NOWHERE]] = True
        return is_node

    def _is_document(self) -> Flags:
        columns = self._columns
        is_named = _holds(pc.starts_with(columns["externalId"], _DOCUMENT_ID))
        return is_named | _holds(pc.equal(columns["category"], _DOCUMENT))


def _is_part(roles: Objects, parents: Indices) -> Flags:
    """Elements that hang right under another element are counted with it, as in IFC."""
    is_element = roles == "physical"
    above = np.append(is_element | (roles == "part"), False)[parents]
    found: Flags = is_element & above & (parents != np.arange(len(parents)))
    return found


def ancestors(heads: Heads, wanted: Flags) -> Indices:
    """For each row the nearest one above it of those that are wanted; -1 where none is."""
    found = np.full(len(heads), _NOWHERE)
    above = heads.parents.copy()
    for _ in range(_DEEPEST):
        is_open = (found == _NOWHERE) & (above != _NOWHERE)
        if not is_open.any():
            break
        hit = is_open & wanted[above]
        found[hit] = above[hit]
        above = np.where(above == _NOWHERE, _NOWHERE, heads.parents[above])
    return found


@dataclass(frozen=True)
class _Kind:
    """What rows of one category are. `written` is the category's name, null if it has none."""

    written: str | None
    ifc_class: str | None
    role: str
    is_known: bool


def _kind(number: str | None, name: str | None, stated: str | None, shown: str | None) -> _Kind:
    """By the category's number, else its name in English, and by the IFC class that is stated."""
    revit = _by_number(number) or categories.by_name().get(name or "")
    own = categories.ifc_class(stated) or categories.ifc_class(shown)
    if revit is None:
        return _Kind(name, own, categories.role(own), name is None or own is not None)
    is_type = categories.role(own) == "type"
    return _Kind(name, own or revit.ifc_class, "type" if is_type else revit.role, True)


def _by_number(number: str | None) -> categories.Category | None:
    try:
        return None if number is None else categories.by_id().get(int(float(number)))
    except (ValueError, OverflowError):
        return None


def _each(values: Sequence[str | None], which: Indices) -> Objects:
    return np.array(values, dtype=object)[which]


def _whole(texts: pa.Array) -> Indices:
    """Object numbers, which may come quoted; -1 where there is none."""
    is_number = pc.match_substring_regex(texts, r"^\d{1,18}(\.0)?$")
    digits = pc.replace_substring(pc.if_else(is_number, texts, None), ".0", "")
    numbers = pc.cast(digits, pa.int64()).fill_null(_NOWHERE)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.int64)


def _is_there(texts: pa.Array) -> Flags:
    return np.asarray(texts.is_valid().to_numpy(zero_copy_only=False), dtype=bool)


def _holds(found: pa.Array) -> Flags:
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), dtype=bool)
