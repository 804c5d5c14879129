"""Report: a shipped or own query, run on a lake's current or chosen snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result, listing
from takeoff.engines.duckdb import Engine
from takeoff.jobs import gate
from takeoff.jobs.measuring import prepare
from takeoff.jobs.session import comparison, session
from takeoff.reports import catalog, lines, run

_MEANINGS = {"report": "its name", "title": "what it shows", "question": "what it answers"}


@dataclass(frozen=True)
class Question:
    """A report and what is asked of it. `by` and `quantities` empty: the report's own choice.

    `gate`: warn, exclude or fail, see jobs.gate; null: no checks are run.
    """

    name: str
    by: Sequence[str] = ()
    quantities: Sequence[str] = ()
    models: Sequence[str] = ()
    snapshots: Sequence[str] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    gate: str | None = None


def report(settings: Settings, question: Question) -> Result:
    """Raises: InputRefused for an unknown report, parameter, model or snapshot; LakeUnusable.

    GateFailed if the question wants no figure that a check shows to be wrong.
    """
    query = catalog.find(question.name, settings.query_folders())
    with _session(settings, query, question) as engine:
        said = gate.apply(engine, settings, question.gate, question.quantities)
        params = params_of(question)
        measuring = prepare(engine, settings, query, params)
        return gate.noted(measuring.noted(query, run.run(engine, query, params)), said)


def elements_behind(settings: Settings, question: Question, where: Mapping[str, str]) -> Result:
    """The elements behind the report's lines that have the values `where`, with their figures.

    Raises: as `report`, and InputRefused for a column that the report's lines do not have.
    """
    query = catalog.find(question.name, settings.query_folders())
    with _session(settings, query, question) as engine:
        said = gate.apply(engine, settings, question.gate, question.quantities)
        params = params_of(question)
        prepare(engine, settings, query, params)
        return gate.noted(lines.elements_behind(engine, query, where, params), said)


def _session(
    settings: Settings, query: catalog.Query, question: Question
) -> AbstractContextManager[Engine]:
    """A report that compares gets its snapshots as pairs; all others the models asked about."""
    if query.compares is None:
        return session(settings, question.snapshots, question.models)
    named = len(question.snapshots)
    if question.models or named < 2 or (query.compares == "two" and named > 2):
        raise InputRefused(
            f"The report {query.name} compares {query.compares} snapshots; name the first and "
            "the other with --snapshot, by id or as vendor:model@label."
        )
    return comparison(settings, question.snapshots)


def params_of(question: Question) -> dict[str, object]:
    """What was asked by option and what was asked as a parameter are one to a report."""
    options = {"by": question.by, "quantity": question.quantities}
    given = {name: list(values) for name, values in options.items() if values}
    if twice := sorted(given.keys() & question.params.keys()):
        raise InputRefused(
            f"'{twice[0]}' is asked both by its option and as a parameter; drop one."
        )
    return {**given, **question.params}


def reports(settings: Settings) -> Result:
    """All reports that there are, the project's own included."""
    rows = [
        {"report": query.name, "title": query.title, "question": query.question}
        for query in catalog.all_reports(settings.query_folders())
    ]
    schema = pa.schema([(name, pa.string()) for name in _MEANINGS])
    return listing("Reports", pa.Table.from_pylist(rows, schema), _MEANINGS)
