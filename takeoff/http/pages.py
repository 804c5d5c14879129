"""Pages of a list: which to ask next, and whether those that came are all there are. No I/O."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.errors import NotUnderstood
from takeoff.core.refs import Proof


class TotalMoved(NotUnderstood):
    """The total changed between pages: somebody edits. Ask for all pages once more, not twice."""


@dataclass(frozen=True)
class Page:
    """What was counted in one page: its number from 1, the total it states (null if it does not)
    and the id of each row, in order.
    """

    number: int
    stated_total: int | None
    ids: Sequence[str]


class Pages:
    """The pages of one list, numbered from 1, told apart by what they hold.

    The first page is asked alone. If it states a total, further ones are asked `at_once` until as
    many distinct ids have come; without a total one after the other until a page brings nothing
    new. A page's size is what came, not what was asked: a service may give less.
    `name` says in errors what is listed. With `is_tolerant` a list that ends before its total, or
    repeats itself, simply ends. Pages may be seen in any order; one thread at a time.
    """

    def __init__(self, name: str, *, at_once: int = 8, is_tolerant: bool = False) -> None:
        self._name = name
        self._at_once = at_once
        self._is_tolerant = is_tolerant
        self._asked = 0
        self._seen: set[int] = set()
        self._size = 0
        self._fingerprints: dict[int, int] = {}
        self._ids = array("q")
        self._distinct = 0
        self._total: int | None = None
        self._end: int | None = None

    def to_ask(self) -> list[int]:
        """Numbers of the pages to ask for now, none twice; empty if others must be seen first, or
        nothing more is to be asked.
        """
        in_flight = self._asked - len(self._seen)
        room = self._at_once - in_flight if self._total is not None else 1 - in_flight
        if self._is_over():
            return []
        last = self._asked + room
        if self._total is not None:
            last = min(last, max(self._planned(), len(self._seen) + 1))
        numbers = list(range(self._asked + 1, last + 1))
        self._asked += len(numbers)
        return numbers

    def saw(self, page: Page) -> None:
        """Take note of a page that came.

        Raises: TotalMoved; NotUnderstood if the page repeats another one although more is stated.
        """
        self._seen.add(page.number)
        self._size = len(page.ids) if page.number == 1 else self._size
        self._check_total(page)
        self._check_repeated(page)
        self._ids.extend(map(hash, page.ids))
        before = self._distinct
        if self._total is None or len(self._ids) >= self._total:
            self._distinct = _distinct(self._ids)
            if self._total is None and self._distinct == before:
                self._ends_at(page.number)
        if not page.ids:
            self._ends_at(page.number)
        if self._total is not None and self._distinct > self._total:
            raise TotalMoved(
                f"{self._name}: {self._total:,} are stated, but {self._distinct:,} came; "
                "it was edited meanwhile: fetch again."
            )

    @property
    def stated_total(self) -> int | None:
        """As the pages state it; null as long as none does."""
        return self._total

    @property
    def row_count(self) -> int:
        """Rows that came, those that came twice counted twice."""
        return len(self._ids)

    @property
    def is_complete(self) -> bool:
        """Whether everything that is stated has come."""
        if self._total is None:
            return self._end is not None
        return self._distinct == self._total and 1 in self._seen

    def proof(self) -> Proof:
        """Why the pages are all there are.

        Raises: NotUnderstood if they are not.
        """
        pages = f"{len(self._seen):,} page{'s' if len(self._seen) != 1 else ''}"
        if self.is_complete and self._total is not None:
            return Proof("stated_total", f"{self._name}: {self._total:,} stated, on {pages}")
        if self._is_over() and self._total is None:
            return Proof("protocol_end", f"{self._name}: page {self._end} of {pages} adds nothing")
        if self._is_over() and self._is_tolerant:
            return Proof("none", f"{self._name}: {self._total} stated, {self._came()} on {pages}")
        raise NotUnderstood(
            f"{self._name}: {self._total} are stated, but the pages end after {self._came()} "
            "different ones; nothing was committed. Fetch again; if it stays so, ask the vendor."
        )

    def _is_over(self) -> bool:
        return self.is_complete or (self._end is not None and self._asked >= self._end)

    def _planned(self) -> int:
        """Pages that hold the stated total, if all are as long as the first."""
        return 1 if self._total is None or not self._size else -(-self._total // self._size)

    def _came(self) -> int:
        return _distinct(self._ids)

    def _ends_at(self, number: int) -> None:
        self._end = number if self._end is None else min(self._end, number)

    def _check_total(self, page: Page) -> None:
        if page.stated_total is None:
            return
        if self._total is not None and page.stated_total != self._total:
            raise TotalMoved(
                f"{self._name}: {self._total:,} were stated, page {page.number} states "
                f"{page.stated_total:,}; it is being edited: fetch again when it is not."
            )
        self._total = page.stated_total

    def _check_repeated(self, page: Page) -> None:
        fingerprint = hash(tuple(page.ids))
        twin = self._fingerprints.setdefault(fingerprint, page.number)
        if twin == page.number or not page.ids:
            return
        self._ends_at(max(page.number, twin))
        if self._total is not None and not self._is_tolerant:
            raise NotUnderstood(
                f"{self._name}: page {page.number} repeats page {twin}, although {self._total:,} "
                f"are stated and {self._came():,} came; the service does not page as it should."
            )


def _distinct(hashes: array[int]) -> int:
    """How many different ones. Two ids of one hash would count as one, so never as complete."""
    values = pa.Array.from_buffers(pa.int64(), len(hashes), [None, pa.py_buffer(hashes)])
    distinct: int = pc.count_distinct(values).as_py()
    return distinct
