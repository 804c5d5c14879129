"""What a session reads of a lake, and whether its files are as committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from takeoff.core.refs import Snapshot
from takeoff.core.tables import TABLES
from takeoff.engines.statements import Member, Pair, lake_view
from takeoff.lake.checked import CheckedFiles
from takeoff.lake.compaction import Holdings, Rows, read_holdings
from takeoff.lake.layout import Layout
from takeoff.lake.reader import current
from takeoff.lake.verify import first_harmed, read_files

_EVERY = "all_"


@dataclass(frozen=True)
class Source:
    """What an engine reads: all `snapshots` of a lake, and of them those `selected`."""

    layout: Layout
    snapshots: Sequence[Snapshot]
    selected: Sequence[Snapshot]
    pairs: Sequence[Pair]
    buildings: Sequence[Member]
    _checked: CheckedFiles = field(init=False, repr=False, compare=False)
    _holdings: Holdings = field(init=False, repr=False, compare=False)
    _rows: dict[str, Rows] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_checked", CheckedFiles(self.layout))
        object.__setattr__(self, "_holdings", read_holdings(self.layout))

    @property
    def tables(self) -> frozenset[str]:
        """The names of the lake's tables, each with what stands before it."""
        return frozenset(prefix + name for prefix, _ in self.shown for name in TABLES)

    @property
    def shown(self) -> Sequence[tuple[str, Sequence[Snapshot]]]:
        """What stands before a table's name, and of which snapshots it then shows the rows."""
        return (_EVERY, self.snapshots), ("", self.selected)

    def view(self, name: str) -> str:
        """The statement that makes one of these tables."""
        return self._view(name, self.layout.root)

    def views(self, root: str) -> Iterator[str]:
        """The statements that make all of them, of files below `root`."""
        return (self._view(prefix + name, root) for prefix, _ in self.shown for name in TABLES)

    def rows(self, name: str) -> Rows:
        """Where the rows lie that a table shows, named with what stands before its name.

        As of the moment when this session began: what is merged later changes nothing.
        """
        if name not in self._rows:
            prefix, snapshots = next(one for one in self.shown if name.startswith(one[0]))
            self._rows[name] = self._holdings.rows(name.removeprefix(prefix), snapshots)
        return self._rows[name]

    def require(self, names: Iterable[str]) -> None:
        """Return once the files behind these of the lake's tables are known to be as committed.

        A name that is none of a table has no files. Raises: LakeUnusable naming a harmed file.
        """
        wanted = self.tables & set(names)
        self._checked.require(file for name in wanted for file in self.rows(name).every_file)

    def harmed(self, *, footers_only: bool) -> str | None:
        """The first file that is not as committed, and what to do; null if all are."""
        files = read_files(self._holdings, self.snapshots)
        found = first_harmed(self.layout, files, footers_only=footers_only)
        return None if found is None else f"{found.file} {found.what}; {found.what_to_do}."

    def _view(self, name: str, root: PurePath | str) -> str:
        return lake_view(name, TABLES[name.removeprefix(_EVERY)], self.rows(name), root)


def source_of(
    layout: Layout,
    snapshots: Sequence[Snapshot],
    selected: Sequence[Snapshot] | None,
    pairs: Sequence[Pair],
    buildings: Sequence[Member],
) -> Source:
    """Of those selected, or else the current ones; of pairs, each snapshot of theirs."""
    snapshots = _each_once(snapshots)
    chosen = current(snapshots) if selected is None else _each_once(selected)
    if pairs:
        chosen = _each_once([snapshot for pair in pairs for snapshot in pair])
    return Source(layout, snapshots, chosen, pairs, buildings)


def _each_once(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    return list({snapshot.snapshot_id: snapshot for snapshot in snapshots}.values())
