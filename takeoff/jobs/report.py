"""Report: a shipped or own query, run on a lake's current or chosen snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result, listing
from takeoff.jobs.session import session
from takeoff.reports import catalog, lines, run

_MEANINGS = {"report": "its name", "title": "what it shows", "question": "what it answers"}


@dataclass(frozen=True)
class Question:
    """A report and what is asked of it. `by` and `quantities` empty: the report's own choice."""

    name: str
    by: Sequence[str] = ()
    quantities: Sequence[str] = ()
    models: Sequence[str] = ()
    snapshots: Sequence[str] = ()
    params: Mapping[str, str] = field(default_factory=dict)


def report(settings: Settings, question: Question) -> Result:
    """Raises: InputRefused for an unknown report, parameter, model or snapshot; LakeUnusable."""
    query = catalog.find(question.name, settings.query_folders())
    with session(settings, question.snapshots, question.models) as engine:
        return run.run(engine, query, _params(question))


def elements_behind(settings: Settings, question: Question, where: Mapping[str, str]) -> Result:
    """The elements behind the report's lines that have the values `where`, with their figures.

    Raises: as `report`, and InputRefused for a column that the report's lines do not have.
    """
    query = catalog.find(question.name, settings.query_folders())
    with session(settings, question.snapshots, question.models) as engine:
        return lines.elements_behind(engine, query, where, _params(question))


def _params(question: Question) -> dict[str, object]:
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
