"""Run a job file: fetch, then reports into files, then one summary for whoever looks after it.

    lake = "lake"

    [[fetch]]
    vendor = "ifc"
    files = ["models/*.ifc"]
    project = "harbour"

    [[report]]
    name = "takeoff"
    by = ["storey", "class"]
    gate = "exclude"                       what becomes of wrong figures: warn, exclude or fail
    explain = true                         with .xlsx and .html: from every line to the records
    beside = ["audit", "changes"]          with them: findings, and changes since the last revision
    output = "out/takeoff.html"

    [[report]]
    name = "boq"
    params = {rules = "vobc", rates = "rates.csv"}
    output = "out/bill.csv"

Paths are relative to the job file, those of rules, codes, mappings, rates and factors too. If a
fetch fails the reports are not run: they would show the state before it. A report whose gate is
closed is not written, and the others are. Running a job again fetches what has changed and writes
the reports anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from takeoff.config import Settings, check_keys, lake_place, read_toml
from takeoff.core.errors import InputRefused, TakeoffError
from takeoff.core.progress import Progress
from takeoff.jobs import gate
from takeoff.jobs.beside import check_beside
from takeoff.jobs.fetch import Fetched
from takeoff.jobs.report import Question, report
from takeoff.jobs.sources import Source, fetch_source, read_source
from takeoff.render import for_target
from takeoff.reports import catalog

_JOB_KEYS = {"lake": "text", "fetch": "tables", "report": "tables"}
_REPORT_KEYS = {
    "name": "text",
    "by": "texts",
    "quantities": "texts",
    "models": "texts",
    "snapshots": "texts",
    "params": "table",
    "gate": "text",
    "explain": "flag",
    "beside": "texts",
    "output": "text",
}
_TOLD_APART = ("output", "params", "explain")
_FILES = ("codes", "mapping", "rates", "factors")


@dataclass(frozen=True)
class Summary:
    """What a job did. `exit_code` is that of its worst error, 0 if all was done."""

    job: str
    exit_code: int = 0
    fetched: Sequence[Mapping[str, Any]] = ()
    reports: Sequence[Mapping[str, Any]] = ()
    errors: Sequence[str] = ()

    def as_json(self) -> str:
        """One JSON object, over several lines."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class _Job:
    path: Path
    settings: Settings
    fetches: Sequence[Source]
    reports: Sequence[tuple[Question, Path]]


def run_job(settings: Settings, path: Path, progress: Progress) -> Summary:
    """Run the job file at `path`.

    Raises: InputRefused if the file cannot be read or asks for what there is not; nothing has been
    done then. Later errors are part of the summary.
    """
    job = _read(path, settings)
    summary = Summary(str(path))
    outcomes = [
        outcome
        for source in job.fetches
        for outcome in fetch_source(job.settings, source, progress)
    ]
    summary = replace(summary, fetched=[_fetched(outcome) for outcome in outcomes])
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if errors:
        return _failed(summary, errors)
    written = []
    for question, output in job.reports:
        progress.step(f"report {question.name}")
        try:
            written.append(_write_report(job.settings, question, output))
        except TakeoffError as error:
            errors.append(error)
    return _failed(replace(summary, reports=written), errors)


def _failed(summary: Summary, errors: Sequence[TakeoffError]) -> Summary:
    return replace(
        summary,
        exit_code=max((error.exit_code for error in errors), default=0),
        errors=[str(error) for error in errors],
    )


def _write_report(settings: Settings, question: Question, output: Path) -> dict[str, Any]:
    form = for_target(output, None, terminal=False)
    result = report(settings, question)
    form.write(result, output)
    return {
        "name": question.name,
        "output": str(output),
        "rows": result.table.num_rows,
        "notes": list(result.provenance.notes),
    }


def _fetched(outcome: Fetched) -> dict[str, Any]:
    snapshot = outcome.snapshot
    return {
        "source": outcome.source,
        "outcome": outcome.outcome,
        "snapshot_id": None if snapshot is None else snapshot.snapshot_id,
        "elements": None if snapshot is None else snapshot.rows("elements"),
        "warnings": None if snapshot is None else snapshot.rows("warnings"),
        "note": outcome.note,
    }


def _read(path: Path, settings: Settings) -> _Job:
    content = read_toml(path)
    check_keys(str(path), content, _JOB_KEYS)
    where = f"{path}: [[fetch]]"
    fetches = [read_source(where, path.parent, step) for step in content.get("fetch", [])]
    reports = [_report_step(path, step) for step in content.get("report", [])]
    if not fetches and not reports:
        raise InputRefused(f"{path} asks for nothing; write a [[fetch]] or a [[report]].")
    lake = lake_place(content.get("lake"), settings.cache, path.parent) or settings.lake
    job = _Job(path, replace(settings, lake=lake), fetches, reports)
    _check_reports(job)
    return job


def _report_step(path: Path, step: Mapping[str, Any]) -> tuple[Question, Path]:
    where = f"{path}: [[report]]"
    check_keys(where, step, _REPORT_KEYS)
    missing = sorted({"name", "output"} - step.keys())
    if missing:
        raise InputRefused(f"{where} lacks {' and '.join(missing)}.")
    _check_words(where, step)
    asked = {key: value for key, value in step.items() if key not in _TOLD_APART}
    params = {
        name: str(path.parent / value) if _is_file(name, value) else value
        for name, value in step.get("params", {}).items()
    }
    question = Question(**asked, params=params, with_evidence=step.get("explain", False))
    return question, path.parent / step["output"]


def _check_words(where: str, step: Mapping[str, Any]) -> None:
    try:
        check_beside(step.get("beside", ()))
        if "gate" in step:
            gate.check_mode(step["gate"])
    except InputRefused as error:
        raise InputRefused(f"{where}: {error}") from error


def _is_file(param: str, value: object) -> bool:
    """Rules are a file if they have a suffix; else the name of a set."""
    if not isinstance(value, str):
        return False
    return param in _FILES or (param == "rules" and bool(Path(value).suffix))


def _check_reports(job: _Job) -> None:
    """What can be known to fail before anything is fetched."""
    outputs = [output for _, output in job.reports]
    for question, output in job.reports:
        catalog.find(question.name, job.settings.query_folders())
        several = question.with_evidence or bool(question.beside)
        for_target(output, None, terminal=False, with_evidence=several)
        if outputs.count(output) > 1:
            raise InputRefused(f"{job.path}: two reports write {output}; name another output.")
