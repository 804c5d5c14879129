"""Which products there are: each Guid once, numbered in the order of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.refs import Document
from takeoff.vendors.longs import Indices
from takeoff.vendors.noticed import Noticed
from takeoff.vendors.qonic import answers, figures, products, rows
from takeoff.vendors.qonic.fields import Field
from takeoff.vendors.qonic.figures import Reading
from takeoff.vendors.qonic.lookups import Answer
from takeoff.vendors.values import Elements, Values

_MOST_SAID = 20


@dataclass(frozen=True)
class Page:
    """One page of products; `source_rows` are the places of its rows in the answer."""

    name: str
    document: Document
    rows: pa.StructArray
    guids: pa.Array
    source_rows: pa.Array

    @property
    def start(self) -> bytes:
        """How the answer begins, for errors."""
        return answers.plain(self.document.path, self.name)[:1024]


class Products:
    """All products of a model, as far as they were read. Guids are compared with their case."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._pages: list[tuple[Document, pa.Array]] = []
        self._next_no = 0
        self._ids: list[pa.Array] = []
        self._classes: list[pa.Array] = []
        self._figures: list[Indices] = []
        self._properties: list[Indices] = []

    @property
    def count(self) -> int:
        """Products so far."""
        return self._next_no

    @property
    def ids(self) -> set[str]:
        """Guids of all products."""
        return self._seen

    def without_repeated(self, page: Page) -> tuple[Page, list[Noticed]]:
        """The page without the rows of products that came before, in it or on an earlier page.

        Raises: NotUnderstood if a row has no Guid, or differs from the earlier one of its Guid.
        """
        if page.guids.null_count:
            row = pc.index(pc.is_null(page.guids), True).as_py()
            raise answers.refused(page.name, page.start, f"its row {row} has no Guid")
        self._pages.append((page.document, page.guids))
        new = page.guids.to_pylist()
        distinct = set(new)
        if len(distinct) == len(new) and self._seen.isdisjoint(distinct):
            self._seen |= distinct
            return page, []
        return self._reduced(page, new)

    def take_numbers(self, count: int) -> int:
        """The first of the next `count` element numbers."""
        first, self._next_no = self._next_no, self._next_no + count
        return first

    def made(self, elements: Elements, said: Values) -> None:
        """Take note of the rows that were made of the next page."""
        self._ids.append(elements.ids)
        self._classes.append(elements.classes)
        self._figures.append(said.figures)
        self._properties.append(said.properties)

    def elements_of(
        self, values: pa.StructArray, first_row: int, answer: Answer
    ) -> tuple[Elements, pa.Array, list[Noticed]]:
        """The products that rows of calculated values are of, and which of the rows they have.

        Raises: NotUnderstood if two rows are of one product.
        """
        guids = products.guids(values)
        ids, classes = self._joined()
        numbers = pc.index_in(guids, value_set=ids)
        at = pc.indices_nonzero(pc.is_valid(numbers)).cast(pa.int64())
        found = numbers.take(at)
        self._refuse_twice(found, guids.take(at), answer)
        elements = Elements(
            guids.take(at),
            found,
            classes.take(found),
            pc.add(at, first_row),
            answer.evidence_no,
        )
        return elements, at, _unknown(guids.filter(pc.is_null(numbers)), answer)

    def values(self, elements: Elements, found: Sequence[Field], reading: Reading) -> Values:
        """Rows of calculated values, with ordinals that follow those their products have."""
        self._joined()
        numbers = elements.numbers.to_numpy()
        counts, others = self._figures[0], self._properties[0]
        said = figures.values(
            elements,
            found,
            reading,
            first_figures=counts[numbers],
            first_properties=others[numbers],
        )
        counts[numbers] += said.figures
        others[numbers] += said.properties
        return said

    def _joined(self) -> tuple[pa.Array, pa.Array]:
        """Ids and classes of all products by number; from then on each lies in one piece."""
        self._ids = [pa.concat_arrays([pa.array([], pa.string()), *self._ids])]
        self._classes = [pa.concat_arrays([pa.array([], pa.string()), *self._classes])]
        nothing = np.zeros(0, dtype=np.int64)
        self._figures = [np.concatenate([nothing, *self._figures])]
        self._properties = [np.concatenate([nothing, *self._properties])]
        return self._ids[0], self._classes[0]

    def _refuse_twice(self, numbers: pa.Array, guids: pa.Array, answer: Answer) -> None:
        if pc.count_distinct(numbers).as_py() != len(numbers):
            counts = pc.value_counts(guids)
            twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")[0]
            raise answers.refused(answer.name, answer.raw, f"the product {twice} is there twice")

    def _reduced(self, page: Page, new: list[str]) -> tuple[Page, list[Noticed]]:
        kept, noticed = [], []
        here = _Rows(page.document)
        for row, guid in enumerate(new):
            if guid not in self._seen:
                self._seen.add(guid)
                kept.append(row)
                continue
            document, first = self._first(guid)
            earlier = here if document is page.document else _Rows(document)
            if earlier.row(first) != here.row(row):
                raise answers.refused(
                    page.name,
                    page.start,
                    f"its row {row} and row {first} of {document.name} both are of the product "
                    f"{guid}, and differ; the model was edited meanwhile: fetch it again",
                )
            said = f"The product {guid} came twice, in equal rows; it counts once."
            noticed.append(Noticed("guid_repeated", said, page.document.evidence_no, row, guid))
        at = pa.array(kept, pa.int64())
        reduced = replace(
            page,
            rows=page.rows.take(at),
            guids=page.guids.take(at),
            source_rows=page.source_rows.take(at),
        )
        return reduced, noticed

    def _first(self, guid: str) -> tuple[Document, int]:
        for document, guids in self._pages:
            row = pc.index(guids, guid).as_py()
            if row >= 0:
                return document, row
        raise KeyError(guid)


class _Rows:
    """The rows of a page as JSON, read when the first is asked for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._rows: list[dict[str, Any]] | None = None

    def row(self, at: int) -> dict[str, Any]:
        if self._rows is None:
            name = self._document.name
            raw = answers.plain(self._document.path, name)
            self._rows = rows.rows_of(answers.parsed(raw, name), raw, name)[1]
        return self._rows[at]


def _unknown(guids: pa.Array, answer: Answer) -> list[Noticed]:
    if not len(guids):
        return []
    some = ", ".join(str(guid) for guid in guids.slice(0, _MOST_SAID).to_pylist())
    said = f"{len(guids)} calculated rows are of products that are not in the model: {some}."
    return [Noticed("guid_unknown", said, answer.evidence_no)]
