"""Values on their way back to a service: shown beside what is there now, then written."""

from __future__ import annotations

from dataclasses import dataclass

from takeoff.config import Settings
from takeoff.jobs import writeback
from takeoff.jobs.writeback_plan import Plan, Target
from takeoff.notebook.answers import Answer, answered
from takeoff.notebook.bars import bar


@dataclass(frozen=True)
class Writeback:
    """What would be written to a model; nothing is until `apply()`."""

    settings: Settings
    target: Target
    planned: Plan

    def __repr__(self) -> str:
        return f"<{len(self.planned.to_write)} of {len(self.planned.changes)} values to write>"

    def _repr_html_(self) -> str:
        return self.values._repr_html_()

    @property
    def values(self) -> Answer:
        """One row a value: what the product has, what it is to have, and what comes of it."""
        return answered(self.planned.result)

    def apply(self) -> int:
        """Write all of it in one session, or nothing; how many values were written.

        They are the caller's alone until they are published. Raises: InputRefused if the model has
        changed since it was fetched, a property stands in another set, or a killed write-back is
        left; VendorRefused; TryLater; NotUnderstood; LakeUnusable.
        """
        with bar() as progress:
            return writeback.apply(self.settings, self.planned, progress)

    def publish(self, title: str) -> None:
        """Publish all of the caller's changes in the model's project, whoever made them.

        Raises: InputRefused; VendorRefused; TryLater; NotUnderstood; LakeUnusable.
        """
        writeback.publish(self.settings, self.target, title)
