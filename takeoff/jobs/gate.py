"""The gate: what becomes of figures that checks show to be wrong when a report is run.

warn     they stay in the sums; a note says how many there are, by check
exclude  they stand under doubtful, with no value; elements that count twice do not count
fail     there is no report
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from takeoff.config import Settings
from takeoff.core.errors import GateFailed, InputRefused
from takeoff.core.results import Result
from takeoff.engines.duckdb import Engine
from takeoff.jobs.audit import find
from takeoff.reports.checks import all_checks

MODES = ("warn", "exclude", "fail")
_COUNTED = """
select
    doubted_by_checks.check_name,
    doubted_by_checks.quantity,
    count(*) as figures
from doubted_by_checks
join checked_figures
    on checked_figures.snapshot_id = doubted_by_checks.snapshot_id
    and checked_figures.element_no = doubted_by_checks.element_no
    and checked_figures.quantity = doubted_by_checks.quantity
where checked_figures.counted
group by doubted_by_checks.check_name, doubted_by_checks.quantity
union all
select
    audit_findings.check_name,
    cast(null as varchar) as quantity,
    count(*) as figures
from audit_findings
join counted_elements
    on counted_elements.snapshot_id = audit_findings.snapshot_id
    and counted_elements.element_no = audit_findings.element_no
where audit_findings.severity = 'error'
    and audit_findings.quantity is null
    and counted_elements.counted
group by audit_findings.check_name
order by check_name, quantity nulls last
"""
_FIGURES = """
select
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.element_id,
    checked_figures.quantity,
    checked_figures.kind,
    checked_figures.unit,
    checked_figures.basis = 'derived' as is_derived
from doubted_by_checks
join checked_figures
    on checked_figures.snapshot_id = doubted_by_checks.snapshot_id
    and checked_figures.element_no = doubted_by_checks.element_no
    and checked_figures.quantity = doubted_by_checks.quantity
"""
_ELEMENTS = """
select distinct
    snapshot_id,
    element_no
from audit_findings
where severity = 'error'
    and quantity is null
    and element_no is not null
"""


def apply(
    engine: Engine, settings: Settings, mode: str | None, quantities: Sequence[str] = ()
) -> tuple[str, ...]:
    """Runs the checks of severity error and does with their findings as `mode` says; null: nothing.

    What it did, in sentences that belong to the notes of the result. With `quantities` only what
    concerns these is said, and fails. Raises: InputRefused for an unknown mode; GateFailed.
    """
    if mode is None:
        return ()
    if mode not in MODES:
        raise InputRefused(f"The gate cannot be '{mode}'; it is {' or '.join(MODES)}.")
    errors = [check for check in all_checks(settings.query_folders()) if check.severity == "error"]
    find(engine, settings, errors)
    concerned = _concerned(engine, quantities)
    if mode == "exclude":
        _exclude(engine)
    if not concerned:
        return (f"Gate: {len(errors)} checks show no figure in it to be wrong.",)
    said = _in_words(concerned)
    if mode == "fail":
        raise GateFailed(f"The gate is closed: {said}; run takeoff audit to see them.")
    did = "they stand under doubtful, or are not counted" if mode == "exclude" else "they are in it"
    return (f"Gate: {said}; {did} (takeoff audit lists them).",)


def noted(result: Result, said: tuple[str, ...]) -> Result:
    """The result with these sentences before its other notes."""
    if not said:
        return result
    about = replace(result.provenance, notes=(*said, *result.provenance.notes))
    return replace(result, provenance=about)


def _concerned(engine: Engine, quantities: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = engine.query(_COUNTED).read_all().to_pylist()
    return [
        row
        for row in rows
        if not quantities or row["quantity"] is None or row["quantity"] in quantities
    ]


def _exclude(engine: Engine) -> None:
    figures = engine.query(_FIGURES).read_all()
    elements = engine.query(_ELEMENTS).read_all()
    engine.fill("doubted_figures", figures)
    engine.fill("doubted_elements", elements)


def _in_words(rows: Sequence[dict[str, Any]]) -> str:
    total = sum(row["figures"] for row in rows)
    named = ", ".join(
        f"{row['figures']} {row['quantity'] or 'elements'} by {row['check_name']}" for row in rows
    )
    return f"checks show {total} figures to be wrong: {named}"
