"""The client's own record of what it asked for, kept beside the answers that do not say it.

No row of a table tells its mapping, group or changeset, and nothing tells which answers make up a
table; the requests did.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from takeoff.vendors.itwin import answers

CDM, ODATA = "cdm", "odata"
READERS = (CDM, ODATA)


@dataclass(frozen=True)
class Table:
    """One group's table. `group_id` is null for a table of a group that is not listed any more.

    `entity` is its name in the answer `described_by` (a CDM or a feed's metadata); `properties` and
    `rows` are the answers with the group's properties and the table's rows, in order.
    """

    mapping_id: str
    mapping_name: str
    group_id: str | None
    group_name: str
    extraction_id: str
    changeset_index: int
    entity: str
    described_by: str
    properties: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """`reader` is cdm or odata; `noticed` are (code, text) of what was seen while asking."""

    reader: str
    tables: tuple[Table, ...]
    noticed: tuple[tuple[str, str], ...]


def written(record: Record) -> bytes:
    """The record as bytes; the same record gives the same bytes."""
    return json.dumps(asdict(record), ensure_ascii=False, indent=1).encode()


def read(raw: bytes, name: str) -> Record:
    """The record again. Raises: NotUnderstood if it is none."""
    found = answers.as_object(answers.parsed(raw, name), name)
    try:
        return Record(
            str(found["reader"]),
            tuple(_table(item) for item in found["tables"]),
            tuple((str(code), str(said)) for code, said in found["noticed"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise answers.refused(name, raw, f"it is no record of a fetch ({error!r})") from error


def _table(item: Mapping[str, Any]) -> Table:
    lists = {key: tuple(map(str, item[key])) for key in ("properties", "rows")}
    return Table(**{**item, **lists})
