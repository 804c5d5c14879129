"""Results as a notebook shows them: a table with units and where it comes from, plots, frames."""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

from takeoff.core.charts import charts
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.notebook import display

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Answer(Result):
    """A Result that a notebook can show; its first rows, with what is to be known about them."""

    def __repr__(self) -> str:
        rows, columns = self.table.num_rows, self.table.num_columns
        return f"<{self.provenance.title}: {rows} rows x {columns} columns>"

    def _repr_html_(self) -> str:
        return display.html(self)

    def pl(self) -> pl.DataFrame:
        """The rows for Polars, decimals exact. Raises: InputRefused if Polars is not installed."""
        frame: pl.DataFrame = needed("polars").from_arrow(self.table)
        return frame

    def plot(self) -> Figure:
        """The largest lines as bars, a panel for each quantity and unit; nothing is added up.

        Raises: InputRefused if there is nothing to draw: sums of elements, two lines at least; and
        if Matplotlib is not installed.
        """
        panels = charts(self)
        if not panels:
            raise InputRefused(
                f"'{self.provenance.title}' has no sums of several lines to draw; ask for a report "
                "by something, such as by=['storey', 'class']."
            )
        needed("matplotlib")
        from takeoff.notebook.plots import bars

        return bars(panels)


def answered(result: Result) -> Answer:
    """The same result, to be shown."""
    return Answer(**{field.name: getattr(result, field.name) for field in fields(Result)})


def needed(library: str) -> Any:
    """The module of this name. Raises: InputRefused, with the command, if it is not installed."""
    try:
        return import_module(library)
    except ImportError as error:
        raise InputRefused(f"This needs {library}; run: pip install {library}.") from error
