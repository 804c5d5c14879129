"""Control totals: whether the sums that a vendor states of a model agree with what it sent."""

from __future__ import annotations

from takeoff.config import Settings
from takeoff.core.refs import Snapshot
from takeoff.engines.duckdb import open_engine
from takeoff.lake.layout import open_layout
from takeoff.reports import notes


def differing_totals(settings: Settings, snapshot: Snapshot) -> str | None:
    """A sentence that names both figures of the totals that differ; null if none does.

    It may be right that they differ: the vendor may have summed another version of the model.
    Raises: LakeUnusable.
    """
    if not snapshot.rows("control_totals"):
        return None
    layout, queries = open_layout(settings.lake_path()), settings.query_folders()
    with open_engine(layout, [snapshot], queries=queries) as engine:
        return next(iter(notes.differing_totals(engine)), None)
