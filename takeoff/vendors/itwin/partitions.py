"""The first reader: the tables of each mapping's extraction, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from takeoff.core.errors import NotUnderstood, VendorRefused
from takeoff.core.sink import Asked, Sink
from takeoff.vendors.itwin import answers, cdm, csvs, endpoints
from takeoff.vendors.itwin.asked import Table
from takeoff.vendors.itwin.cdm import Entity
from takeoff.vendors.itwin.extracting import Extracted
from takeoff.vendors.itwin.fetching import File, fetch
from takeoff.vendors.itwin.lists import Kept, kept_object
from takeoff.vendors.itwin.plan import Came, GroupTable, Tools

_NOT_FOUND = 404


@dataclass(frozen=True)
class _Described:
    """The tables of one mapping, and the answer that describes them."""

    source: Extracted
    name: str
    entities: list[Entity]


def read(
    tools: Tools, sources: Sequence[Extracted], wanted: Sequence[GroupTable], index: int, order: int
) -> Came:
    """Keep every file of every table. `index` is the changeset's, `order` the place of the answers.

    Raises: NotUnderstood if an extraction has no tables, or a file nothing where it must have
    something; VendorRefused; TryLater.
    """
    described = [_described(tools, one, (order, at)) for at, one in enumerate(sources)]
    tables: list[Table] = []
    files: list[File] = []
    missing: list[str] = []
    noticed: list[tuple[str, str]] = []
    for at, one in enumerate(described):
        known = {group.group.name: group for group in wanted if group.source is one.source}
        names = {entity.name for entity in one.entities}
        missing += [group.words for name, group in known.items() if name not in names]
        for number, entity in enumerate(one.entities):
            here = _files(one.source, entity, (order + 1, at, number))
            group = known.get(entity.name)
            if group is None:
                noticed.append(_unknown(one.source, entity))
            elif not here and not one.source.is_whole:
                missing.append(group.words)
            files += here
            tables.append(_table(one, entity, group, here, index))
    tools.progress.step("asking for tables", len(files))
    fetch(tools.session, tools.sink, files, tools.options.parallel, tools.progress)
    is_blank = _refuse_nothing(tools.sink, tables)
    return Came(tuple(tables), tuple(missing), tuple(noticed), is_blank)


def _described(tools: Tools, source: Extracted, order: tuple[int, ...]) -> _Described:
    request = endpoints.cdm(source.mapping.id, source.extraction_id)
    try:
        found = kept_object(tools.session, request, Kept(tools.sink, order))
    except VendorRefused as refusal:
        if refusal.status != _NOT_FOUND:
            raise
        raise NotUnderstood(
            f"The extraction {source.extraction_id} has no tables of the mapping "
            f"'{source.mapping.name}': the service skipped it, as it does if the mapping was "
            "extracted from a newer changeset; copy the mapping and extract the copy, or fetch "
            "the latest version. Nothing was committed."
        ) from None
    return _Described(source, request.target, cdm.entities(found, request.target))


def _files(source: Extracted, entity: Entity, order: tuple[int, ...]) -> list[File]:
    requests = [
        endpoints.partition(source.mapping.id, source.extraction_id, location)
        for location in entity.locations
    ]
    return [File(request, (*order, number)) for number, request in enumerate(requests)]


def _table(
    one: _Described, entity: Entity, group: GroupTable | None, files: Sequence[File], index: int
) -> Table:
    rows = [file.request.target for file in files]
    if group is not None:
        return group.table(entity.name, one.name, rows, index)
    mapping, extraction = one.source.mapping, one.source.extraction_id
    return Table(
        mapping.id,
        mapping.name,
        None,
        entity.name,
        extraction,
        index,
        entity.name,
        one.name,
        (),
        tuple(rows),
    )


def _refuse_nothing(sink: Sink, tables: Sequence[Table]) -> bool:
    """A file without a byte is believed only of a table without rows: one that has no other file,
    if files do not begin with the names of the columns. Whether there are files, and all are such.
    """
    lone = {table.rows[0] for table in tables if len(table.rows) == 1}
    names = [name for table in tables for name in table.rows]
    begins = {name: csvs.first_row(_held(sink, name), name) for name in names}
    has_names = any(csvs.looks_like_header(row) for row in begins.values())
    for name, row in begins.items():
        if not row and (has_names or name not in lone):
            why = "a table's file has nothing in it, not even the names of its columns"
            raise answers.refused(name, b"", why)
    return bool(begins) and not any(begins.values())


def _held(sink: Sink, name: str) -> Path:
    path = sink.held(Asked("GET", name))
    if path is None:
        raise answers.refused(name, b"", "it was not kept")
    return path


def _unknown(source: Extracted, entity: Entity) -> tuple[str, str]:
    said = (
        f"The mapping '{source.mapping.name}' has no group '{entity.name}' any more, though its "
        "extraction has a table of it; its columns are read as properties."
    )
    return "group_unknown", said
