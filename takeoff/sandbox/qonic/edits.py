"""Changes over the models that are served: the user's own, and those that were published.

They live in memory; the lake is never written. The user's own products are seen by product queries,
the published ones by sums, calculated values and exports.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.sandbox.qonic.answers import Refused
from takeoff.sandbox.qonic.catalogue import Project
from takeoff.sandbox.qonic.columns import Cell, Column, empty, numbers
from takeoff.sandbox.qonic.model import Looks, Model
from takeoff.sandbox.qonic.modifications import IsDefined, Wrong, checked


@dataclass(frozen=True)
class Changes:
    """Field -> product's row -> its cell, null for none; and the rows that are deleted."""

    cells: Mapping[str, Mapping[int, Cell | None]] = field(default_factory=dict)
    deleted: frozenset[int] = frozenset()

    def with_cells(self, more: Mapping[str, Mapping[int, Cell | None]]) -> Changes:
        """These changes, and then those."""
        both = {name: {**self.cells.get(name, {}), **by_row} for name, by_row in more.items()}
        return Changes({**self.cells, **both}, self.deleted)


class Edited(Model):
    """A model with changes over it; what they do not touch is read from the model itself."""

    def __init__(self, base: Model, changes: Changes) -> None:
        super().__init__(base.layout, base.snapshot, base.number, base.name)
        self.changes = changes
        self._base = base
        self._shown: dict[Looks, dict[str, Column]] = {}

    def columns(self, looks: Looks) -> Mapping[str, Column]:
        with self._lock:
            if looks not in self._shown:
                self._shown[looks] = self._over(self._base.columns(looks))
            return self._shown[looks]

    @property
    def served(self) -> pa.Array:
        every = numbers(self._base.count)
        gone = pa.array(sorted(self.changes.deleted), every.type)
        return every.filter(pc.invert(pc.is_in(every, value_set=gone)))

    @property
    def is_changed(self) -> bool:
        return True

    @property
    def count(self) -> int:
        return self._base.count

    @property
    def guids(self) -> Column:
        return self._base.guids

    @property
    def row_of(self) -> Mapping[str, int]:
        known, deleted = self._base.row_of, self.changes.deleted
        if not deleted:
            return known
        return {guid: row for guid, row in known.items() if row not in deleted}

    @property
    def dynamic(self) -> Mapping[str, Column]:
        return self._base.dynamic

    @property
    def counted(self) -> Mapping[str, pa.Array]:
        return self._base.counted

    def rows(self, statement: str) -> list[dict[str, Any]]:
        return self._base.rows(statement)

    def _over(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        changed = dict(columns)
        for name, cells in self.changes.cells.items():
            column = changed.get(name) or empty(name, self.count)
            changed[name] = column.with_cells(cells)
        return changed


class Edits:
    """The changes of all models; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._mine: dict[str, Edited] = {}
        self._published: dict[str, Edited] = {}

    def mine(self, model: Model) -> Model:
        """The model as the user's own product query shows it."""
        with self._lock:
            return self._mine.get(model.number, model)

    def published(self, model: Model) -> Model:
        """The model as it was published last."""
        with self._lock:
            return self._published.get(model.number, model)

    def modify(
        self,
        model: Model,
        looks: Looks,
        body: Mapping[str, Mapping[str, Any]],
        is_defined: IsDefined,
    ) -> list[Wrong]:
        """Apply all of it, or nothing and say what is wrong."""
        with self._lock:
            mine = self.mine(model)
            cells, wrong = checked(mine, mine.columns(looks), body, is_defined)
            if not wrong:
                self._change(model, self._of(model).with_cells(cells))
            return wrong

    def delete(self, model: Model, guid: str) -> None:
        """Raises: Refused with 404 if there is no such product."""
        with self._lock:
            row = self.mine(model).row_of.get(guid)
            if row is None:
                raise Refused(404, "ProductNotFound", f"The model has no product {guid}.")
            known = self._of(model)
            self._change(model, Changes(known.cells, known.deleted | {row}))

    def publish(self, project: Project) -> None:
        """All changes of the user in the project, whatever the model."""
        with self._lock:
            for model in project.models:
                if model.number in self._mine:
                    self._published[model.number] = self._mine[model.number]

    def discard(self, project: Project) -> None:
        """Drop all changes of the user in the project that are not published."""
        with self._lock:
            for model in project.models:
                self._mine.pop(model.number, None)
                if model.number in self._published:
                    self._mine[model.number] = self._published[model.number]

    def _of(self, model: Model) -> Changes:
        mine = self._mine.get(model.number)
        return Changes() if mine is None else mine.changes

    def _change(self, model: Model, changes: Changes) -> None:
        self._mine[model.number] = Edited(model, changes)
