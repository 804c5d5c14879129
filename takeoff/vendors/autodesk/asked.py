"""The client's own record of what it asked for, kept beside the answers that do not say it.

It also holds how codes are found in a model: Revit has no field of its own for most systems, so
users add some under any name. What stands in the record gives the same rows whenever it is read.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from takeoff.core.refs import Document
from takeoff.vendors.autodesk.answers import object_of, refused


@dataclass(frozen=True)
class CodeField:
    """A property that holds a code of `system`, and the one with its title, if there is one."""

    system: str
    name: str
    title_name: str | None = None


@dataclass(frozen=True)
class Record:
    """`index_id` is the index that counts; `diff_id` null if none was asked for.

    `previous_urn` is the version that the diff compares with. `noticed` are (code, text) of what
    was noticed while asking.
    """

    version_urn: str
    index_id: str
    previous_urn: str | None = None
    diff_id: str | None = None
    codes: tuple[CodeField, ...] = ()
    noticed: tuple[tuple[str, str], ...] = ()

    def noticing(self, code: str, text: str) -> Record:
        """The record with one more notice."""
        return replace(self, noticed=(*self.noticed, (code, text)))


def written(record: Record) -> bytes:
    """The record as bytes; the same record gives the same bytes."""
    return json.dumps(asdict(record), ensure_ascii=False, indent=1).encode()


def read(document: Document) -> Record:
    """The record again. Raises: NotUnderstood if it is not as it was written."""
    raw = document.path.read_bytes()
    given = object_of(raw, document.name)
    try:
        return Record(
            given["version_urn"],
            given["index_id"],
            given["previous_urn"],
            given["diff_id"],
            tuple(CodeField(**one) for one in given["codes"]),
            tuple((code, text) for code, text in given["noticed"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise refused(document.name, raw, f"it is no record of ours ({error!r})") from error
