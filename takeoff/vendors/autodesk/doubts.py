"""What can only be said of all rows together: GlobalIds that are missing or shared, empty rooms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors.autodesk.elements import Batches
from takeoff.vendors.autodesk.fields import Fields
from takeoff.vendors.autodesk.given import Given
from takeoff.vendors.autodesk.units import unit_of
from takeoff.vendors.noticed import Noticed

_MATCHED = ("physical", "part", "opening", "space")


@dataclass
class Doubts:
    """Takes batch after batch; rows that are no elements need no GlobalId."""

    fields: Fields
    evidence_no: int
    _guids: list[pa.Array] = field(default_factory=list)
    _missing: int = 0
    _flat_rooms: int = 0

    def __post_init__(self) -> None:
        units = [(item.key, unit_of(item.uom)) for item in self.fields]
        self._volumes = [key for key, unit in units if unit is not None and unit.kind == "volume"]

    def add(self, given: Given, batches: Batches) -> None:
        """The GlobalIds of a batch of rows, and the volumes of its rooms."""
        of_elements = batches.guids.filter(pc.is_in(batches.roles, pa.array(_MATCHED)))
        self._missing += of_elements.null_count
        self._guids.append(of_elements.drop_null())
        flat = batches.roles.take(pa.array(given.zeros(self._volumes)))
        self._flat_rooms += pc.sum(pc.equal(flat, "space"), min_count=0).as_py()

    def noticed(self) -> list[Noticed]:
        """How many have no GlobalId, each GlobalId that several have, how many rooms are flat."""
        found = []
        if self._missing:
            said = f"{self._missing:,} elements have no IFC GlobalId, given or derived."
            found.append(Noticed("guid_missing", said, self.evidence_no))
        if self._flat_rooms:
            said = (
                f"{self._flat_rooms:,} rooms have a volume of 0: Revit was not told to compute it."
            )
            found.append(Noticed("room_volume_zero", said, self.evidence_no))
        counted = pc.value_counts(pa.chunked_array(self._guids, pa.string()))
        is_shared = pc.greater(counted.field("counts"), 1).to_numpy(zero_copy_only=False)
        for place in np.flatnonzero(is_shared).tolist():
            guid, count = (counted.field(name)[place].as_py() for name in ("values", "counts"))
            said = f"{count} elements have the IFC GlobalId {guid}."
            found.append(Noticed("guid_repeated", said, self.evidence_no, once=guid))
        return found
