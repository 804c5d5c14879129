"""The gate: what becomes of figures that checks show to be wrong when a report is run.

warn     they stay in the sums; a note says how many there are, by check
exclude  they stand under doubtful, with no value; elements that count twice do not count
fail     there is no report
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from takeoff.config import Settings
from takeoff.core.errors import GateFailed, InputRefused
from takeoff.core.results import Result
from takeoff.engines.engine import Engine
from takeoff.jobs.audit import find
from takeoff.reports.checks import all_checks

MODES = ("warn", "exclude", "fail")
_FOUND = """
select
    doubted_by_checks.check_name,
    doubted_by_checks.quantity,
    doubted_by_checks.snapshot_id,
    doubted_by_checks.element_no,
    checked_figures.counted
from doubted_by_checks
join checked_figures
    on checked_figures.snapshot_id = doubted_by_checks.snapshot_id
    and checked_figures.element_no = doubted_by_checks.element_no
    and checked_figures.quantity = doubted_by_checks.quantity
union all
select
    audit_findings.check_name,
    cast(null as varchar) as quantity,
    audit_findings.snapshot_id,
    audit_findings.element_no,
    counted_elements.counted
from audit_findings
join counted_elements
    on counted_elements.snapshot_id = audit_findings.snapshot_id
    and counted_elements.element_no = audit_findings.element_no
where audit_findings.severity = 'error'
    and audit_findings.quantity is null
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


# A figure: snapshot_id, element_no, quantity.
Figure: TypeAlias = tuple[str, int, str]


@dataclass(frozen=True)
class Gate:
    """What checks of severity error found; `checks` is how many there are.

    `found` has rows of check_name, quantity (null: the element counts twice), snapshot_id,
    element_no and whether the element counts.
    """

    mode: str
    checks: int
    found: Sequence[Mapping[str, Any]]

    def said_of(self, quantities: Sequence[str]) -> tuple[str, ...]:
        """What became of wrong figures of these quantities, or of all, in elements that count.

        Raises: GateFailed if there are any and the gate is to fail.
        """
        return self._said(
            row
            for row in self.found
            if row["counted"]
            and (not quantities or row["quantity"] is None or row["quantity"] in quantities)
        )

    def said_of_figures(self, read: Collection[Figure]) -> tuple[str, ...]:
        """The same of these figures, and of elements that count twice. Raises: GateFailed."""
        return self._said(
            row
            for row in self.found
            if (row["counted"] and row["quantity"] is None)
            or (row["snapshot_id"], row["element_no"], row["quantity"]) in read
        )

    def _said(self, concerned: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        counts = Counter((row["check_name"], row["quantity"]) for row in concerned)
        if not counts:
            return (f"Gate: {self.checks} checks show no figure in it to be wrong.",)
        said = _in_words(counts)
        if self.mode == "fail":
            raise GateFailed(f"The gate is closed: {said}; run takeoff audit to see them.")
        is_out = self.mode == "exclude"
        did = "they stand under doubtful, or are not counted" if is_out else "they are in it"
        return (f"Gate: {said}; {did} (takeoff audit lists them).",)


def apply(engine: Engine, settings: Settings, mode: str) -> Gate:
    """Runs the checks of severity error; with the mode exclude what they find is left out.

    To be called before anything is measured by rule. Raises: InputRefused for an unknown mode.
    """
    check_mode(mode)
    errors = [check for check in all_checks(settings.query_folders()) if check.severity == "error"]
    find(engine, settings, errors)
    found = engine.query(_FOUND).read_all().to_pylist()
    if mode == "exclude":
        _exclude(engine)
    return Gate(mode, len(errors), found)


def check_mode(mode: str) -> None:
    """Raises: InputRefused for a mode that there is not."""
    if mode not in MODES:
        raise InputRefused(f"The gate cannot be '{mode}'; it is {' or '.join(MODES)}.")


def noted(result: Result, said: tuple[str, ...]) -> Result:
    """The result with these sentences before its other notes."""
    if not said:
        return result
    about = replace(result.provenance, notes=(*said, *result.provenance.notes))
    return replace(result, provenance=about)


def _exclude(engine: Engine) -> None:
    figures = engine.query(_FIGURES).read_all()
    elements = engine.query(_ELEMENTS).read_all()
    engine.fill("doubted_figures", figures)
    engine.fill("doubted_elements", elements)


def _in_words(counts: Mapping[tuple[str, str | None], int]) -> str:
    by_name = sorted(counts.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    named = ", ".join(
        f"{figures} {quantity or 'elements'} by {check}" for (check, quantity), figures in by_name
    )
    return f"checks show {sum(counts.values())} figures to be wrong: {named}"
