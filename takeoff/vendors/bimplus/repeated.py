"""Objects that come twice: each counts once, and two that differ are refused."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from takeoff.core.refs import Document
from takeoff.vendors.bimplus import answers
from takeoff.vendors.bimplus.glance import WRAPPERS
from takeoff.vendors.longs import Indices
from takeoff.vendors.noticed import Noticed

Flags = npt.NDArray[np.bool_]


class Repeated:
    """Remembers where each of `count` objects stood first."""

    def __init__(self, count: int) -> None:
        self._documents: list[Document] = []
        self._document = np.full(count, -1, dtype=np.int64)
        self._row = np.full(count, -1, dtype=np.int64)
        # Of the list at hand and the one before it: objects come again many at a time.
        self._rows = lru_cache(maxsize=2)(_rows)

    def without(
        self, first: int, numbers: Indices, known: Flags, document: Document
    ) -> tuple[Flags, list[Noticed]]:
        """Which rows of a slice to keep, the first of which is row `first`: those of objects that
        are known and did not come before.

        Raises: NotUnderstood if a row differs from the earlier one of its object.
        """
        if document not in self._documents:
            self._documents.append(document)
        rows = np.flatnonzero(known)
        fresh = rows[self._document[numbers[rows]] < 0]
        kept = np.zeros(len(numbers), dtype=bool)
        kept[fresh[np.unique(numbers[fresh], return_index=True)[1]]] = True
        taken = np.flatnonzero(kept)
        self._document[numbers[taken]] = self._documents.index(document)
        self._row[numbers[taken]] = taken + first
        again = np.flatnonzero(known & ~kept)
        return kept, [self._noticed(int(row), first, numbers, document) for row in again]

    def _noticed(self, row: int, first: int, numbers: Indices, document: Document) -> Noticed:
        number = int(numbers[row])
        earlier, earlier_row = self._documents[self._document[number]], int(self._row[number])
        one, other = self._rows(earlier)[earlier_row], self._rows(document)[first + row]
        if one != other:
            raise answers.refused(
                document.name,
                answers.plain(document.path),
                f"its row {first + row} and row {earlier_row} of {earlier.name} both are of one "
                "object, and differ; the model was edited meanwhile: fetch it again",
            )
        said = f"The object {answers.guid(answers.member(other, 'id'))} came twice; it counts once."
        return Noticed("id_repeated", said, document.evidence_no, first + row)


def _rows(document: Document) -> list[dict[str, Any]]:
    parsed = answers.parsed(answers.plain(document.path), document.name)
    return answers.listed(parsed, *WRAPPERS) or []
