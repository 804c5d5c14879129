"""The records behind figures: documents of the evidence, and the text that stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

from takeoff.core.refs import Document, Evidence, Snapshot
from takeoff.jobs.reading import reader
from takeoff.lake.evidence import lay_out
from takeoff.lake.layout import Layout

# Where a row was read from: snapshot_id, evidence_no, source_row.
Place: TypeAlias = tuple[str, int, int]


@dataclass(frozen=True)
class Record:
    """What to cite: a document or request, its sha256, and the text of the record in it."""

    evidence: str
    sha256: str
    text: str

    def columns(self) -> dict[str, str]:
        """By the names that explanations have for them."""
        return {"evidence": self.evidence, "sha256": self.sha256, "record": self.text}


class Records:
    """The evidence of a lake's snapshots, each document laid out once in a scratch folder."""

    def __init__(self, layout: Layout, snapshots: Sequence[Snapshot], scratch: Path) -> None:
        self._layout = layout
        self._snapshots = {snapshot.snapshot_id: snapshot for snapshot in snapshots}
        self._scratch = scratch
        self._documents: dict[str, Document] = {}

    def at(self, places: Iterable[Place]) -> dict[Place, Record]:
        """The record at each of these places; every document is read once, if its reader can.

        A snapshot that was committed without evidence has none.
        Raises: LakeUnusable if evidence is missing or damaged; NotUnderstood for no such record.
        """
        by_document: dict[tuple[str, int], list[int]] = {}
        for snapshot_id, evidence_no, source_row in dict.fromkeys(places):
            by_document.setdefault((snapshot_id, evidence_no), []).append(source_row)
        return {
            (*document, source_row): record
            for document, source_rows in by_document.items()
            for source_row, record in self._of_document(*document, source_rows)
        }

    def _of_document(
        self, snapshot_id: str, evidence_no: int, source_rows: Sequence[int]
    ) -> Iterator[tuple[int, Record]]:
        snapshot = self._snapshots[snapshot_id]
        if not snapshot.evidence:
            return
        evidence = _evidence(snapshot, evidence_no)
        folder = self._scratch / evidence.sha256
        if evidence.sha256 not in self._documents:
            self._documents[evidence.sha256] = lay_out(self._layout, evidence, folder)
        document = self._documents[evidence.sha256]
        cite = reader(snapshot.ref.vendor, snapshot.options).cite
        for source_row, text in _texts(cite, document, source_rows, folder).items():
            yield source_row, Record(evidence.path, evidence.sha256, "\n".join(text))


def _texts(
    cite: ModuleType, document: Document, source_rows: Sequence[int], folder: Path
) -> Mapping[int, Sequence[str]]:
    """A vendor whose documents are long has `cite_many` beside `cite`: one walk for all rows."""
    if hasattr(cite, "cite_many"):
        texts: Mapping[int, Sequence[str]] = cite.cite_many(document, source_rows, folder)
        return texts
    return {row: cite.cite(document, row, folder) for row in source_rows}


def _evidence(snapshot: Snapshot, evidence_no: int) -> Evidence:
    return next(item for item in snapshot.evidence if item.evidence_no == evidence_no)
