"""The one way in which a Parquet file of the lake is written.

The same rows in the same row groups give the same bytes with the same pyarrow.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from inspect import signature
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from takeoff.core.errors import LakeUnusable
from takeoff.core.refs import DataFile
from takeoff.lake import disk

ROW_GROUP = 16_384
FOOTER_KEY = "takeoff"
# Against level 3: a third less work for 2 % more bytes.
_ZSTD_LEVEL = 1
# Text that is another one in nearly every row: a dictionary of it would cost time and room.
_VARIED = (
    "element_id",
    "from_element_id",
    "to_element_id",
    "parent_id",
    "source_id",
    "authoring_id",
    "ifc_guid",
    "source_value",
    "sha256",
)
# Columns whose least and greatest value nobody looks for: to find them takes as long as to write.
_UNSOUGHT = frozenset(
    "kind basis origin unit_status source_unit unit value_kind text source_value".split()
)
# Columns in which one value is looked for: a Bloom filter tells which row groups cannot have it.
_LOOKED_UP = {"elements": ("element_id", "ifc_guid")}
_PASSED_BY_MISTAKE = 0.05
_CAN_FILTER = "bloom_filter_options" in signature(pq.ParquetWriter).parameters


def write_file(
    folder: Path,
    table: str,
    name: str,
    schema: pa.Schema,
    groups: Iterable[pa.Table],
    about: Mapping[str, str | int],
) -> DataFile:
    """The file `name` below `folder`, of these row groups, each of at most ROW_GROUP rows; durable.

    No group has more rows than the first. `schema` is that of the table, its text may be encoded.
    `about` goes into the footer. Raises: LakeUnusable.
    """
    path, rows, groups = folder / name, 0, iter(groups)
    first = list(islice(groups, 1))
    disk.make_scratch(path.parent)
    with disk.usable(path, "write"):
        with (
            # Closed whatever happens: the writer leaves its own file open if the disk is full.
            pa.OSFile(str(path), "wb") as file,
            pq.ParquetWriter(
                file,
                schema,
                version="2.6",
                compression="zstd",
                compression_level=_ZSTD_LEVEL,
                use_dictionary=[field.name for field in schema if has_twins(field)],
                write_statistics=[name for name in schema.names if name not in _UNSOUGHT],
                # It would say which columns came encoded; a file's types are those of its table.
                store_schema=False,
                **_filters(table, sum(group.num_rows for group in first)),
            ) as writer,
        ):
            # Beside the schema, not in it: the schema is the same in every file of a table. And
            # one entry: the order of several depends on how pyarrow was built.
            writer.add_key_value_metadata({FOOTER_KEY: json.dumps(about)})
            for group in chain(first, groups):
                rows += group.num_rows
                writer.write_table(group, ROW_GROUP)
        written = pq.read_metadata(path).num_rows
    if written != rows:
        raise LakeUnusable(
            f"{path} holds {written} rows of the {rows} written to it; "
            "check that disk and run again."
        )
    disk.sync_file(path)
    size, sha256 = disk.measure(path)
    return DataFile(table, name, rows, size, sha256)


def _filters(table: str, rows: int) -> dict[str, Any]:
    """Bloom filters for row groups of so many rows, if this pyarrow can write any (26 can)."""
    wanted = {"ndv": rows, "fpp": _PASSED_BY_MISTAKE}
    columns = dict.fromkeys(_LOOKED_UP.get(table, ()), wanted)
    return {"bloom_filter_options": columns} if _CAN_FILTER and rows and columns else {}


def has_twins(field: pa.Field) -> bool:
    """Whether the column is text of which many rows may have the same."""
    is_text = pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)
    return is_text and field.name not in _VARIED
