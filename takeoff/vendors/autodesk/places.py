"""Where each row stands: its level, and for files that are no Revit's the tree above it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors.autodesk.given import Given
from takeoff.vendors.autodesk.heads import Heads, ancestors
from takeoff.vendors.autodesk.names import Keys, Names
from takeoff.vendors.longs import Indices
from takeoff.vendors.noticed import Noticed

_NOWHERE = -1
_WHOLES = ("physical", "part")


@dataclass(frozen=True)
class Standing:
    """Where the rows of a batch stand. `storeys` are places of rows, -1 where there is none.

    `columns` are those of `elements` that say so.
    """

    columns: dict[str, pa.Array]
    storeys: Indices
    noticed: list[Noticed]


class Places:
    """The levels and the tree of a model."""

    def __init__(self, heads: Heads, names: Names, evidence_no: int) -> None:
        self._heads, self._names, self._evidence_no = heads, names, evidence_no
        roles = heads.roles.to_numpy(zero_copy_only=False)
        classes = heads.classes.to_numpy(zero_copy_only=False)
        self._is_location = roles == "location"
        self._storeys = ancestors(heads, self._is_location & (classes == "BuildingStorey"))
        self._buildings = ancestors(heads, self._is_location & (classes == "Building"))
        self._spaces = ancestors(heads, roles == "space")
        self._above = ancestors(heads, self._is_location)
        is_whole = np.append(np.isin(roles, _WHOLES), False)
        is_other = heads.parents != np.arange(len(heads))
        self._wholes = np.where(is_whole[heads.parents] & is_other, heads.parents, _NOWHERE)
        is_document = self._is_location & heads.classes.is_null().to_numpy(zero_copy_only=False)
        self._document = next(iter(np.flatnonzero(is_document).tolist()), _NOWHERE)

    def of(self, given: Given, rows: Indices) -> Standing:
        """Where these rows, whose values are given, stand."""
        written = given.texts(self._names.keys("level"))
        level = self._by_reference(given, self._names.level_references, len(rows))
        level = _first(level, self._heads.levels.named(written))
        level = _first(level, self._by_reference(given, self._names.other_references, len(rows)))
        level[self._is_location[rows]] = _NOWHERE
        storeys = _first(self._rows_of(level), self._storeys[rows])
        storeys[self._is_location[rows]] = _NOWHERE
        names = pc.coalesce(self.names(storeys), written)
        # Elements of Revit hang under their type; their level may lie in a building.
        above = np.where(storeys == _NOWHERE, _NOWHERE, self._buildings[storeys])
        buildings = _first(self._buildings[rows], above)
        columns = {
            "storey_id": self.ids(storeys),
            "storey_name": pc.if_else(pa.array(self._is_location[rows]), None, names),
            "storey_elevation_m": self.elevations(storeys),
            "building_id": self.ids(buildings),
            "building_name": self.names(buildings),
            "space_id": self.ids(self._spaces[rows]),
            "space_name": self.names(self._spaces[rows]),
            "parent_id": self.ids(self._wholes[rows]),
        }
        return Standing(columns, storeys, self._unknown(written, storeys))

    def wholes(self, rows: Indices) -> Indices:
        """The element that each of these rows is a part of, or that it voids; -1 where none is."""
        return self._wholes[rows]

    def ids(self, rows: Indices) -> pa.Array:
        """The element ids of rows; null where there is none."""
        return self._heads.element_ids.take(_at(rows))

    def names(self, rows: Indices) -> pa.Array:
        """The names of rows."""
        return self._heads.names.take(_at(rows))

    def elevations(self, rows: Indices) -> pa.Array:
        """The elevations in metres of rows that are levels; null for others."""
        known = pa.array(self._heads.levels.elevations_m, pa.float64())
        return known.take(_at(self._heads.levels.at(rows)))

    def parent_ids(self, rows: Indices, storeys: Indices) -> pa.Array:
        """The location that each of these locations lies in: its storey, else what is above it.

        What has nothing above it lies in the document, which lies in nothing.
        """
        parents = _first(_first(storeys, self._above[rows]), np.full(len(rows), self._document))
        return self.ids(np.where(parents == rows, _NOWHERE, parents))

    def _by_reference(self, given: Given, keys: Keys, length: int) -> Indices:
        """The level that each row refers to: of those called levels the first, else the lowest."""
        element, rank, numbers = given.references(keys)
        levels = self._heads.levels
        level = levels.at(self._heads.places(numbers))
        found = np.full(length, _NOWHERE)
        is_level = level != _NOWHERE
        element, rank, level = element[is_level], rank[is_level], level[is_level]
        is_by_name = keys == self._names.level_references
        worse = rank if is_by_name else levels.heights()[level]
        best_last = np.argsort(-worse, kind="stable")
        found[element[best_last]] = level[best_last]
        return found

    def _rows_of(self, level: Indices) -> Indices:
        if not len(self._heads.levels.rows):
            return level
        return np.where(level == _NOWHERE, _NOWHERE, self._heads.levels.rows[level])

    def _unknown(self, written: pa.Array, storeys: Indices) -> list[Noticed]:
        lost = written.filter(pa.array(storeys == _NOWHERE)).drop_null().unique().to_pylist()
        return [
            Noticed(
                "level_unknown",
                f"The level '{name}' has no row of its own, or several; what is on it has no id.",
                self._evidence_no,
                once=name,
            )
            for name in lost
        ]


def _at(rows: Indices) -> pa.Array:
    return pa.array(rows, mask=rows == _NOWHERE)


def _first(found: Indices, others: Indices) -> Indices:
    return np.where(found == _NOWHERE, others, found)
