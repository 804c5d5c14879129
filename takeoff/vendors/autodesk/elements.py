"""From a batch of rows to the rows of every table but figures and properties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors.autodesk import categories, guids
from takeoff.vendors.autodesk.classification import Codes
from takeoff.vendors.autodesk.given import Given
from takeoff.vendors.autodesk.heads import Heads
from takeoff.vendors.autodesk.names import Names
from takeoff.vendors.autodesk.places import Places
from takeoff.vendors.longs import Indices
from takeoff.vendors.noticed import Noticed
from takeoff.vendors.values import Batch, Elements, as_batch

# Their values are columns of `elements`, and so no properties.
OWN = ("name", "category_name", "type_name", "authoring_id")


@dataclass(frozen=True)
class Known:
    """What decoding a batch rests on, the same for all batches of a model."""

    heads: Heads
    names: Names
    places: Places
    codes: Codes
    evidence_no: int

    @property
    def own_keys(self) -> list[str]:
        """The keys whose values are columns of `elements`: of each the first one, which counts."""
        return [keys[0] for meaning in OWN if (keys := self.names.keys(meaning))]


class Batches:
    """The rows of one batch, which begins at the row `first` of the file."""

    def __init__(self, given: Given, first: int, length: int, known: Known) -> None:
        self._given, self._known, self._length = given, known, length
        self._rows: Indices = np.arange(first, first + length)
        self._standing = known.places.of(given, self._rows)
        heads, at = known.heads, pa.array(self._rows)
        self.elements = Elements(
            heads.element_ids.take(at),
            pa.array(self._rows, pa.int32()),
            heads.classes.take(at),
            pa.array(self._rows, pa.int64()),
            known.evidence_no,
        )
        self.guids, self._guid_source = self._guids()

    def batches(self) -> tuple[list[Batch], list[Noticed]]:
        """The rows of these tables, and what was noticed."""
        found = [
            ("elements", self._elements()),
            ("locations", self._locations()),
            ("codes", self._known.codes.batch(self._given, self.elements)),
            ("materials", self._materials()),
            ("relations", self._relations()),
        ]
        return [item for item in found if len(item[1])], self._standing.noticed

    @property
    def roles(self) -> pa.Array:
        """The role of each row."""
        return self._known.heads.roles.take(pa.array(self._rows))

    def _elements(self) -> pa.RecordBatch:
        heads, given = self._known.heads, self._given
        at = pa.array(self._rows)
        return as_batch(
            "elements",
            {
                **self.elements.identity(np.arange(self._length)),
                **self._standing.columns,
                "source_id": heads.source_ids.take(at),
                "authoring_id": self._texts("authoring_id"),
                "ifc_guid": self.guids,
                "ifc_guid_source": self._guid_source,
                "ifc_class": self.elements.classes,
                "source_class": heads.categories.take(at),
                "predefined_type": self._texts("predefined_type"),
                "name": heads.names.take(at),
                "type_id": self._known.places.ids(heads.types[self._rows]),
                "type_name": self._type_names(),
                "mark": self._texts("mark"),
                "discipline": pa.nulls(self._length, pa.string()),
                "system": self._texts("system"),
                "phase": self._texts("phase"),
                "is_external": given.flags(self._known.names.keys("is_external")),
                "load_bearing": given.flags(self._known.names.keys("load_bearing")),
                "role": self.roles,
            },
        )

    def _type_names(self) -> pa.Array:
        """The name of each row's type; types have none above them."""
        is_type = pc.equal(self.roles, "type")
        return pc.if_else(is_type, pa.scalar(None, pa.string()), self._texts("type_name"))

    def _texts(self, meaning: str) -> pa.Array:
        return self._given.texts(self._known.names.keys(meaning))

    def _guids(self) -> tuple[pa.Array, pa.Array]:
        """The GlobalId that is given, else the one that the id in Revit stands for; and which."""
        external = self._known.heads.external_ids.take(pa.array(self._rows))
        given = pc.coalesce(guids.given(self._texts("ifc_guid")), guids.written(external))
        derived = guids.derived(external)
        source = pc.if_else(derived.is_valid(), "derived", pa.scalar(None, pa.string()))
        source = pc.if_else(given.is_valid(), "given", source)
        return pc.coalesce(given, derived), source

    def _locations(self) -> pa.RecordBatch:
        """Projects, storeys, spaces and so on: rows that are places, and no types of them."""
        is_place = pc.is_in(self.roles, pa.array(["location", "space"]))
        where = np.flatnonzero(is_place.to_numpy(zero_copy_only=False))
        classes = self.elements.classes.take(pa.array(where)).to_pylist()
        kinds = [categories.location_kind(name) for name in classes]
        # What is a location without a class of its own is the document, which stands for all.
        named = [kind or "project" for kind in kinds]
        identity = self.elements.identity(where)
        rows, places = self._rows[where], self._known.places
        return as_batch(
            "locations",
            {
                "location_id": identity["element_id"],
                "parent_id": places.parent_ids(rows, self._standing.storeys[where]),
                "kind": pa.array(named, pa.string()),
                "name": places.names(rows),
                "elevation_m": places.elevations(rows),
                "evidence_no": identity["evidence_no"],
                "source_row": identity["source_row"],
            },
        )

    def _relations(self) -> pa.RecordBatch:
        """Parts and their wholes, openings and what they are in: as the tree has them."""
        wholes = self._known.places.wholes(self._rows)
        kinds = pc.if_else(pc.equal(self.roles, "part"), "part_of", pa.scalar(None, pa.string()))
        kinds = pc.if_else(pc.equal(self.roles, "opening"), "voids", kinds)
        is_there = (wholes >= 0) & kinds.is_valid().to_numpy(zero_copy_only=False)
        where = np.flatnonzero(is_there)
        identity, wholes = self.elements.identity(where), wholes[where]
        return as_batch(
            "relations",
            {
                "from_element_id": identity["element_id"],
                "from_element_no": identity["element_no"],
                "to_element_id": self._known.places.ids(wholes),
                "to_element_no": pa.array(wholes, pa.int32()),
                "kind": kinds.take(pa.array(where)),
                "evidence_no": identity["evidence_no"],
                "source_row": identity["source_row"],
            },
        )

    def _materials(self) -> pa.RecordBatch:
        """The one material of each element; those of its layers are not in this API."""
        material = self._texts("material")
        where = np.flatnonzero(material.is_valid().to_numpy(zero_copy_only=False))
        nothing = pa.nulls(len(where), pa.float64())
        return as_batch(
            "materials",
            {
                **self.elements.identity(where),
                "ordinal": pa.array(np.zeros(len(where)), pa.int32()),
                "role": pa.array(["single"] * len(where), pa.string()),
                "material": material.take(pa.array(where)),
                **dict.fromkeys(("thickness_m", "share", "volume_m3"), nothing),
            },
        )
