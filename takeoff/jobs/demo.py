"""The demo: the sample building from its files and from a service, and what takeoffs of both say.

The service is the stand-in for Qonic: it serves on this machine what the files held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from takeoff.config import Access, Settings, shipped
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import Snapshot
from takeoff.core.results import Result
from takeoff.jobs.demo_sources import agreement, totals
from takeoff.jobs.explain import Explanation, explain
from takeoff.jobs.fetch import Fetched, IfcOptions, fetch_ifc
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.jobs.report import Question, report
from takeoff.jobs.sql import sql
from takeoff.lake.layout import open_layout
from takeoff.render import for_target
from takeoff.sandbox import Sandbox

_PROJECT = "demo"
_SERVICE = "qonic"
_OF_THE_FILES = (
    Question("by_class"),
    Question("takeoff", by=("storey", "class"), quantities=("Count", "NetVolume")),
    Question("not_counted"),
)
_PER_SOURCE = Question("takeoff", by=("model",), quantities=("NetVolume", "Length"))
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
    and counted_elements.vendor = 'ifc'
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
    explained: Sequence[Explanation]
    files: Sequence[Path]


def demo(settings: Settings, out: Path, sample: Path | None, progress: Progress) -> Shown:
    """Fetch the sample (or another one made by its script) into `out`/lake and report on it.

    It is fetched from its files and, beside them, from a stand-in for a service that serves what
    they held. Needs no network and no credentials. Files that have not changed are not read again.
    Raises: InputRefused if there are no models in the sample's folder.
    """
    folder = sample if sample is not None else shipped("data/sample")
    paths = sorted(folder.glob("*.ifc"))
    if not paths:
        raise InputRefused(f"There are no .ifc files in {folder}; name a folder that has some.")
    here = replace(settings, lake=out / "lake")
    from_files = [_of(f) for f in fetch_ifc(here, paths, IfcOptions(project=_PROJECT), progress)]
    from_service = _served(here, from_files, progress)
    progress.step("reports")
    return _shown(here, out, _names(from_files), _names(from_service))


def _served(settings: Settings, sent: Sequence[Snapshot], progress: Progress) -> list[Snapshot]:
    """The same models, fetched from a service that holds them; it ends with this."""
    layout = open_layout(settings.lake_path())
    with Sandbox(layout, {"polls": "0"}, snapshots=sent).start() as running:
        service = running.at(_SERVICE)
        vendors = {_SERVICE: Access(service.base_url, service.token)}
        there = replace(settings, vendors=vendors)
        return [_of(one) for one in fetch_models(there, _SERVICE, ModelOptions(), progress)]


def _of(fetched: Fetched) -> Snapshot:
    """Raises: the error that the fetch ended in."""
    if fetched.error is not None:
        raise fetched.error
    assert fetched.snapshot is not None  # there is one, or an error
    return fetched.snapshot


def _names(snapshots: Sequence[Snapshot]) -> list[str]:
    return [f"{snapshot.ref.vendor}:{snapshot.ref.model_id}" for snapshot in snapshots]


def _shown(settings: Settings, out: Path, files: Sequence[str], service: Sequence[str]) -> Shown:
    """Reports of the files' models, then of both sources' beside one another."""
    both = [*files, *service]
    results = [report(settings, replace(question, models=files)) for question in _OF_THE_FILES]
    results.append(report(settings, replace(_PER_SOURCE, models=both)))
    results += [agreement(settings, both), totals(settings, service)]
    longest = sql(settings, _LONGEST).table.column("element_id")[0].as_py()
    explained = [explain(settings, longest, _EXPLAINED, models=one) for one in (files, service)]
    return Shown(results, explained, _written(settings, out, files))


def _written(settings: Settings, out: Path, models: Sequence[str]) -> list[Path]:
    result = report(settings, replace(_WRITTEN, models=models))
    paths = [out / f"takeoff{suffix}" for suffix in _SUFFIXES]
    for path in paths:
        for_target(path, None, terminal=False).write(result, path)
    return paths
