"""The elements of all tables, each once, and what stands in their rows and beside them.

Of what the tables say of an element the first that is there counts, in the order of the tables;
what differs from that stays a property.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors import longs
from takeoff.vendors.itwin import classes, guids
from takeoff.vendors.itwin.columns import EDITION, ROLE, SHARE, THICKNESS, TITLE, VOLUME
from takeoff.vendors.itwin.listed import Listed, as_roles
from takeoff.vendors.itwin.names import FLAGS, LENGTHS
from takeoff.vendors.itwin.places import Place, places
from takeoff.vendors.longs import Indices
from takeoff.vendors.noticed import Noticed
from takeoff.vendors.values import as_batch

FIELDS = (
    "federation",
    "guid",
    "class",
    "name",
    "building_name",
    "storey_name",
    "space_name",
    "building_id",
    "storey_id",
    "space_id",
    "type_id",
    "parent_id",
    "authoring_id",
    "type_name",
    "predefined_type",
    "mark",
    "discipline",
    "system",
    "phase",
    *FLAGS,
    *LENGTHS,
)
# Plain columns of `elements`, filled as they are.
_AS_WRITTEN = tuple(field for field in FIELDS[3:] if field not in ("parent_id", *LENGTHS))
_MOST_SAID = 20
_TEXT = pa.string()
# IFC's word for a predefined type that nobody chose.
_NO_KIND = "NOTDEFINED"

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Elements:
    """The rows of all tables one after the other, and the elements that they are of."""

    row_ids: pa.Array
    tables: Rows
    evidence: Rows
    source_rows: Rows
    fields: Mapping[str, pa.Array]
    group_classes: pa.Array
    materials: Listed
    codes: Listed

    @cached_property
    def _encoded(self) -> tuple[pa.Array, Indices]:
        found = self.row_ids.dictionary_encode()
        return found.dictionary, found.indices.to_numpy(zero_copy_only=False).astype(np.int64)

    @property
    def ids(self) -> pa.Array:
        """The id of each element, in the order in which they come."""
        return self._encoded[0]

    @property
    def numbers(self) -> Indices:
        """The element of each row."""
        return self._encoded[1]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def first_rows(self) -> Rows:
        """The first row of each element."""
        return self._first_where(np.arange(len(self.numbers)))

    @cached_property
    def occurrences(self) -> Indices:
        """For each row, how many of its element stand before it in the same table."""
        order = np.lexsort((self.numbers, self.tables))
        keys = self.tables[order] * (len(self) + 1) + self.numbers[order]
        found = np.zeros(len(order), dtype=np.int64)
        found[order] = np.arange(len(order)) - np.searchsorted(keys, keys, side="left")
        return found

    @cached_property
    def is_shared(self) -> npt.NDArray[np.bool_]:
        """For each element, whether it is in more than one table."""
        pairs = np.unique(self.numbers * (self.tables.max(initial=0) + 1) + self.tables)
        counts = np.bincount(pairs // (self.tables.max(initial=0) + 1), minlength=len(self))
        shared: npt.NDArray[np.bool_] = counts > 1
        return shared

    @cached_property
    def chosen(self) -> dict[str, pa.Array]:
        """What counts of each element, by field."""
        found = {field: self._chosen(values) for field, values in self.fields.items()}
        kinds = found["predefined_type"]
        is_none = pc.equal(pc.utf8_upper(kinds), _NO_KIND)
        return {**found, "predefined_type": pc.if_else(is_none, None, kinds)}

    @cached_property
    def classes(self) -> pa.Array:
        """The IFC class of each element."""
        return pc.coalesce(
            _mapped(self.chosen["class"], classes.ifc_class), self._chosen(self.group_classes)
        )

    @cached_property
    def landed(self) -> dict[str, pa.Array]:
        """What of each field stands in the row of its element, as it was written."""
        given, federation = self._guids
        return {
            **self.chosen,
            "guid": given,
            "federation": pc.if_else(
                pc.and_(pc.is_null(given), pc.is_valid(federation)), self.chosen["federation"], None
            ),
            **self._landed_with_places,
        }

    @cached_property
    def places(self) -> list[Place]:
        """Sites, buildings, storeys and spaces, each once."""
        return places(self.ids, self.classes, self.chosen)

    @cached_property
    def _landed_with_places(self) -> dict[str, pa.Array]:
        """What stands in the row of an element's own place, or in its own row by its place."""
        own = [place for place in self.places if place.is_element]
        at = np.array([place.row for place in own], dtype=np.int64)
        parents = _placed([place.parent_id for place in own], at, len(self), pa.string())
        elevations = _placed([place.elevation_m for place in own], at, len(self), pa.float64())
        return {
            "parent_id": pc.coalesce(parents, self._whole_ids),
            "storey_elevation": self._storey_elevations,
            "elevation": elevations,
        }

    @cached_property
    def _whole_ids(self) -> pa.Array:
        """`parent_id`, without the places that something is in."""
        parents = self.chosen["parent_id"]
        is_place = pc.is_in(parents, value_set=pa.array([one.id for one in self.places], _TEXT))
        return pc.if_else(is_place, None, parents)

    @cached_property
    def _storey_elevations(self) -> pa.Array:
        """As the element's row says, or else its storey."""
        told = {one.id: one.elevation_m for one in self.places if one.kind == "storey"}
        storeys, which = longs.encoded(self.chosen["storey_id"])
        known = pa.array([told.get(storey or "") for storey in storeys], pa.float64())
        return pc.coalesce(self.chosen["storey_elevation"], known.take(pa.array(which)))

    @cached_property
    def _guids(self) -> tuple[pa.Array, pa.Array]:
        """The GlobalIds that are given, and those of the FederationGuids; null where none is."""
        return (
            guids.global_ids(self.chosen["guid"]),
            guids.compressed(self.chosen["federation"]),
        )

    def batch(self) -> pa.RecordBatch:
        """The rows of `elements`."""
        given, federation = self._guids
        source = pc.if_else(pc.is_valid(given), "given", None)
        first = self.first_rows
        return as_batch(
            "elements",
            {
                **{field: self.chosen[field] for field in _AS_WRITTEN},
                **self.identity(np.arange(len(self)), first),
                "source_id": self.ids,
                "ifc_guid": pc.coalesce(given, federation),
                "ifc_guid_source": pc.coalesce(
                    source, pc.if_else(pc.is_valid(federation), "federation", None)
                ),
                "ifc_class": self.classes,
                "source_class": self.chosen["class"],
                "parent_id": self._whole_ids,
                "storey_elevation_m": self._storey_elevations,
                "role": self._roles,
            },
        )

    def location_batch(self) -> pa.RecordBatch:
        """The rows of `locations`."""
        rows = self.first_rows[np.array([one.row for one in self.places], dtype=np.int64)]
        return as_batch(
            "locations",
            {
                "location_id": pa.array([one.id for one in self.places], pa.string()),
                "parent_id": pa.array([one.parent_id for one in self.places], pa.string()),
                "kind": pa.array([one.kind for one in self.places], pa.string()),
                "name": pa.array([one.name for one in self.places], pa.string()),
                "elevation_m": pa.array([one.elevation_m for one in self.places], pa.float64()),
                "evidence_no": pa.array(self.evidence[rows], pa.int32()),
                "source_row": pa.array(self.source_rows[rows], pa.int64()),
            },
        )

    def relation_batch(self) -> pa.RecordBatch:
        """The rows of `relations`: parts of their parents, and openings in them."""
        kinds = pc.if_else(pc.equal(self._roles, "part"), "part_of", None)
        is_opening = pc.equal(self._roles, "opening")
        kinds = pc.coalesce(kinds, pc.if_else(is_opening, "voids", None))
        parents = pc.fill_null(self._parents, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        is_one = pc.is_valid(kinds).to_numpy(zero_copy_only=False) & (parents >= 0)
        at = np.flatnonzero(is_one)
        told = self.identity(at, self.first_rows[at])
        wholes = parents[at]
        return as_batch(
            "relations",
            {
                "from_element_id": told["element_id"],
                "from_element_no": told["element_no"],
                "to_element_id": self.ids.take(pa.array(wholes)),
                "to_element_no": pa.array(wholes, pa.int32()),
                "kind": kinds.take(pa.array(at)),
                "evidence_no": told["evidence_no"],
                "source_row": told["source_row"],
            },
        )

    @cached_property
    def _parents(self) -> pa.Array:
        """The number of the whole of each element; null if that is no element."""
        return pc.index_in(self._whole_ids, value_set=self.ids)

    @cached_property
    def _roles(self) -> pa.Array:
        """By the class; what is physical and has a physical parent among the elements is a part."""
        by_class = _mapped(pc.fill_null(self.classes, ""), classes.role)
        is_physical = pc.equal(by_class, "physical").to_numpy(zero_copy_only=False)
        above = pc.fill_null(self._parents, -1).to_numpy().astype(np.int64)
        is_part = is_physical & (above >= 0) & is_physical[above] & ~_leads_nowhere(above)
        return pc.if_else(pa.array(is_part), "part", by_class)

    def identity(self, numbers: Indices, rows: Rows) -> dict[str, pa.Array]:
        """element_id, element_no, evidence_no and source_row of elements, as given by rows."""
        return {
            "element_id": self.ids.take(pa.array(numbers)),
            "element_no": pa.array(numbers, pa.int32()),
            "evidence_no": pa.array(self.evidence[rows], pa.int32()),
            "source_row": pa.array(self.source_rows[rows], pa.int64()),
        }

    def material_batch(self) -> pa.RecordBatch:
        """The rows of `materials`."""
        found = self.materials.distinct(self.numbers)
        return as_batch(
            "materials",
            {
                **self.identity(self.numbers[found.rows], found.rows),
                "ordinal": found.ordinals,
                "role": as_roles(found.column(ROLE)),
                "material": found.column("text"),
                "thickness_m": found.column(THICKNESS),
                "share": found.column(SHARE),
                "volume_m3": found.column(VOLUME),
            },
        )

    def code_batch(self) -> pa.RecordBatch:
        """The rows of `codes`."""
        found = self.codes.distinct(self.numbers)
        return as_batch(
            "codes",
            {
                **self.identity(self.numbers[found.rows], found.rows),
                "ordinal": found.ordinals,
                "system": found.column("system"),
                "edition": found.column(EDITION),
                "code": found.column("text"),
                "title": found.column(TITLE),
            },
        )

    def noticed(self) -> list[Noticed]:
        """GUIDs that are none; at most so many are named."""
        given, federation = self._guids
        odd = _odd(self.chosen["guid"], given) | _odd(self.chosen["federation"], federation)
        at = np.flatnonzero(odd)
        said = []
        for number in at[:_MOST_SAID].tolist():
            row = self.first_rows[number]
            text = self.chosen["federation"][number].as_py() or self.chosen["guid"][number].as_py()
            said.append(
                Noticed(
                    "guid_invalid",
                    f"The element {self.ids[number].as_py()} has '{text}' for a GUID, which is "
                    "none; it has no IFC GUID.",
                    int(self.evidence[row]),
                    int(self.source_rows[row]),
                    self.ids[number].as_py(),
                    number,
                )
            )
        if len(at) > _MOST_SAID:
            more = f"{len(at) - _MOST_SAID:,} more elements have no valid GUID."
            said.append(Noticed("guid_invalid", more, int(self.evidence[self.first_rows[at[0]]])))
        return said

    def _chosen(self, values: pa.Array) -> pa.Array:
        rows = np.flatnonzero(pc.is_valid(values).to_numpy(zero_copy_only=False))
        first = self._first_where(rows)
        return values.take(pa.array(first, mask=first < 0))

    def _first_where(self, rows: Rows) -> Rows:
        """The first of these rows of each element; -1 if it has none."""
        found = np.full(len(self), -1, dtype=np.int64)
        found[self.numbers[rows][::-1]] = rows[::-1]
        return found


def _leads_nowhere(above: Indices) -> npt.NDArray[np.bool_]:
    """Which elements are in a ring of parents or below one; `above` is -1 where there is none."""
    at = above
    for _ in range(int(len(above)).bit_length() + 1):
        at = np.where(at >= 0, at[at], -1)
    found: npt.NDArray[np.bool_] = at >= 0
    return found


def _mapped(texts: pa.Array, read: Callable[[str | None], str | None]) -> pa.Array:
    """What `read` makes of each text; it is asked once for each different one."""
    different, which = longs.encoded(texts)
    return longs.spread([read(text) for text in different], which)


def _placed(values: Sequence[object], at: Rows, length: int, kind: pa.DataType) -> pa.Array:
    """The values at these rows, null elsewhere; `at` ascends."""
    places = np.full(length, -1, dtype=np.int64)
    places[at] = np.arange(len(at))
    return pa.array(values, kind).take(pa.array(places, mask=places < 0))


def _odd(given: pa.Array, found: pa.Array) -> npt.NDArray[np.bool_]:
    """Where something is given that is nothing."""
    odd: npt.NDArray[np.bool_] = pc.and_(pc.is_valid(given), pc.is_null(found)).to_numpy(
        zero_copy_only=False
    )
    return odd
