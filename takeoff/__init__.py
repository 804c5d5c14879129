"""Quantity takeoff from BIM models: complete, traceable, in Parquet and SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from takeoff.core.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from takeoff.notebook import Lake

__all__ = ["__version__", "open"]


def open(lake: str | Path, *, engine: str | None = None, master: str | None = None) -> Lake:
    """The lake in a folder or at a URL, for work in a notebook or script; made when fetched into.

    `engine` works reports out, duckdb or spark, and `master` is where Spark runs, such as local[2];
    null is what takeoff.toml says, else DuckDB, and this machine.
    Raises: LakeUnusable if the path is a file; InputRefused for a URL that no lake can have, or an
    engine that there is not.
    """
    from takeoff.notebook import Lake

    return Lake(lake, engine=engine, master=master)
