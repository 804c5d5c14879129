"""Reads odd evidence as fetch and rebuild do: rows come, or one of our own errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from mutations import mutated

from takeoff.config import Settings
from takeoff.core.errors import TakeoffError
from takeoff.core.progress import Quiet
from takeoff.core.refs import Document
from takeoff.jobs.reading import Rules, decoded, read_rules, reader
from takeoff.lake.layout import open_layout
from takeoff.lake.parts import Identity, PartsWriter
from takeoff.lake.work import Run

READERS = ("autodesk", "bimplus", "ifc", "itwin", "qonic")
RECORDED = Path(__file__).with_name("recorded")
# What a client of ours notes of its questions; no vendor can change it.
_OURS = "asked.json"
_CITED = 3
# An error is one sentence, also if it shows how an answer begins.
_LONGEST = 2_000


@dataclass(frozen=True)
class Recorded:
    """The answers to a fetch of a small model, by their names, in order."""

    vendor: str
    options: Mapping[str, bool]
    answers: Mapping[str, bytes]


def recorded(vendor: str) -> Recorded:
    """What `record` has kept of this reader."""
    content = json.loads((RECORDED / f"{vendor}.json").read_text("utf-8"))
    answers = {name: text.encode() for name, text in content["answers"].items()}
    return Recorded(vendor, content["options"], answers)


def odd(read: Recorded, chance: Random) -> Recorded:
    """One or two of the answers are odd."""
    answers = dict(read.answers)
    theirs = [name for name in answers if not name.endswith(_OURS)]
    for _ in range(chance.choice((1, 1, 1, 2))):
        name = chance.choice(theirs)
        answers[name] = mutated(answers[name], chance)
    return Recorded(read.vendor, read.options, answers)


class Lake:
    """A lake to decode into; nothing is ever committed."""

    def __init__(self, folder: Path) -> None:
        self._layout = open_layout(folder, create=True)
        self._rules: Rules = read_rules(Settings())

    def outcome(self, read: Recorded, chance: Random) -> str:
        """A word for how it ended: rows, or the name of an error of ours.

        Some rows are cited as well. Whatever else is raised is a fault of the reader, and so is an
        error that calls it one.
        """
        with Run(self._layout) as run, TemporaryDirectory() as folder:
            documents = _laid_out(read, Path(folder))
            try:
                rows = self._rows(read, documents, run)
                self._cite(read.vendor, documents, rows, run, chance)
            except TakeoffError as error:
                ended = error
            else:
                return "rows"
        said = str(ended)
        assert "is at fault" not in said, said
        assert len(said) < _LONGEST, f"{len(said)} characters: {said[:300]}"
        return type(ended).__name__

    def _rows(
        self, read: Recorded, documents: Sequence[Document], run: Run
    ) -> list[tuple[int, int]]:
        """Where each row came from, after all were written as those of a snapshot."""
        parts = PartsWriter(run.folder / "rows", Identity("s", read.vendor, "p", "m", "0"))
        places: list[tuple[int, int]] = []
        batches = decoded(read.vendor, documents, read.options, self._rules, run, Quiet())
        for table, batch in batches:
            parts.write(table, batch)
            if {"evidence_no", "source_row"} <= set(batch.schema.names):
                columns = [batch.column(name).to_pylist() for name in ("evidence_no", "source_row")]
                places += zip(*columns, strict=True)
        parts.finish([])
        return places

    def _cite(
        self,
        vendor: str,
        documents: Sequence[Document],
        places: list[tuple[int, int]],
        run: Run,
        chance: Random,
    ) -> None:
        by_no = {document.evidence_no: document for document in documents}
        known = [(no, row) for no, row in places if no is not None and row is not None]
        cite = reader(vendor, {}).cite.cite
        for no, row in chance.sample(known, min(_CITED, len(known))):
            assert cite(by_no[no], row, run.folder)


def _laid_out(read: Recorded, folder: Path) -> list[Document]:
    documents = []
    for number, (name, content) in enumerate(read.answers.items()):
        path = folder / f"document-{number}{Path(name).suffix if read.vendor == 'ifc' else ''}"
        path.write_bytes(content)
        documents.append(Document(number, name, path, "0" * 64))
    return documents
