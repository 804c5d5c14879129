"""From the tables of one iModel's mappings to the neutral tables.

Two passes over the tables: who the elements are, then what the tables say of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from takeoff.core.progress import Progress
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.vendors.itwin import answers, asked
from takeoff.vendors.itwin.asked import Record
from takeoff.vendors.itwin.elements import Elements
from takeoff.vendors.itwin.figures import Figures
from takeoff.vendors.itwin.meanings import Meanings, is_ambiguous, is_figure
from takeoff.vendors.itwin.paths import ASKED
from takeoff.vendors.itwin.source import Source, sources
from takeoff.vendors.itwin.who import Who
from takeoff.vendors.noticed import Noticed, Warnings
from takeoff.vendors.values import Batch

# pyarrow's version, on which the bytes depend, is added by whoever writes them.
LIBRARIES: dict[str, str] = {"numpy": np.__version__}

ROWS_PER_BATCH = 50_000
# A table of a mapping that was made in the vendor's portal ends here, whatever there is.
CAP = 100

# code -> what it means. The text of each warning says which table, column or element.
CODES = {
    "group_unknown": "a table is of a group that the mapping does not have any more",
    "guid_invalid": "a GUID column holds something that is no GUID",
    "lineage_unknown": "the login may not see whether the iModel is a copy of another one",
    "no_elements": "the tables hold no rows",
    "quantity_type_missing": "a number has IFC's name of a quantity, but is not declared as one",
    "rows_capped": "a table has exactly as many rows as the vendor's portal lets through",
    "unit_unknown": "a figure's unit is not stated or not known; it has no value",
    "value_origin_unclear": "values may be mapped or calculated, and nothing tells which",
    "value_out_of_range": "a figure is not finite or too large",
    "value_unreadable": "a figure is not a number",
}


def decode(
    documents: Sequence[Document],
    *,
    names: QuantityNames,
    options: Mapping[str, bool],
    work: Path,
    progress: Progress,
) -> Iterator[Batch]:
    """Neutral rows of one model as (table, batch) pairs.

    `documents` are all answers of the fetch, named by request path with query, among them the
    client's record of what it asked for. Batches have exactly TABLES[table].decoded and at most
    50,000 rows; their order is free. element_no counts elements in the order of the tables and
    their rows. An empty field is null, never 0. `options` and `work` are not used.

    Raises: NotUnderstood (with the first 200 characters of the answer) for a row of another width
    than its table, a row without ECInstanceId, or an answer that is missing.
    """
    by_name = {document.name: document for document in documents}
    if ASKED not in by_name:
        raise answers.refused(ASKED, b"", "it is not among the evidence")
    record = asked.read(by_name[ASKED].path.read_bytes(), ASKED)
    decoder = _Decoder(record, by_name, names, progress)
    for table, batch in decoder.batches():
        for start in range(0, len(batch), ROWS_PER_BATCH):
            yield table, batch.slice(start, ROWS_PER_BATCH)


class _Decoder:
    def __init__(
        self,
        record: Record,
        documents: Mapping[str, Document],
        names: QuantityNames,
        progress: Progress,
    ) -> None:
        self._record, self._progress = record, progress
        self._record_no = documents[ASKED].evidence_no
        self._sources = sources(record, documents)
        self._meanings = Meanings(names, self._sources)
        self._warnings = Warnings()

    def batches(self) -> Iterator[Batch]:
        """All rows."""
        self._warnings.extend(
            Noticed(code, said, self._record_no) for code, said in self._record.noticed
        )
        people = self._people()
        yield "elements", people.batch()
        yield "materials", people.material_batch()
        yield "codes", people.code_batch()
        yield "locations", people.location_batch()
        yield "relations", people.relation_batch()
        self._warnings.extend(people.noticed())
        yield from self._values(people)
        self._warnings.extend(self._of_columns())
        if not len(people):
            said = "The tables of the mappings hold no rows, so the model has no elements."
            self._warnings.extend([Noticed("no_elements", said, self._record_no)])
        yield "warnings", self._warnings.batch()

    def _people(self) -> Elements:
        self._progress.step("reading elements", len(self._sources))
        who = Who()
        for number, source in enumerate(self._sources):
            count = 0
            for block in source.blocks(lambda column: column.tells_who):
                who.add(number, source, block)
                count += len(block)
            self._warnings.extend(_capped(source, count))
            self._progress.advance()
        return who.people()

    def _values(self, people: Elements) -> Iterator[Batch]:
        self._progress.step("reading figures and properties", len(self._sources))
        figures = Figures(people, self._meanings)
        for number, source in enumerate(self._sources):
            for made in figures.of_table(number, source):
                self._warnings.extend(_worded(one) for one in made.noticed)
                yield from made.batches
            self._progress.advance()

    def _of_columns(self) -> Iterator[Noticed]:
        for source in self._sources:
            for column in source.columns:
                definition, no = column.definition, source.described_by.evidence_no
                if self._meanings.is_quantity_without_type(source, column):
                    said = (
                        f"{source.words}.{column.name} does not say what it measures; give its "
                        "property a quantityType if it is a quantity."
                    )
                    yield Noticed("quantity_type_missing", said, no)
                if definition is not None and is_figure(column) and is_ambiguous(definition):
                    said = (
                        f"{source.words}.{column.name} is mapped from properties and, where they "
                        "lack, calculated; nothing tells which a value is, so it counts as "
                        "authored, in the unit that is stated for it, if any."
                    )
                    yield Noticed("value_origin_unclear", said, no)


def _capped(source: Source, count: int) -> list[Noticed]:
    if count != CAP:
        return []
    said = (
        f"The table {source.words} has exactly {CAP} rows. That is where the vendor's portal cuts "
        "tables of mappings that were made or changed with 'Try it out': make the mapping in "
        "another way, or check that there are no more elements."
    )
    return [Noticed("rows_capped", said, source.described_by.evidence_no)]


def _worded(one: Noticed) -> Noticed:
    """A figure without a unit knows what it measures; it is the unit that nobody states."""
    if one.code != "kind_unknown" or one.once is None:
        return one
    said = (
        f"{one.once} has no unit on the wire, so its figures have no value; add a property of type "
        "String with the formula getpersistenceunit(name of the column) to its group."
    )
    return one._replace(code="unit_unknown", text=said)
