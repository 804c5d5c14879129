"""Report: a shipped or own query, run on a lake's current or chosen snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.refs import Snapshot
from takeoff.core.results import Result, listing
from takeoff.engines.engine import Engine
from takeoff.jobs import gate
from takeoff.jobs.beside import audited, check_beside, revisions, titled_changes
from takeoff.jobs.line_evidence import line_evidence
from takeoff.jobs.measuring import prepare
from takeoff.jobs.session import comparison, session
from takeoff.lake.layout import open_layout
from takeoff.reports import catalog, run
from takeoff.reports.asked import understand
from takeoff.reports.explained_rows import Guids, guids_of
from takeoff.reports.figures_behind import MEASURED, figures_read
from takeoff.reports.line_shares import Line, lines_with, shares

_MEANINGS = {"report": "its name", "title": "what it shows", "question": "what it answers"}


@dataclass(frozen=True)
class Question:
    """A report and what is asked of it. `by` and `quantities` empty: the report's own choice.

    `gate`: warn, exclude or fail, see jobs.gate; null: no checks are run. `with_evidence`: the
    answer brings what stands behind all its lines. `beside`: what else it brings about the same
    models, audit and changes (since the revision before).
    """

    name: str
    by: Sequence[str] = ()
    quantities: Sequence[str] = ()
    models: Sequence[str] = ()
    snapshots: Sequence[str] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    gate: str | None = None
    with_evidence: bool = False
    beside: Sequence[str] = ()


@dataclass(frozen=True)
class ExplainedLines:
    """Some lines of a report, as it shows them, and what stands behind them."""

    lines: tuple[Line, ...]
    evidence: Result


def report(settings: Settings, question: Question) -> Result:
    """Raises: InputRefused for an unknown report, parameter, model or snapshot; LakeUnusable.

    GateFailed if the question wants no figure that a check shows to be wrong.
    """
    check_beside(question.beside)
    with _answer(settings, question) as answer:
        result = answer.result
        if question.with_evidence:
            lines = lines_with(result, answer.query, {})
            result = replace(result, evidence=answer.evidence(settings, lines))
    return _with_beside(settings, question, result)


def explain_lines(
    settings: Settings, question: Question, where: Mapping[str, str]
) -> ExplainedLines:
    """What stands behind the lines that have the values `where` ('' is null); behind all without.

    Lines of several quantities, of which `where` names none, are explained by their Count alone.
    Raises: as `report`, and InputRefused for a column that tells no lines apart, for values that no
    line has, and for a report that does not say which elements its lines hold; LakeUnusable for
    evidence that is missing or damaged.
    """
    with _answer(settings, question) as answer:
        lines = lines_with(answer.result, answer.query, where)
        return ExplainedLines(lines, answer.evidence(settings, lines))


def guids_of_lines(settings: Settings, question: Question, where: Mapping[str, str]) -> Guids:
    """The IFC GUIDs of the elements behind lines, chosen as by `explain_lines`.

    Raises: as `explain_lines`, but no evidence is read.
    """
    with _answer(settings, question) as answer:
        asked = understand(answer.engine, answer.query, answer.params)
        lines = lines_with(answer.result, answer.query, where)
        given = shares(answer.engine, answer.query, asked, lines)
        return guids_of(answer.engine, [share.element for share in given])


def _with_beside(settings: Settings, question: Question, result: Result) -> Result:
    """What was asked to stand beside, and a note if no model has a revision to compare with."""
    about, others = result.provenance, list(result.beside)
    if "audit" in question.beside:
        others += audited(settings, about.snapshots)
    if "changes" in question.beside:
        pairs = revisions(settings, about.snapshots)
        others += [_changes(settings, old, new) for old, new in pairs]
        if not pairs:
            note = "No changes stand beside: the lake has one revision of each of these models."
            about = replace(about, notes=(*about.notes, note))
    return replace(result, provenance=about, beside=tuple(others))


def _changes(settings: Settings, old: Snapshot, new: Snapshot) -> Result:
    snapshots = [old.snapshot_id, new.snapshot_id]
    return titled_changes(report(settings, Question("changes", snapshots=snapshots)), old, new)


@dataclass(frozen=True)
class _Answer:
    """A report that was run, in the session that knows what stands behind its lines."""

    engine: Engine
    query: catalog.Query
    params: Mapping[str, object]
    result: Result

    def evidence(self, settings: Settings, lines: Sequence[Line]) -> Result:
        layout = open_layout(settings.lake_path())
        return line_evidence(self.engine, layout, self.query, self.params, self.result, lines)


@contextmanager
def _answer(settings: Settings, question: Question) -> Iterator[_Answer]:
    query = catalog.find(question.name, settings.query_folders())
    with _session(settings, query, question) as engine:
        params = params_of(question)
        gate_set = None if question.gate is None else gate.apply(engine, settings, question.gate)
        measuring = prepare(engine, settings, query, params)
        said = () if gate_set is None else _said(gate_set, engine, query, params)
        result = measuring.noted(query, run.run(engine, query, params))
        yield _Answer(engine, query, params, gate.noted(result, said))


def _said(
    gate_set: gate.Gate, engine: Engine, query: catalog.Query, params: Mapping[str, object]
) -> tuple[str, ...]:
    """What the gate says of the figures that the report reads: by rule, or of its quantities."""
    asked = understand(engine, query, params)
    if query.elements == MEASURED:
        return gate_set.said_of_figures(figures_read(engine, asked))
    return gate_set.said_of(asked.quantities)


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
