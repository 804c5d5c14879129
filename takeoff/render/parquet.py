"""Parquet with the result's own types: decimals stay decimals.

The file's metadata key `takeoff` holds the provenance as JSON, each field's metadata its unit and
meaning.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from takeoff.core.errors import InputRefused
from takeoff.core.progress import Progress
from takeoff.core.results import Result, ResultColumn
from takeoff.render import QUIET, Target, provenance_json, whole_files

NEEDS_FILE = True
HOLDS_EVIDENCE = False

METADATA_KEY = b"takeoff"


def write(result: Result, target: Target, *, raw: bool = False, progress: Progress = QUIET) -> None:
    """All rows, in order; zstd, row groups of 16,384 rows.

    Raises: InputRefused if two columns have one name or differ in case only (readers would take
    one for the other), or a type has no form in Parquet.
    """
    if not isinstance(target, Path):
        raise InputRefused("The form parquet needs a file; name one with -o FILE.parquet.")
    _check_names(result)
    with whole_files(target) as (part,):
        _write_file(result, part)


def _write_file(result: Result, part: Path) -> None:
    schema = _schema(result)
    try:
        pq.write_table(
            pa.Table.from_arrays(result.table.columns, schema=schema),
            part,
            compression="zstd",
            row_group_size=16_384,
        )
    except pa.ArrowNotImplementedError as error:
        # pyarrow's only word for a type that Parquet has not, such as a query's own INTERVAL.
        raise InputRefused(
            f"Parquet cannot hold a column of this result ({error}); cast it to text in the query."
        ) from error


def _schema(result: Result) -> pa.Schema:
    fields = [
        pa.field(column.name, type_, metadata=_meaning(column))
        for column, type_ in zip(result.columns, result.table.schema.types, strict=True)
    ]
    about = provenance_json(result).encode("utf-8", "backslashreplace")
    return pa.schema(fields, metadata={METADATA_KEY: about})


def _meaning(column: ResultColumn) -> dict[str, str]:
    unit = {} if column.unit is None else {"unit": column.unit}
    return {"meaning": column.meaning, **unit}


def _check_names(result: Result) -> None:
    names = Counter(column.name.lower() for column in result.columns)
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        raise InputRefused(
            f"Two columns are called {twice[0]!r} (small and capital letters count as one in "
            "Parquet readers); rename one with AS."
        )
