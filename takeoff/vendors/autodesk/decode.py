"""From the answers of one Autodesk index to the neutral tables, in two passes over its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.compute as pc

from takeoff.core.errors import NotUnderstood
from takeoff.core.progress import Progress
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.vendors import values
from takeoff.vendors.ahead import ahead
from takeoff.vendors.autodesk import asked, changes, fields, heads, paths
from takeoff.vendors.autodesk.answers import refused
from takeoff.vendors.autodesk.asked import Record
from takeoff.vendors.autodesk.classification import Codes
from takeoff.vendors.autodesk.doubts import Doubts
from takeoff.vendors.autodesk.elements import Batches, Known
from takeoff.vendors.autodesk.fields import Fields
from takeoff.vendors.autodesk.given import Given
from takeoff.vendors.autodesk.heads import Heads
from takeoff.vendors.autodesk.meanings import Meanings
from takeoff.vendors.autodesk.names import Names
from takeoff.vendors.autodesk.places import Places
from takeoff.vendors.autodesk.rows import Pairs, Rows
from takeoff.vendors.noticed import Noticed, Warnings
from takeoff.vendors.values import Batch

# pyarrow's version, on which the bytes depend, is added by whoever writes them.
LIBRARIES: dict[str, str] = {"duckdb": duckdb.__version__, "numpy": np.__version__}

ROWS_PER_BATCH = 50_000


def decode(
    documents: Sequence[Document],
    *,
    names: QuantityNames,
    options: Mapping[str, bool],
    work: Path,
    progress: Progress,
) -> Iterator[Batch]:
    """Neutral rows of one model as (table, batch) pairs, in two passes over the rows of its index.

    `documents` are all answers of the fetch, named by request path; those of other indexes than
    the record names are passed over. Batches have exactly TABLES[table].decoded and at most 50,000
    rows; their order is free. Every row of the index is a row of `elements`, also what is none:
    `role` tells. element_no counts rows in the order of the file. Each figure is converted from
    the unit of its field; one in a unit that cannot be brought to SI has no value, and warns.
    `options` are not used; `work` takes what does not fit into memory.

    Raises: NotUnderstood (with the first 200 characters of the answer) for any other form than
    those of the contract.
    """
    yield from _Decoder(_Answers(documents), names, work, progress).batches()


class _Answers:
    """The answers that count, by what they are."""

    def __init__(self, documents: Sequence[Document]) -> None:
        kinds = [(paths.kind_of(document.name), document) for document in documents]
        for kind, document in kinds:
            if kind is None:
                raise refused(document.name, b"", "it answers no request of ours")
        found = [document for kind, document in kinds if kind == "asked"]
        if not found:
            raise NotUnderstood(
                "The record of what was asked from Autodesk is missing, so it is not known which "
                "index counts; fetch again."
            )
        self.asked = found[0]
        self.record: Record = asked.read(self.asked)
        counting = {"index": self.record.index_id, "diff": self.record.diff_id}
        self._by_kind = {
            kind: document
            for kind, document in kinds
            if kind is not None
            and counting.get(kind.partition("_")[0]) == paths.id_of(document.name)
        }

    def of(self, kind: str) -> Document:
        """The answer of this kind. Raises: NotUnderstood if there is none."""
        document = self._by_kind.get(kind)
        if document is None:
            missing = kind.replace("_", " ")
            raise NotUnderstood(f"Autodesk's answer with the {missing} is missing; fetch again.")
        return document


class _Decoder:
    """All that is known of one model, and what of it is still to be given out."""

    def __init__(
        self, answers: _Answers, names: QuantityNames, work: Path, progress: Progress
    ) -> None:
        self._answers, self._work, self._progress = answers, work, progress
        self._quantity_names = names
        self._warnings = Warnings()

    def batches(self) -> Iterator[Batch]:
        """All rows, in batches that are not too long."""
        for table, batch in self._all():
            for start in range(0, len(batch), ROWS_PER_BATCH):
                yield table, batch.slice(start, ROWS_PER_BATCH)

    def _all(self) -> Iterator[Batch]:
        definitions = self._fields("index_fields")
        rows_no = self._answers.of("index_properties").evidence_no
        fields_no = self._answers.of("index_fields").evidence_no
        record_no = self._answers.asked.evidence_no
        record = self._answers.record
        names = Names(definitions, record.codes, fields_no)
        self._progress.step("reading what the rows are")
        found = heads.read(self._rows("index_properties"), names, rows_no)
        self._warnings.extend(Noticed(code, said, record_no) for code, said in record.noticed)
        self._warnings.extend([*names.noticed, *found.noticed])
        places = Places(found, names, rows_no)
        known = Known(found, names, places, Codes(names), rows_no)
        yield from self._values(known, definitions, fields_no)
        if record.diff_id is not None:
            yield from self._changes(found)
        yield "warnings", self._warnings.batch()

    def _values(self, known: Known, definitions: Fields, fields_no: int) -> Iterator[Batch]:
        """The rows of every table for the rows of the index, batch by batch."""
        elevations = known.names.keys("elevation")
        meanings = Meanings(definitions, self._quantity_names, elevations, fields_no)
        doubts = Doubts(definitions, known.evidence_no)
        self._progress.step("reading rows", len(known.heads))

        def made(numbered: tuple[int, int, Pairs]) -> tuple[int, list[Batch], list[Noticed]]:
            first, length, pairs = numbered
            given = Given(pairs, length, definitions)
            batches = Batches(given, first, length, known)
            found, noticed = batches.batches()
            said = values.rows(batches.elements, given.long(known.own_keys), meanings.of)
            doubts.add(given, batches)
            return length, [*found, *said.batches], [*noticed, *said.noticed]

        # One batch after the other, while the next one is read: meanings and doubts remember.
        with ThreadPoolExecutor(1) as pool:
            for length, found, noticed in ahead(pool, made, self._numbered_pairs(), 1):
                self._warnings.extend(noticed)
                yield from found
                self._progress.advance(length)
        self._warnings.extend([*meanings.noticed, *doubts.noticed()])
        if not pc.any(pc.equal(known.heads.roles, "physical")).as_py():
            said_none = "The index holds no row that is an element."
            self._warnings.extend([Noticed("no_elements", said_none, known.evidence_no)])

    def _numbered_pairs(self) -> Iterator[tuple[int, int, Pairs]]:
        """The values of batch after batch, with its first row and the number of its rows."""
        first = 0
        for length, pairs in self._rows("index_properties").pairs():
            yield first, length, pairs
            first += length

    def _changes(self, found: Heads) -> Iterator[Batch]:
        """What the service states that has changed since the version before."""
        self._progress.step("reading what has changed")
        document = self._answers.of("diff_properties")
        definitions = self._fields("diff_fields")
        for batch in changes.batches(
            self._rows("diff_properties"),
            definitions,
            found,
            self._answers.record,
            document.evidence_no,
        ):
            yield "changes_stated", batch

    def _fields(self, kind: str) -> Fields:
        document = self._answers.of(kind)
        return fields.read(document.path, document.name)

    def _rows(self, kind: str) -> Rows:
        document = self._answers.of(kind)
        return Rows(document.path, document.name, self._work)
