"""Which level each row stands on: by reference, by name, or by the tree that it hangs in.

A reference is the number of the level's own row, so that it can be told in any language: what a
row refers to is a level, or it is not. Of several levels, such as base and top, the lowest counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from takeoff.vendors.longs import Indices

_NOWHERE = -1


@dataclass(frozen=True)
class Levels:
    """The levels of a model: places of their rows, ascending; names and elevations, or null."""

    rows: Indices
    names: Sequence[str | None]
    elevations_m: Sequence[float | None]

    def at(self, rows: Indices) -> Indices:
        """Which level each of these rows is; -1 where it is none."""
        if not len(self.rows):
            return np.full(len(rows), _NOWHERE)
        found = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[found] == rows, found, _NOWHERE)

    def named(self, names: pa.Array) -> Indices:
        """Which level each of these names is; -1 where none or several are called so."""
        known: dict[str | None, int] = {}
        for place, name in enumerate(self.names):
            known[name] = _NOWHERE if name in known else place
        known.pop(None, None)
        return np.array([known.get(name, _NOWHERE) for name in names.to_pylist()], dtype=np.int64)

    def heights(self) -> Indices:
        """The place of each level from below, from 0; those without an elevation are last."""
        unknown = float("inf")
        given = [unknown if m is None else m for m in self.elevations_m]
        places = np.empty(len(given), dtype=np.int64)
        places[np.argsort(np.array(given), kind="stable")] = np.arange(len(given))
        return places
