"""Charts of a result by Matplotlib, as the page for browsers draws them."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from takeoff.core.charts import Chart

_WIDTH, _HEIGHT_OF_BAR, _HEIGHT_OF_REST = 8.0, 0.3, 0.9


def bars(panels: Sequence[Chart]) -> Figure:
    """One panel for each chart, its bars from the largest down, each with all its digits."""
    heights = [_HEIGHT_OF_REST + _HEIGHT_OF_BAR * len(chart.bars) for chart in panels]
    figure = Figure(figsize=(_WIDTH, sum(heights)), layout="constrained")
    axes = figure.subplots(len(panels), squeeze=False, height_ratios=heights)[:, 0]
    for axis, chart in zip(axes, panels, strict=True):
        drawn = axis.barh(range(len(chart.bars)), [float(bar.figure) for bar in chart.bars])
        axis.bar_label(drawn, [bar.figure for bar in chart.bars], padding=3)
        # A dollar in a name is no formula.
        axis.set_yticks(range(len(chart.bars)), [_plain(bar.name) for bar in chart.bars])
        axis.invert_yaxis()
        axis.margins(x=0.2)
        axis.set_title(_plain(_titled(chart)), loc="left")
        axis.set_xlabel("" if chart.unit is None else _plain(chart.unit))
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def _titled(chart: Chart) -> str:
    """The figure's name, and of how many lines the chart says nothing."""
    left_out = [] if len(chart.bars) == chart.lines else [f"{len(chart.bars)} largest"]
    left_out += [f"{chart.unknown} without a figure"] if chart.unknown else []
    return f"{chart.title} ({', '.join(left_out)})" if left_out else chart.title


def _plain(text: str) -> str:
    return text.replace("$", r"\$")
