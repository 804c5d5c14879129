"""What a session reads of a lake, and whether its files are as committed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from takeoff.core.refs import Snapshot
from takeoff.engines.statements import Member, Pair
from takeoff.lake.checked import CheckedFiles
from takeoff.lake.layout import Layout
from takeoff.lake.verify import first_harmed


@dataclass(frozen=True)
class Source:
    """What an engine reads: all `snapshots` of a lake, and of them those `selected`."""

    layout: Layout
    snapshots: Sequence[Snapshot]
    selected: Sequence[Snapshot]
    pairs: Sequence[Pair]
    buildings: Sequence[Member]
    _checked: CheckedFiles = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_checked", CheckedFiles(self.layout))

    @property
    def shown(self) -> Sequence[tuple[str, Sequence[Snapshot]]]:
        """What stands before a table's name, and of which snapshots it then shows the rows."""
        return ("all_", self.snapshots), ("", self.selected)

    def require(self, names: Iterable[str]) -> None:
        """Return once the files behind these of the lake's tables are known to be as committed.

        A name that is none of a table has no files. Raises: LakeUnusable naming a harmed file.
        """
        wanted = set(names)
        self._checked.require(
            file
            for prefix, snapshots in self.shown
            for snapshot in snapshots
            for file in snapshot.files
            if prefix + file.table in wanted
        )

    def harmed(self, *, footers_only: bool) -> str | None:
        """The first file that is not as committed, and what to do; null if all are."""
        found = first_harmed(self.layout, self.snapshots, footers_only=footers_only)
        return None if found is None else f"{found.file} {found.what}; {found.what_to_do}."
