"""Running a report: parameters in, rows with provenance out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from takeoff.core.errors import InputRefused
from takeoff.core.results import AddsUp, Provenance, Result, ResultColumn
from takeoff.core.version import __version__
from takeoff.engines.engine import Engine
from takeoff.reports import comparing, notes
from takeoff.reports.asked import Asked, understand
from takeoff.reports.catalog import Query

# In the words of what lines add up to: columns over whose values they do not.
_OF_EACH = re.compile(r"of each (\w+(?: and \w+)*)")
_SOURCES = (
    *("vendor", "project_id", "model_id"),
    *("other_vendor", "other_model_id", "other_snapshot_id"),
)
_WORDS = {
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double",
}


def run(engine: Engine, query: Query, params: Mapping[str, Any]) -> Result:
    """The report's answer. `params` are by the names of its header, and `by`: its groupings.

    Lists may be given as lists or as text with commas. Where two models draw the same building, a
    report that can be grouped by model is: their figures are never added up.
    Raises: InputRefused for an unknown or wrong parameter, and for a report whose file is wrong.
    """
    asked = understand(engine, query, params)
    table = engine.query(
        query.sql,
        asked.values,
        basis=asked.basis,
        quantities=asked.quantities,
        classes=asked.classes,
        storeys=asked.storeys,
    ).read_all()
    _check(query, table.schema)
    columns = [column for column in query.columns if column.name not in asked.hidden_columns]
    return Result(
        columns=tuple(columns),
        table=table.select([column.name for column in columns]),
        provenance=_provenance(engine, query, asked),
        adds_up=adds_up(query),
    )


def free(engine: Engine, text: str) -> Result:
    """The answer to people's own SQL, which has no header: units and meanings are not known.

    Raises: InputRefused unless `text` is one SELECT or EXPLAIN over the lake's tables.
    """
    table = engine.sql(text).read_all()
    names = table.schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputRefused(
            f"Two columns of the answer are called {', '.join(twice)}; name them with AS."
        )
    about = Provenance(
        report=None,
        title="SQL",
        question=text,
        params={},
        snapshots=engine.snapshots,
        basis="",
        notes=notes.unproved(engine),
        tool_version=__version__,
        ran_at=datetime.now(UTC),
    )
    columns = tuple(ResultColumn(f.name, column_type(f.type), None, "") for f in table.schema)
    return Result(columns, table, about)


def column_type(type_: pa.DataType) -> str:
    """Our word for a column's type; Arrow's own for those that no report has."""
    if pa.types.is_decimal(type_):
        return "decimal"
    if pa.types.is_timestamp(type_):
        return "timestamp"
    return _WORDS.get(type_, str(type_))


def _check(query: Query, schema: pa.Schema) -> None:
    stated = {column.name: column.type for column in query.columns}
    found = {field.name: column_type(field.type) for field in schema}
    for name in [*stated, *found]:
        if stated.get(name) != found.get(name):
            raise InputRefused(
                f"Report {query.path}: column {name} is {stated.get(name, 'not there')} in its "
                f"header and {found.get(name, 'not there')} in its answer; correct the header."
            )


def adds_up(query: Query) -> AddsUp | None:
    """What the lines add up to, read from the words of the header; null if they do not.

    Figures of two models or pairs are never added up: they may be of one building.
    """
    if query.partitions is None:
        return None
    named = _OF_EACH.search(query.partitions)
    within = [*_SOURCES, *(named[1].split(" and ") if named else ())]
    if query.counts is not None:
        within.append(query.counts)
    known = {column.name for column in query.columns}
    return AddsUp(
        whole=query.partitions,
        within=tuple(name for name in within if name in known),
        holds_pieces=query.partitions.startswith("volumes"),
    )


def _provenance(engine: Engine, query: Query, asked: Asked) -> Provenance:
    return Provenance(
        report=query.name,
        title=query.title,
        question=query.question,
        params=asked.shown,
        snapshots=engine.snapshots,
        basis=notes.basis_in_words(asked.basis),
        notes=_notes(engine, query, asked),
        tool_version=__version__,
        ran_at=datetime.now(UTC),
    )


def _notes(engine: Engine, query: Query, asked: Asked) -> tuple[str, ...]:
    said = notes.unproved(engine)
    if query.compares is not None:
        said += comparing.sides(engine) + comparing.matches(engine)
        said += comparing.places(engine) if query.compares == "two" else ()
        said += comparing.stated(engine)
    if query.partitions is not None:
        said += notes.partition(query.partitions, query.counts, asked.classes, asked.storeys)
        said += notes.not_counted(engine) if query.counts is None else ()
        said += notes.twins(engine, asked.basis, asked.quantities)
        said += notes.differing_totals(engine, asked.quantities)
    said += comparing.buildings(engine) + notes.copies(engine)
    return said + notes.same_buildings(asked.overlaps) + notes.shared_guids(asked.overlaps)
