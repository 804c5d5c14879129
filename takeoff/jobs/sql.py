"""SQL: one question of the user's own to the lake's tables and marts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from takeoff.config import Settings
from takeoff.core.results import Result
from takeoff.jobs.session import session
from takeoff.reports import run


def sql(settings: Settings, query: str, snapshots: Sequence[str] = ()) -> Result:
    """The answer to one SELECT; the lake can be read, never written, and nothing else be reached.

    Raises: InputRefused for anything but one SELECT or EXPLAIN, or SQL that does not run.
    """
    with session(settings, snapshots) as engine:
        return run.free(engine, query)


def views_script(
    settings: Settings, snapshots: Sequence[str] = (), folder: Path | None = None
) -> str:
    """A script that gives any DuckDB the tables and marts that `sql` asks, without this toolkit.

    It names the lake's files by their whole path; with `folder` relative to that.
    Raises: InputRefused for a query file that is wrong.
    """
    with session(settings, snapshots) as engine:
        return engine.script(folder)
