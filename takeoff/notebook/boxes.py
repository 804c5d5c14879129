"""A model seen from outside: the boxes around its elements, coloured, by Matplotlib."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from mpl_toolkits.mplot3d.art3d import Poly3DCollection  # type: ignore[import-untyped]
from numpy.typing import NDArray

from takeoff.core.plain import harmless

# More take Matplotlib seconds to draw; the smallest are left out first.
MOST_BOXES = 3_000
_MOST_COLOURS = 19  # of the 20 of the map; the last is for all others
_OTHERS, _UNKNOWN = "others", "not stated"
Colour = tuple[float, float, float]
# What each colour may stand for, and the column that says it.
COLOURS = {
    "class": "ifc_class",
    "type": "type_name",
    "storey": "storey_name",
    "building": "building_name",
    "model": "model_name",
}
QUERY = """
select
    elements.ifc_class,
    elements.type_name,
    elements.storey_name,
    elements.building_name,
    snapshots.model_name,
    boxes.min_x_m,
    boxes.min_y_m,
    boxes.min_z_m,
    boxes.max_x_m,
    boxes.max_y_m,
    boxes.max_z_m
from boxes
join elements using (snapshot_id, element_no)
join snapshots using (snapshot_id)
where elements.role in ('physical', 'part')
order by boxes.snapshot_id, boxes.element_no
"""
# The corners of the sides, of a box whose corners are counted in binary: x, y, z.
_SIDES = np.array(
    [[0, 1, 3, 2], [4, 5, 7, 6], [0, 1, 5, 4], [2, 3, 7, 6], [0, 2, 6, 4], [1, 3, 7, 5]]
)
_BITS = np.array([[n & 1, n >> 1 & 1, n >> 2 & 1] for n in range(8)], dtype=bool)


@dataclass(frozen=True)
class Boxes:
    """`low` and `high` are the corners in metres, one row a box; `names` is what it is called."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    names: Sequence[str]

    @classmethod
    def read(cls, rows: Mapping[str, Sequence[object]], color: str) -> Boxes:
        """The columns of QUERY; of a name that is not known it is said so."""
        low, high = (
            np.array([rows[f"{end}_{axis}_m"] for axis in "xyz"], dtype=np.float64).T
            for end in ("min", "max")
        )
        named = [_UNKNOWN if x is None else harmless(str(x)) for x in rows[COLOURS[color]]]
        return cls(low, high, named)

    def __len__(self) -> int:
        return len(self.names)

    def sides(self) -> NDArray[np.float64]:
        """Six in a row for each box, with four corners each, and x, y and z of those."""
        corners = np.where(_BITS, self.high[:, None, :], self.low[:, None, :])
        return corners[:, _SIDES].reshape(-1, 4, 3)

    def largest(self) -> Boxes:
        """The MOST_BOXES with the longest diagonals, in their order."""
        diagonals = np.linalg.norm(self.high - self.low, axis=1)
        kept = np.sort(np.argsort(-diagonals, kind="stable")[:MOST_BOXES])
        return Boxes(self.low[kept], self.high[kept], [self.names[place] for place in kept])


def draw(boxes: Boxes, color: str) -> Figure:
    """All of them in one frame, as far as MOST_BOXES allows; what is left out is said."""
    shown = boxes.largest()
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes = figure.add_subplot(projection="3d")
    counts = Counter(shown.names)
    most_common = counts.most_common(_MOST_COLOURS)
    usual = {name: place for place, (name, _) in enumerate(most_common)}
    colours: Sequence[Colour] = colormaps["tab20"].colors  # type: ignore[attr-defined]
    of_box = [colours[usual.get(name, _MOST_COLOURS)] for name in shown.names]
    of_side = [colour for colour in of_box for _ in _SIDES]
    drawn = Poly3DCollection(
        shown.sides(), facecolors=of_side, edgecolors="0.4", linewidths=0.2, alpha=0.4
    )
    axes.add_collection3d(drawn)
    least, most = shown.low.min(axis=0), shown.high.max(axis=0)
    axes.set(xlim=(least[0], most[0]), ylim=(least[1], most[1]), zlim=(least[2], most[2]))
    axes.set(xlabel="x in m", ylabel="y in m", zlabel="z in m")
    axes.set_box_aspect(np.maximum(most - least, 1e-3))
    figure.legend(handles=_legend(counts, usual, colours), title=color, loc="outside right upper")
    left_out = len(boxes) - len(shown)
    figure.suptitle(f"The {len(shown):,} largest of {len(boxes):,} boxes" if left_out else "")
    return figure


def _legend(
    counts: Counter[str], usual: Mapping[str, int], colours: Sequence[Colour]
) -> list[Patch]:
    """The names that have a colour of their own, the most frequent first, and how many boxes."""
    told = [
        Patch(color=colours[place], label=f"{_plain(name)} ({counts[name]:,})")
        for name, place in usual.items()
    ]
    others = sum(count for name, count in counts.items() if name not in usual)
    if others:
        told.append(Patch(color=colours[_MOST_COLOURS], label=f"{_OTHERS} ({others:,})"))
    return told


def _plain(text: str) -> str:
    """A dollar in a name is no formula, and an underscore at its start hides nothing."""
    return "\u200b" + text.replace("$", r"\$") if text.startswith("_") else text.replace("$", r"\$")
