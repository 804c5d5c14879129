"""Where products are: the names that a product carries, and the ids that the locations give them.

A product names its site, building, floor and space, and the id of the deepest of these. The others'
ids are found by walking up the locations from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors import longs
from takeoff.vendors.qonic import fields
from takeoff.vendors.qonic.fields import NotScalar
from takeoff.vendors.qonic.longs import combined
from takeoff.vendors.qonic.lookups import Location

# Member of SpatialLocation -> kind, the deepest first.
_LEVELS = (("Space", "space"), ("Floor", "storey"), ("Building", "building"), ("Site", "site"))
_ID = "SpatialLocationId"
# What a location is by its depth if neither it nor any product says so.
_BY_DEPTH = ("site", "building", "storey")


class Place(NamedTuple):
    """One product's place, as the columns of `elements` hold it."""

    building_id: str | None = None
    building_name: str | None = None
    storey_id: str | None = None
    storey_name: str | None = None
    space_id: str | None = None
    space_name: str | None = None


class Places:
    """Finds places; what products say of a location's kind is kept for the table `locations`.

    Safe to use from several threads, and the same whatever their order.
    """

    def __init__(self, tree: dict[str, Location]) -> None:
        self._tree = tree
        self._kinds: dict[str, set[str]] = {}
        self._known: dict[tuple[str | None, ...], Place] = {}
        self.unknown: set[str] = set()

    def of(self, column: pa.Array | None, length: int) -> dict[str, pa.Array]:
        """The place columns of `elements` for a column of SpatialLocation objects.

        Raises: NotScalar if it holds anything but objects of names.
        """
        said, indices = combined(_said(column, length))
        places = [self._place(one) for one in said]
        return {
            name: longs.spread([place[at] for place in places], indices)
            for at, name in enumerate(Place._fields)
        }

    def rows(self, evidence_no: int) -> Iterator[tuple[object, ...]]:
        """The rows of `locations`, for which the evidence is the tree."""
        for location in self._tree.values():
            yield (
                location.guid,
                location.parent,
                self._kind(location),
                location.name,
                None,
                evidence_no,
                location.row,
            )

    def _place(self, said: tuple[str | None, ...]) -> Place:
        if said not in self._known:
            self._known[said] = self._resolved(said[0], dict(zip(_kinds(), said[1:], strict=True)))
        return self._known[said]

    def _resolved(self, guid: str | None, names: dict[str, str | None]) -> Place:
        found: dict[str, str] = {}
        chain = list(self._upwards(guid))
        if guid is not None and not chain:
            self.unknown.add(guid)
            deepest = next((kind for kind in _kinds() if names.get(kind) is not None), None)
            found = {} if deepest is None else {deepest: guid}
        for kind in _kinds():
            at = _first(chain, kind, names.get(kind))
            if at is not None:
                location = chain[at]
                chain = chain[at + 1 :]
                found[kind] = location.guid
                names[kind] = names.get(kind) or location.name
                self._kinds.setdefault(location.guid, set()).add(kind)
        return Place(
            found.get("building"),
            names.get("building"),
            found.get("storey"),
            names.get("storey"),
            found.get("space"),
            names.get("space"),
        )

    def _upwards(self, guid: str | None) -> Iterator[Location]:
        while guid is not None and guid in self._tree:
            yield self._tree[guid]
            guid = self._tree[guid].parent

    def _kind(self, location: Location) -> str:
        said = self._kinds.get(location.guid, set())
        by_depth = _BY_DEPTH[location.depth] if location.depth < len(_BY_DEPTH) else "space"
        return location.kind or min(said, default=by_depth)


def _kinds() -> tuple[str, ...]:
    return tuple(kind for _, kind in _LEVELS)


def _first(chain: list[Location], kind: str, name: str | None) -> int | None:
    """The place in the chain that is of this kind, or of no stated kind and of this name."""
    for at, location in enumerate(chain):
        if location.kind == kind:
            return at
        if location.kind is None and name is not None and location.name == name:
            return at
    return None


def _said(column: pa.Array | None, length: int) -> list[pa.Array]:
    """Id and names of each row, the deepest first; null where there is none."""
    nothing = pa.nulls(length, pa.string())
    if column is None or pa.types.is_null(column.type):
        return [nothing] * (1 + len(_LEVELS))
    if not pa.types.is_struct(column.type):
        if pc.any(fields.is_filled(column)).as_py():
            raise NotScalar("SpatialLocation is no object")
        return [nothing] * (1 + len(_LEVELS))
    members = fields.columns(column)
    fields.refuse_bare(members, "SpatialLocation")
    parts = [fields.find(members, name) for name in (_ID, *(level for level, _ in _LEVELS))]
    return [nothing if part is None else fields.names(part, "SpatialLocation") for part in parts]
