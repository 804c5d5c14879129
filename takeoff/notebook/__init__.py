"""The same verbs for people in Jupyter and in scripts.

A progress bar is shown in Jupyter; a script runs silently.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from takeoff.config import Settings, lake_place, read_settings
from takeoff.core.errors import InputRefused
from takeoff.jobs.audit import Audit, AuditQuestion, audit
from takeoff.jobs.explain import explain
from takeoff.jobs.fetch import (
    DEFAULT_PROJECT,
    Fetched,
    IfcOptions,
    fetch_ifc,
    fetched_rows,
)
from takeoff.jobs.fetch_models import ModelOptions, fetch_models, list_models
from takeoff.jobs.report import Question, explain_lines, report
from takeoff.jobs.snapshots import snapshots
from takeoff.jobs.sql import sql
from takeoff.jobs.writeback_plan import Target, plan
from takeoff.jobs.writeback_values import FromReport
from takeoff.notebook.answers import Answer, answered, needed
from takeoff.notebook.bars import bar
from takeoff.notebook.writeback import Writeback

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Lake:
    """A lake: what `takeoff.open(folder)` gives.

    Every answer shows itself in a notebook, and has `.df()`, `.arrow()`, `.pl()` and `.plot()`.
    """

    def __init__(
        self,
        path: str | Path,
        settings: Settings | None = None,
        *,
        engine: str | None = None,
        master: str | None = None,
    ) -> None:
        asked = {"engine": engine, "master": master}
        known = read_settings(asked, os.environ) if settings is None else settings
        self._settings = replace(known, lake=lake_place(path, known.cache))

    def __repr__(self) -> str:
        return f"Lake({str(self._settings.lake)!r})"

    def fetch(
        self,
        *files: str | Path,
        project: str = DEFAULT_PROJECT,
        geometry: bool = True,
        force: bool = False,
    ) -> Answer:
        """Read IFC files into the lake; one row a file.

        Raises: the first file's error, if one could not be read completely; the others are in.
        """
        options = IfcOptions(project=project, geometry=geometry, force=force)
        paths = [Path(file) for file in files]
        with bar() as progress:
            return _all_of(list(fetch_ifc(self._settings, paths, options, progress)))

    def models(self, vendor: str, *, project: str | None = None) -> Answer:
        """The models of a service that the login may see, one row each.

        Raises: InputRefused; VendorRefused; TryLater; NotUnderstood.
        """
        return answered(list_models(self._settings, vendor, project))

    def fetch_models(
        self,
        vendor: str,
        *models: str,
        project: str | None = None,
        ifc: bool = False,
        force: bool = False,
        **asking: str,
    ) -> Answer:
        """Fetch models of a service, by id or name, all if none is named; one row a model.

        `ifc`: take the service's IFC export instead. `asking` are the vendor's own options.
        Raises: the first model's error, if one did not come completely; the others are in.
        """
        options = ModelOptions(project=project, models=models, force=force, ifc=ifc, asking=asking)
        with bar() as progress:
            return _all_of(list(fetch_models(self._settings, vendor, options, progress)))

    def takeoff(
        self,
        by: Sequence[str] = ("class",),
        quantities: Sequence[str] = (),
        models: Sequence[str] = (),
    ) -> Answer:
        """The report `takeoff`: sums by any grouping, each with what it covers and misses."""
        return answered(report(self._settings, Question("takeoff", by, quantities, models)))

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
    ) -> Answer:
        """Any report by its name; `params` are those of its header.

        `gate`: what becomes of figures that checks show to be wrong: warn, exclude or fail.
        """
        question = Question(name, by, quantities, models, snapshots, params, gate)
        return answered(report(self._settings, question))

    def audit(self, *, severity: str = "note", models: Sequence[str] = ()) -> Audit:
        """What the checks find, and how much of each total can be believed.

        `findings` and `verdicts` are answers, `sentences` says both in words. `severity`: error,
        warning or note, the least to look for.
        """
        found = audit(self._settings, AuditQuestion(severity=severity, models=models))
        return replace(found, findings=answered(found.findings), verdicts=answered(found.verdicts))

    def sql(self, query: str) -> Answer:
        """The answer to one SELECT on the lake's tables and marts."""
        return answered(sql(self._settings, query))

    def snapshots(self) -> Answer:
        """Every committed snapshot."""
        return answered(snapshots(self._settings))

    def view(self, color: str = "class") -> Figure:
        """The boxes around the elements of all current models, where their sources have bodies.

        `color`: class, type, storey, building or model. Models have coordinates of their own:
        those that do not share an origin stand beside one another.
        Raises: InputRefused if there are no boxes, and if Matplotlib is not installed.
        """
        needed("matplotlib")
        from takeoff.notebook.boxes import COLOURS, QUERY, Boxes, draw

        if color not in COLOURS:
            raise InputRefused(f"Boxes are coloured by one of {', '.join(COLOURS)}, not '{color}'.")
        boxes = Boxes.read(sql(self._settings, QUERY).table.to_pydict(), color)
        if not len(boxes):
            raise InputRefused(
                "No element has a box: fetch IFC files with their geometry; services send none."
            )
        return draw(boxes, color)

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
    ) -> Answer:
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
            return answered(explain_lines(self._settings, question, values).evidence)
        if report is not None or element is None or quantity is None or of_line:
            raise InputRefused(
                "Say which element and quantity to explain, with a basis if only that is asked; "
                "or a report, with where, by and its parameters, and no element."
            )
        figures = explain(
            self._settings, element, quantity, snapshots=snapshots, models=models, basis=basis
        ).figures
        return answered(figures)

    def writeback(
        self,
        model: str,
        report: str,
        *,
        column: str,
        set_name: str,
        property_name: str,
        where: Mapping[str, str | None] | None = None,
        by: Sequence[str] = (),
        quantities: Sequence[str] = (),
        project: str | None = None,
        clear: bool = False,
        **params: str,
    ) -> Writeback:
        """Put a report's `column` onto the products of a model at Qonic, as a property: a plan.

        Each element gets the value of its line, and of `value` its own figure; `where` chooses
        lines, as in `explain()`. With `clear` what has no value loses the one that it has.
        Raises: InputRefused for a model that the lake does not have, or values that do not fit;
        VendorRefused; TryLater; NotUnderstood; LakeUnusable.
        """
        target = Target(model, project, set_name, property_name, clear=clear)
        values = {name: value or "" for name, value in (where or {}).items()}
        source = FromReport(Question(report, by, quantities, params=params), column, values)
        with bar() as progress:
            planned = plan(self._settings, target, source, progress)
        return Writeback(self._settings, target, planned)


def _all_of(outcomes: Sequence[Fetched]) -> Answer:
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
    return answered(fetched_rows(outcomes))
