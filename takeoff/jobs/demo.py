"""The demo: the sample's three disciplines into a lake, and what a takeoff of them looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from takeoff.config import Settings, shipped
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Progress
from takeoff.core.results import Result
from takeoff.jobs.explain import Explanation, explain
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.report import Question, report
from takeoff.jobs.sql import sql
from takeoff.render import for_target

_SHOWN = (
    Question("by_class"),
    Question("takeoff", by=("storey", "class"), quantities=("Count", "NetVolume")),
    Question("not_counted"),
)
# The elements of all classes and figures, for files: every line that the shown ones sum up.
_WRITTEN = Question("takeoff", by=("storey", "class"))
_SUFFIXES = (".csv", ".xlsx", ".parquet")
_EXPLAINED = "Length"
_LONGEST = """
select counted_elements.element_id
from counted_elements
join element_quantities
    on element_quantities.snapshot_id = counted_elements.snapshot_id
    and element_quantities.element_no = counted_elements.element_no
where counted_elements.counted
    and element_quantities.quantity = 'Length'
    and element_quantities.basis = 'authored'
order by
    element_quantities.value_exact desc nulls last,
    counted_elements.model_id,
    counted_elements.element_no
limit 1
"""


@dataclass(frozen=True)
class Shown:
    """What the demo has to show, in the order to show it in."""

    results: Sequence[Result]
    explained: Explanation
    files: Sequence[Path]


def demo(settings: Settings, out: Path, sample: Path | None, progress: Progress) -> Shown:
    """Fetch the sample (or another one made by its script) into `out`/lake and report on it.

    Needs no network and no credentials; running it again fetches only what has changed.
    Raises: InputRefused if there are no models in the sample's folder.
    """
    folder = sample if sample is not None else shipped("data/sample")
    models = sorted(folder.glob("*.ifc"))
    if not models:
        raise InputRefused(f"There are no .ifc files in {folder}; name a folder that has some.")
    here = replace(settings, lake=out / "lake")
    for fetched in fetch_ifc(here, models, IfcOptions(project="demo"), progress):
        if fetched.error is not None:
            raise fetched.error
    progress.step("reports")
    results = [report(here, question) for question in _SHOWN]
    longest = sql(here, _LONGEST).table.column("element_id")[0].as_py()
    return Shown(results, explain(here, longest, _EXPLAINED), _write(here, out))


def _write(settings: Settings, out: Path) -> list[Path]:
    result = report(settings, _WRITTEN)
    paths = [out / f"takeoff{suffix}" for suffix in _SUFFIXES]
    for path in paths:
        for_target(path, None, terminal=False).write(result, path)
    return paths
