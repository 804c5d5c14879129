"""Changes to a project's libraries: codes, materials, locations, own properties, product types.

They live in memory over what the lake holds. What was changed is kept as steps, which are taken
anew on every form of an answer, so that each form shows them.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import Any

from takeoff.sandbox.qonic.answers import json_bytes

Tree = dict[str, Any]
Step = Callable[[Tree], None]
# The answer without changes.
Base = Callable[[], bytes]

_FIRST_ID = 10001


class Libraries:
    """The steps of every project and kind of library; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._steps: dict[tuple[str, str], list[Step]] = defaultdict(list)
        self._ids = count(_FIRST_ID)

    def shown(self, project: str, kind: str, base: Base) -> bytes:
        """The answer with all that was changed."""
        with self._lock:
            steps = self._steps.get((project, kind))
            return base() if not steps else json_bytes(_after(base, steps))

    def is_changed(self, project: str, kind: str) -> bool:
        with self._lock:
            return (project, kind) in self._steps

    def tree(self, project: str, kind: str, base: Base) -> Tree:
        """The same as a value of our own."""
        with self._lock:
            return _after(base, self._steps.get((project, kind), []))

    def take(self, project: str, kind: str, base: Base, step: Step) -> None:
        """Change it. Raises: Refused if the step does not fit; then nothing has changed."""
        with self._lock:
            step(self.tree(project, kind, base))
            self._steps[project, kind].append(step)

    def new_id(self) -> int:
        """For what has a number."""
        with self._lock:
            return next(self._ids)


def _after(base: Base, steps: list[Step]) -> Tree:
    tree: Tree = json.loads(base())
    for step in steps:
        step(tree)
    return tree
