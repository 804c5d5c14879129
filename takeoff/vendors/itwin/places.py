"""The places of a model: sites, buildings, storeys and spaces.

Those that are elements themselves, and those that other elements name by an id (StoreyId, with the
name beside it). A place is in its parent, if that is a place, or else in the storey or building
that its own row names. Places that are named without an id are no places of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_KINDS = {
    "Site": "site",
    "Building": "building",
    "BuildingStorey": "storey",
    "Space": "space",
    "SpatialZone": "space",
}
# From the inside out: the place that a row names, and what it is in by the same row.
_INSIDE_OUT = ("space", "storey", "building")

Columns = Mapping[str, pa.Array]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """One place; `parent_id` null is the outermost, `row` the number of the element that tells it.

    `inside` are the ids that may be its parent, the nearest first; null where there is none.
    """

    id: str
    kind: str
    name: str | None
    elevation_m: float | None
    inside: tuple[str | None, ...]
    row: int
    is_element: bool
    parent_id: str | None = None


def places(ids: pa.Array, classes: pa.Array, told: Columns) -> list[Place]:
    """The places of the elements `ids` with these classes; `told` is what each says, by field."""
    found: dict[str, Place] = {}
    for place in (*_elements(ids, classes, told), *_named(told)):
        found.setdefault(place.id, place)
    parents: dict[str, str | None] = {}
    for place in found.values():
        parents[place.id] = _parent(place, found, parents)
    return [replace(place, parent_id=parents[place.id]) for place in found.values()]


def _elements(ids: pa.Array, classes: pa.Array, told: Columns) -> Iterator[Place]:
    is_place = pc.is_in(classes, value_set=pa.array(list(_KINDS)))
    at = np.flatnonzero(pc.fill_null(is_place, False).to_numpy(zero_copy_only=False))
    names = ("name", "elevation", "parent_id", *(f"{kind}_id" for kind in _INSIDE_OUT))
    rows = _rows({"id": ids, "class": classes, **{name: told[name] for name in names}}, at)
    for number, row in zip(at.tolist(), rows, strict=True):
        kind = _KINDS[row["class"]]
        inside = (row["parent_id"], *(row[f"{outer}_id"] for outer in _around(kind)))
        elevation = row["elevation"] if kind == "storey" else None
        yield Place(row["id"], kind, row["name"], elevation, inside, number, is_element=True)


def _named(told: Columns) -> Iterator[Place]:
    """Each place that an element names, as the first element that does tells it."""
    for kind in _INSIDE_OUT:
        around = _around(kind)
        columns = {name: told[name] for name in (f"{kind}_id", f"{kind}_name")}
        columns |= {f"{outer}_id": told[f"{outer}_id"] for outer in around}
        columns["elevation"] = told["storey_elevation"]
        at = _firsts(told[f"{kind}_id"])
        for number, row in zip(at.tolist(), _rows(columns, at), strict=True):
            inside = tuple(row[f"{outer}_id"] for outer in around)
            elevation = row["elevation"] if kind == "storey" else None
            place_id, name = row[f"{kind}_id"], row[f"{kind}_name"]
            yield Place(place_id, kind, name, elevation, inside, number, is_element=False)


def _around(kind: str) -> Sequence[str]:
    return () if kind == "site" else _INSIDE_OUT[_INSIDE_OUT.index(kind) + 1 :]


def _parent(
    place: Place, known: Mapping[str, Place], parents: Mapping[str, str | None]
) -> str | None:
    """The nearest place that it may be in; none that is, by `parents` so far, in itself."""
    for one in place.inside:
        above = one if one in known else None
        while above is not None and above != place.id:
            above = parents.get(above)
        if one in known and above is None:
            return one
    return None


def _firsts(column: pa.Array) -> Numbers:
    """The first row of each value that there is."""
    encoded = column.dictionary_encode()
    numbers = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    _, first = np.unique(numbers, return_index=True)
    found = np.sort(first)
    kept: Numbers = found[numbers[found] >= 0]
    return kept


def _rows(columns: Columns, at: Numbers) -> list[dict[str, Any]]:
    places = pa.array(at)
    taken = {name: column.take(places) for name, column in columns.items()}
    rows: list[dict[str, Any]] = pa.table(taken).to_pylist()
    return rows
