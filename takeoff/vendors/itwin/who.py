"""Which elements there are: each ECInstanceId once, whatever tables it is in, and what they say.

An element that is in several groups is one element. Of what they say of it the first that is there
counts, in the order of the tables; what differs from that stays a property.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.errors import NotUnderstood
from takeoff.vendors import longs
from takeoff.vendors.itwin import classes, guids, names
from takeoff.vendors.itwin.cells import typed
from takeoff.vendors.itwin.columns import EDITION, ROLE, SHARE, TITLE, Column
from takeoff.vendors.itwin.listed import Listed, as_roles
from takeoff.vendors.itwin.names import FLAGS, ID
from takeoff.vendors.itwin.source import Block, Source
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
)
# Plain columns of `elements`, filled as they are.
_AS_WRITTEN = FIELDS[3:]
_MOST_SAID = 20

Rows = npt.NDArray[np.int64]


class Who:
    """All rows of all tables, as far as they tell who the elements are."""

    def __init__(self) -> None:
        self._ids: list[pa.Array] = []
        self._columns: dict[str, list[pa.Array]] = {field: [] for field in FIELDS}
        self._group_classes: list[pa.Array] = []
        self._tables: list[Rows] = []
        self._evidence: list[Rows] = []
        self._source_rows: list[Rows] = []
        self._materials, self._codes = Listed(is_code=False), Listed(is_code=True)
        self._count = 0

    def add(self, table_no: int, source: Source, block: Block) -> None:
        """Take the rows of a block. Raises: NotUnderstood if one has no id."""
        ids, length = block.columns[ID], len(block)
        if pc.any(pc.or_(pc.is_null(ids), pc.equal(pc.fill_null(ids, ""), ""))).as_py():
            raise NotUnderstood(
                f"A row of the table {source.words} has no {ID}; its group's query must select "
                f"{ID} (and ECClassId), see Grouping and Mapping. Nothing was committed."
            )
        by_field = _by_field(source.columns)
        for field, found in self._columns.items():
            found.append(_first(by_field.get(field, ()), block))
        group_class = names.class_of_group(source.table.group_name)
        self._group_classes.append(pa.repeat(pa.scalar(group_class, pa.string()), length))
        self._ids.append(ids)
        self._tables.append(np.full(length, table_no))
        self._evidence.append(np.full(length, block.document.evidence_no))
        self._source_rows.append(np.arange(block.first_row, block.first_row + length))
        self._materials.add(source, block, self._count)
        self._codes.add(source, block, self._count)
        self._count += length

    def people(self) -> Elements:
        """The elements, once all rows are there."""
        nothing = np.zeros(0, dtype=np.int64)
        return Elements(
            _joined(self._ids, pa.string()),
            np.concatenate([nothing, *self._tables]),
            np.concatenate([nothing, *self._evidence]),
            np.concatenate([nothing, *self._source_rows]),
            {
                field: _joined(found, pa.bool_() if field in FLAGS else pa.string())
                for field, found in self._columns.items()
            },
            _joined(self._group_classes, pa.string()),
            self._materials,
            self._codes,
        )


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
        return {field: self._chosen(values) for field, values in self.fields.items()}

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
        }

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
                "storey_elevation_m": pa.nulls(len(self), pa.float64()),
                "role": self._roles(),
            },
        )

    def _roles(self) -> pa.Array:
        """By the class; what is physical and has a physical parent among the elements is a part."""
        by_class = _mapped(pc.fill_null(self.classes, ""), classes.role)
        is_physical = pc.equal(by_class, "physical").to_numpy(zero_copy_only=False)
        parents = pc.fill_null(pc.index_in(self.chosen["parent_id"], value_set=self.ids), -1)
        above = parents.to_numpy().astype(np.int64)
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
        nothing = pa.nulls(len(found.rows), pa.float64())
        return as_batch(
            "materials",
            {
                **self.identity(self.numbers[found.rows], found.rows),
                "ordinal": found.ordinals,
                "role": as_roles(found.column(ROLE)),
                "material": found.column("text"),
                "thickness_m": nothing,
                "share": found.column(SHARE),
                "volume_m3": nothing,
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


def _by_field(columns: Sequence[Column]) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    by_name = {column.name: column for column in columns if column.field is not None}
    for name in names.in_order(by_name):
        found.setdefault(by_name[name].field or "", []).append(by_name[name])
    return found


def _first(columns: Sequence[Column], block: Block) -> pa.Array:
    """The first value of these columns in each row."""
    found = [typed(block.columns[column.name], column) for column in columns]
    if not found:
        return pa.nulls(len(block), pa.string())
    is_flag = columns[0].field in FLAGS
    return pc.coalesce(*[one.flag if is_flag else one.text for one in found])


def _leads_nowhere(above: Indices) -> npt.NDArray[np.bool_]:
    """Which elements are in a ring of parents or below one; `above` is -1 where there is none."""
    at = above
    for _ in range(int(len(above)).bit_length() + 1):
        at = np.where(at >= 0, at[at], -1)
    found: npt.NDArray[np.bool_] = at >= 0
    return found


def _joined(found: Sequence[pa.Array], kind: pa.DataType) -> pa.Array:
    return pa.concat_arrays([pa.array([], kind), *[one.cast(kind) for one in found]])


def _mapped(texts: pa.Array, read: Callable[[str | None], str | None]) -> pa.Array:
    """What `read` makes of each text; it is asked once for each different one."""
    different, which = longs.encoded(texts)
    return longs.spread([read(text) for text in different], which)


def _odd(given: pa.Array, found: pa.Array) -> npt.NDArray[np.bool_]:
    """Where something is given that is nothing."""
    odd: npt.NDArray[np.bool_] = pc.and_(pc.is_valid(given), pc.is_null(found)).to_numpy(
        zero_copy_only=False
    )
    return odd
