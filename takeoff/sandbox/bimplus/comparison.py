"""Two revisions of a model compared: what came, what went, and what changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from takeoff.sandbox.bimplus.content import Objects
from takeoff.sandbox.bimplus.render import Form
from takeoff.sandbox.switches import Switches


@dataclass(frozen=True)
class Compared:
    """Ids of objects; `started_at` is when it was asked for."""

    inserted: list[str]
    deleted: list[str]
    changed: list[str]
    started_at: datetime


@dataclass
class Comparisons:
    """The comparisons asked for, by model and revisions. Safe to share by threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: dict[tuple[str, int, int], tuple[Compared, int]] = field(default_factory=dict)

    def start(self, key: tuple[str, int, int], compared: Compared) -> None:
        with self._lock:
            self._known[key] = compared, 0

    def look_up(self, key: tuple[str, int, int], polls: int) -> tuple[Compared, bool] | None:
        """One comparison, and whether it is done by now; None if it was never asked for."""
        with self._lock:
            if key not in self._known:
                return None
            compared, lookups = self._known[key]
            self._known[key] = compared, lookups + 1
        return compared, lookups >= polls


def compare(newer: Objects, older: Objects, switches: Switches) -> Compared:
    """Objects of the same id have changed if anything that is served of them has."""
    now, before = _texts(newer, switches), _texts(older, switches)
    return Compared(
        inserted=[one for one in now if one not in before],
        deleted=[one for one in before if one not in now],
        changed=[one for one in now if one in before and now[one] != before[one]],
        started_at=datetime.now(UTC),
    )


def _texts(objects: Objects, switches: Switches) -> dict[str, str]:
    nodes = np.arange(1, len(objects.nodes))
    texts = objects.objects(nodes, Form(definitions=True), switches)
    return dict(zip(objects.nodes.ids[1:], texts, strict=True))
