"""DuckDB's own progress bar, which no command and no notebook is to show."""

from __future__ import annotations

import duckdb


def hide_progress_bar(connection: duckdb.DuckDBPyConnection) -> None:
    """Turn it off where it is on: under `python -c` it would go to stdout, among the data.

    In Jupyter without ipywidgets it is off, and setting it, even to that, raises.
    """
    connection.execute("select current_setting('enable_progress_bar')")
    if connection.fetchall() != [(False,)]:
        connection.execute("set enable_progress_bar = false")
