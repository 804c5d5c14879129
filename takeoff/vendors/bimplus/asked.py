"""The client's own record of what it asked for, kept beside the answers that do not say it.

A list of objects does not say that it counts: one of an earlier try may be of another state of the
model. And what was noticed while asking, such as a file of another size, is in no answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from takeoff.vendors.bimplus import answers

_TREE, _LISTS, _CALCULATED, _UNITS, _NOTICED = "tree", "objects", "calculated", "units", "noticed"


@dataclass(frozen=True)
class Record:
    """`tree` and `lists` are the request paths that count, the lists in the order of the types.

    `calculated` is that of calculated quantities, null if none were asked for; `attributes` says by
    which request the unit of each of them came. `noticed` are codes and texts for the warnings.
    """

    tree: str | None = None
    lists: tuple[str, ...] = ()
    calculated: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    noticed: tuple[tuple[str, str], ...] = ()


def written(record: Record) -> bytes:
    """The record as bytes; the same record gives the same bytes."""
    content = {
        _TREE: record.tree,
        _LISTS: record.lists,
        _CALCULATED: record.calculated,
        _UNITS: record.attributes,
        _NOTICED: record.noticed,
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def read(raw: bytes, name: str) -> Record:
    """The record again."""
    content = answers.parsed(raw, name)
    return Record(
        content[_TREE],
        tuple(content[_LISTS]),
        content[_CALCULATED],
        _pairs(content[_UNITS]),
        _pairs(content[_NOTICED]),
    )


def _pairs(items: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(one), str(other)) for one, other in items)
