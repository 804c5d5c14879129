"""The same verbs for people in Jupyter and in scripts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from takeoff.config import Settings, read_settings
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Quiet
from takeoff.core.results import Result
from takeoff.jobs.audit import Audit, AuditQuestion, audit
from takeoff.jobs.explain import explain
from takeoff.jobs.fetch import DEFAULT_PROJECT, IfcOptions, fetch_ifc, fetched_rows
from takeoff.jobs.report import Question, explain_lines, report
from takeoff.jobs.snapshots import snapshots
from takeoff.jobs.sql import sql


class Lake:
    """A lake: what `takeoff.open(folder)` gives. Every answer is a Result (`.df()`, `.arrow()`)."""

    def __init__(self, path: str | Path, settings: Settings | None = None) -> None:
        known = read_settings({}, os.environ) if settings is None else settings
        self._settings = replace(known, lake=Path(path))

    def __repr__(self) -> str:
        return f"Lake({str(self._settings.lake)!r})"

    def fetch(
        self,
        *files: str | Path,
        project: str = DEFAULT_PROJECT,
        geometry: bool = True,
        force: bool = False,
    ) -> Result:
        """Read IFC files into the lake; one row a file.

        Raises: the first file's error, if one could not be read completely; the others are in.
        """
        options = IfcOptions(project=project, geometry=geometry, force=force)
        paths = [Path(file) for file in files]
        outcomes = list(fetch_ifc(self._settings, paths, options, Quiet()))
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
        return fetched_rows(outcomes)

    def takeoff(
        self,
        by: Sequence[str] = ("class",),
        quantities: Sequence[str] = (),
        models: Sequence[str] = (),
    ) -> Result:
        """The report `takeoff`: sums by any grouping, each with what it covers and misses."""
        return report(self._settings, Question("takeoff", by, quantities, models))

    def report(
        self,
        name: str,
        *,
        by: Sequence[str] = (),
        quantities: Sequence[str] = (),
        models: Sequence[str] = (),
        snapshots: Sequence[str] = (),
        gate: str | None = None,
        **params: str,
    ) -> Result:
        """Any report by its name; `params` are those of its header.

        `gate`: what becomes of figures that checks show to be wrong: warn, exclude or fail.
        """
        question = Question(name, by, quantities, models, snapshots, params, gate)
        return report(self._settings, question)

    def audit(self, *, severity: str = "note", models: Sequence[str] = ()) -> Audit:
        """What the checks find, and how much of each total can be believed.

        `findings` and `verdicts` are Results, `sentences` says both in words. `severity`: error,
        warning or note, the least to look for.
        """
        return audit(self._settings, AuditQuestion(severity=severity, models=models))

    def sql(self, query: str) -> Result:
        """The answer to one SELECT on the lake's tables and marts."""
        return sql(self._settings, query)

    def snapshots(self) -> Result:
        """Every committed snapshot."""
        return snapshots(self._settings)

    def explain(
        self,
        element: str | None = None,
        quantity: str | None = None,
        *,
        basis: str | None = None,
        report: str | None = None,
        where: Mapping[str, str | None] | None = None,
        by: Sequence[str] = (),
        quantities: Sequence[str] = (),
        models: Sequence[str] = (),
        snapshots: Sequence[str] = (),
        gate: str | None = None,
        **params: str,
    ) -> Result:
        """An element's quantity, or lines of a report, walked back to the records they rest on.

        Of `element` (id or GUID) and `quantity`: each figure, of one `basis` if asked. Of `report`,
        asked as in `report()`: what each element gave to the lines that have the values `where`
        (None is null), a row for each figure behind it; all lines without `where`.
        Raises: InputRefused if it is neither or both, and for names that there are not.
        """
        of_line = bool(where or by or quantities or gate or params)
        if report is not None and (element, quantity, basis) == (None, None, None):
            question = Question(report, by, quantities, models, snapshots, params, gate)
            values = {name: value or "" for name, value in (where or {}).items()}
            return explain_lines(self._settings, question, values).evidence
        if report is not None or element is None or quantity is None or of_line:
            raise InputRefused(
                "Say which element and quantity to explain, with a basis if only that is asked; "
                "or a report, with where, by and its parameters, and no element."
            )
        return explain(
            self._settings,
            element,
            quantity,
            snapshots=snapshots,
            models=models,
            basis=basis,
        ).figures
