"""What a lake holds."""

from __future__ import annotations

from takeoff.config import Settings
from takeoff.core.results import Result, listing
from takeoff.core.tables import SNAPSHOTS
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots, snapshots_table


def snapshots(settings: Settings) -> Result:
    """One row a committed snapshot, with the columns of core.tables.SNAPSHOTS."""
    table = snapshots_table(read_snapshots(open_layout(settings.lake_path())))
    meanings = {column.name: column.meaning for column in SNAPSHOTS.columns}
    return listing("Committed snapshots", table, meanings)
