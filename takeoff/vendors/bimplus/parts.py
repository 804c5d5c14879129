"""How a list of objects goes on, told by what came, and whether it is all there is. No I/O.

Contract 6.3: a list may come whole; in pages that a wrapper counts; in chunks that the header
X-Total-Count counts; and a service may cut it without a word. Where pages begin to count is not
documented. What ends a list in every form is a part that is empty or repeats known objects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from takeoff.http.pages import TotalMoved
from takeoff.vendors.bimplus.glance import Glance


class Parts:
    """The parts of one list after the first; `expected` are the ids that the tree has of it."""

    def __init__(self, first: Glance, expected: Collection[str]) -> None:
        self._expected = expected
        self._ids = set(first.ids)
        self._may_repeat = False
        self._is_guessed = False
        self._left = self._plan(first)

    @property
    def ids(self) -> set[str]:
        """All that came so far."""
        return self._ids

    @property
    def is_guessed(self) -> bool:
        """Whether nothing states how many parts there are, so that one asked for may not be."""
        return self._is_guessed

    def next(self) -> Mapping[str, str] | None:
        """The parameters that ask for the next part; null if the list is over."""
        return next(self._left, None)

    def saw(self, part: Glance) -> None:
        """Take note of the part that was asked for last."""
        is_over = self._ids.issuperset(part.ids)
        self._ids.update(part.ids)
        if is_over and not self._may_repeat:
            self._left = iter(())
        self._may_repeat = False

    def _plan(self, first: Glance) -> Iterator[Mapping[str, str]]:
        if first.page is not None and first.last_page is not None:
            size = {} if first.page_size is None else {"pageSize": str(first.page_size)}
            numbers = range(first.page + 1, first.last_page + 1)
            return iter([{"page": str(number), **size} for number in numbers])
        if first.chunks is not None and first.chunks > 1:
            return iter([{"chunk": str(number)} for number in range(2, first.chunks + 1)])
        if first.ids and not self._ids.issuperset(self._expected):
            self._is_guessed = True
            return self._guessed(len(first.ids))
        return iter(())

    def _guessed(self, size: int) -> Iterator[Mapping[str, str]]:
        """Pages as long as what came. The first may be what came already, if they count from 1."""
        self._may_repeat = True
        for number in range(1, len(self._expected) // size + 2):
            yield {"page": str(number), "pageSize": str(size)}


@dataclass(frozen=True)
class Wanted:
    """The objects of one type as the tree has them; `others` may be among them and do not count.

    What is not needed may be missing: places have names and ids without it.
    """

    type_id: str
    ids: frozenset[str]
    others: frozenset[str]
    is_needed: bool

    def refuse_others(self, came: set[str]) -> None:
        """Raises: TotalMoved unless those that came are these, if they are needed."""
        lacking, strange = self.ids - came, came - self.ids - self.others
        if not self.is_needed or not (lacking or strange):
            return
        some = ", ".join(sorted(lacking or strange)[:3])
        raise TotalMoved(
            f"Bimplus' tree has {len(self.ids):,} objects of the element type {self.type_id}; of "
            f"these {len(lacking):,} are missing in its list, and {len(strange):,} are there that "
            f"the tree does not have ({some}). Nothing was committed; fetch again when nobody "
            "edits the model."
        )
