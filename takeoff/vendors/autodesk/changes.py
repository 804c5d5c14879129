"""What the service itself states about changes between two versions: its comparison's rows.

Rows of two versions are matched by externalId: `lineageId` differs from version to version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors.autodesk.asked import Record
from takeoff.vendors.autodesk.fields import Fields
from takeoff.vendors.autodesk.heads import Heads
from takeoff.vendors.autodesk.rows import Rows
from takeoff.vendors.longs import Indices, encoded, spread
from takeoff.vendors.values import as_batch

_CHANGES = {
    "OBJECT_ADDED": "added",
    "OBJECT_REMOVED": "removed",
    "OBJECT_CHANGED": "changed",
}
_OTHER = "changed"


def batches(
    rows: Rows, fields: Fields, heads: Heads, record: Record, evidence_no: int
) -> Iterator[pa.RecordBatch]:
    """Rows of `changes_stated`, batch by batch.

    What was removed is no row of this version; it is numbered after those that are. The names of
    properties are those that differ; none are named where only the geometry did.
    """
    numbers = _Numbers(heads)
    first = 0
    for batch in rows.changes():
        length = len(batch)
        ids = pc.coalesce(batch.column("externalId"), pa.scalar("", pa.string()))
        element_numbers, element_ids = numbers.of(ids)
        types, which = encoded(batch.column("type"))
        yield as_batch(
            "changes_stated",
            {
                "element_id": element_ids,
                "element_no": pa.array(element_numbers, pa.int32()),
                "ordinal": pa.array(np.zeros(length), pa.int32()),
                "old_version": spread([record.previous_urn], np.zeros(length, dtype=np.int64)),
                "new_version": spread([record.version_urn], np.zeros(length, dtype=np.int64)),
                "change": spread([_CHANGES.get(type_ or "", _OTHER) for type_ in types], which),
                "property_names": _named(batch.column("keys"), fields),
                "evidence_no": pa.array(np.full(length, evidence_no), pa.int32()),
                "source_row": pa.array(np.arange(first, first + length), pa.int64()),
            },
        )
        first += length


class _Numbers:
    """From ids to the numbers of this version's rows; others are numbered after them."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._next = len(heads)

    def of(self, external_ids: pa.Array) -> tuple[Indices, pa.Array]:
        """(element_no, element_id) of each id."""
        found = pc.index_in(external_ids, self._heads.external_ids)
        places = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        gone = np.flatnonzero(places < 0)
        at = pa.array(places, mask=places < 0)
        places[gone] = np.arange(self._next, self._next + len(gone))
        self._next += len(gone)
        return places, pc.coalesce(self._heads.element_ids.take(at), external_ids)


def _named(keys: pa.ListArray, fields: Fields) -> pa.Array:
    """The names of the properties in each list, as a JSON list; null where nothing is named."""
    flat = keys.flatten().dictionary_encode()
    words = [_words(key, fields) for key in flat.dictionary.to_pylist()]
    quoted = [json.dumps(word, ensure_ascii=False) for word in words]
    named = pa.array(quoted, pa.string()).take(flat.indices)
    lengths = np.diff(keys.offsets.to_numpy())
    offsets = pa.array(np.append(0, np.cumsum(lengths)), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, named), ", ")
    listed = pc.binary_join_element_wise("[", joined, "]", "")
    return pc.if_else(pa.array(lengths > 0), listed, None)


def _words(key: str, fields: Fields) -> str:
    field = fields.get(key)
    return key if field is None else field.words
