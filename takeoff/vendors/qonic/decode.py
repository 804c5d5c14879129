"""From the answers of one Qonic model to the neutral tables, in one pass over the products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from takeoff.core.progress import Progress
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.vendors.ahead import ahead
from takeoff.vendors.noticed import Noticed, Warnings, batch
from takeoff.vendors.qonic import answers, asked, fields, lookups, paths, results, shelf
from takeoff.vendors.qonic.asked import Record
from takeoff.vendors.qonic.fields import NotScalar
from takeoff.vendors.qonic.figures import Reading
from takeoff.vendors.qonic.lookups import Answer
from takeoff.vendors.qonic.numbering import Page, Products
from takeoff.vendors.qonic.places import Places
from takeoff.vendors.qonic.products import Known, guids
from takeoff.vendors.qonic.products import decode as decode_products
from takeoff.vendors.qonic.results import PerProduct
from takeoff.vendors.qonic.rows import RowReader, content
from takeoff.vendors.qonic.totals import ControlTotals
from takeoff.vendors.values import Batch, Elements, Values

K = TypeVar("K")
V = TypeVar("V")

# pyarrow's version, on which the bytes depend, is added by whoever writes them.
LIBRARIES: dict[str, str] = {"numpy": np.__version__}

ROWS_PER_BATCH = 50_000
_WORKERS = 2
_PAGES = "products"
_ROWS_AT_ONCE = 10_000
# What stands beside the values in rows of calculated values.
_NO_VALUES = frozenset(("guid", "class", "name"))
# What adds names and units; a fetch whose login may not read it goes without.
_HELPFUL = {
    "codifications": "codes have no titles",
    "materials": "materials that are named by guid have no names",
    "locations": "buildings and storeys have no ids of their own",
    "custom_properties": "units of the project's own properties are not known",
}


def decode(
    documents: Sequence[Document],
    *,
    names: QuantityNames,
    options: Mapping[str, bool],
    work: Path,
    progress: Progress,
) -> Iterator[Batch]:
    """Neutral rows of one model as (table, batch) pairs, in one pass over the products.

    `documents` are all answers of the fetch, named by request path with query; an IFC export among
    them is passed over. Batches have exactly TABLES[table].decoded and at most 50,000 rows; their
    order is free. element_no counts products in the order of the pages. What the vendor leaves out
    is null, never 0. No unit travels with a product: SI is assumed and marked so, unless the
    project's own properties name a unit. `options` and `work` are not used.

    Raises: NotUnderstood (with the first 200 characters of the answer) for any other form than
    those of the contract, and for two different rows of one Guid.
    """
    by_number = sorted(documents, key=lambda item: item.evidence_no)
    decoder = _Decoder(by_number, names, progress)
    yield from decoder.batches(decoder.pages, ())


def follow(
    documents: Iterator[Document],
    *,
    names: QuantityNames,
    options: Mapping[str, bool],
    work: Path,
    progress: Progress,
) -> Iterator[Batch]:
    """As `decode`, of documents that are still coming, in the order of their evidence numbers.

    The same rows in the same batches. Raises: as `decode`; NotUnderstood also if the last of them,
    the client's record, names other pages than came.
    """
    parts = groupby(documents, lambda document: paths.kind_of(document.name) == _PAGES)
    before = next(parts, (False, ()))[1]
    # It takes all that stand before the pages; these are what comes next then.
    decoder = _Decoder(before, names, progress)
    pages = next(parts, (True, ()))[1]
    yield from decoder.batches(pages, (document for _, part in parts for document in part))
    decoder.refuse_other_pages()


def _answer(document: Document) -> Answer:
    raw = answers.plain(document.path, document.name)
    return Answer(document.name, document.evidence_no, raw)


class _Decoder:
    """All that is known of one model, and what of it is still to be given out.

    `documents` come in the order of their numbers, all that stand before the products first.
    """

    def __init__(
        self, documents: Iterable[Document], names: QuantityNames, progress: Progress
    ) -> None:
        self._documents: dict[str, list[Document]] = {}
        self._progress = progress
        for document in documents:
            self._add(document)
        self._warnings = Warnings()
        self._known = self._lookups(names)
        self._reader = RowReader()
        self._products = Products()
        self._totals = ControlTotals()
        self._read_pages: list[int] = []

    @property
    def pages(self) -> list[Document]:
        """Those pages of products that the client's record names; all if there is none."""
        record = self._record
        return [
            document
            for document in self._documents.get(_PAGES, [])
            if record is None or paths.page_of(document.name) in record.pages
        ]

    def batches(self, pages: Iterable[Document], after: Iterable[Document]) -> Iterator[Batch]:
        """All rows, in batches that are not too long; `after` are documents that were not given."""
        for table, rows in self._all(pages, after):
            for start in range(0, len(rows), ROWS_PER_BATCH):
                yield table, rows.slice(start, ROWS_PER_BATCH)

    def refuse_other_pages(self) -> None:
        """Raises: NotUnderstood if the record names other pages than brought something."""
        record = self._record
        if record is not None and list(record.pages) != self._read_pages:
            document = self._documents["asked"][0]
            said = f"it names the pages {record.pages}, {self._read_pages} brought products"
            raise answers.refused(document.name, b"", said)

    def _add(self, document: Document) -> None:
        kind = paths.kind_of(document.name)
        if kind is None:
            raise answers.refused(document.name, b"", "it answers no request of ours")
        self._documents.setdefault(kind, []).append(document)

    @property
    def _record(self) -> Record | None:
        return next(map(asked.read, self._answers("asked")), None)

    def _all(self, pages: Iterable[Document], after: Iterable[Document]) -> Iterator[Batch]:
        yield from self._rows_of(pages)
        for document in after:
            self._add(document)
        for document in self._documents.get("dynamic", []):
            yield from self._dynamic(_answer(document))
        yield from self._quantities()
        for document in self._documents.get("locations", [])[:1]:
            yield "locations", batch("locations", self._known.places.rows(document.evidence_no))
        yield "control_totals", batch("control_totals", self._totals.rows)
        self._warnings.extend(self._totals.noticed)
        self._warn_at_the_end()
        yield "warnings", self._warnings.batch()

    def _lookups(self, names: QuantityNames) -> Known:
        """What the libraries say; those that are missing say nothing."""
        codifications = lookups.Codifications()
        for answer in self._answers("codifications"):
            codifications.add_list(answer)
        for answer in self._answers("codification"):
            codifications.add_library(answer)
        available = [name for one in self._answers("available") for name in lookups.fields(one)]
        definitions = _first(self._answers("custom_properties"), lookups.definitions)
        return Known(
            Places(_first(self._answers("locations"), lookups.locations)),
            codifications,
            _first(self._answers("materials"), lookups.material_names),
            tuple(dict.fromkeys(available)),
            Reading(names, definitions, is_calculated=False),
            Reading(names, definitions, is_calculated=True),
        )

    def _answers(self, kind: str) -> list[Answer]:
        return [_answer(document) for document in self._documents.get(kind, [])]

    def _rows_of(self, pages: Iterable[Document]) -> Iterator[Batch]:
        """The products, page after page; those that follow are read meanwhile."""
        self._progress.step("reading products", len(pages) if isinstance(pages, list) else None)
        with ThreadPoolExecutor(_WORKERS) as pool:
            read = ahead(pool, self._read, pages, _WORKERS)
            new = (page for page in map(self._numbered, read) if page is not None)
            for elements, said in ahead(pool, self._made, new, 1):
                self._products.made(elements, said)
                self._warnings.extend(said.noticed)
                yield from said.batches
                self._progress.advance()

    def _read(self, document: Document) -> Page:
        rows = shelf.taken(document.path.parent, document.sha256)
        if rows is None:
            rows = self._reader.page(content(document.path, document.name), document.name)[0]
        with _understood(document):
            places = pa.array(np.arange(len(rows)), pa.int64())
            return Page(document.name, document, rows, guids(rows), places)

    def _numbered(self, page: Page) -> tuple[Page, int] | None:
        """The page without rows that came before, and the number of its first product.

        Null if nothing is left of it, as of a page that a service gives beyond the last.
        """
        page, noticed = self._products.without_repeated(page)
        if not len(page.rows):
            return None
        self._read_pages.append(paths.page_of(page.name))
        self._warnings.extend(noticed)
        return page, self._products.take_numbers(len(page.rows))

    def _made(self, numbered: tuple[Page, int]) -> tuple[Elements, Values]:
        page, first_no = numbered
        with _understood(page.document):
            return decode_products(
                page.rows, page.source_rows, first_no, page.document.evidence_no, self._known
            )

    def _dynamic(self, answer: Answer) -> Iterator[Batch]:
        """What the service calculated for each product."""
        self._progress.step("reading calculated properties")
        with _understood(answer):
            found = results.dynamic(answer, RowReader(), self._products.ids)
            yield from self._calculated(answer, found)

    def _quantities(self) -> Iterator[Batch]:
        """Sums, and values of products if the service answers with these instead."""
        record = self._record
        for answer in self._answers("quantities"):
            sum_ = record and record.sum_of(paths.operation_of(answer.name))
            if not sum_:
                raise answers.refused(answer.name, answer.raw, "nothing asked for it")
            found = results.quantities(answer, self._products.ids)
            self._totals.add(answer, sum_, found)
            if isinstance(found, PerProduct) and not sum_.filters:
                yield from self._calculated(answer, found)

    def _calculated(self, answer: Answer, found: PerProduct) -> Iterator[Batch]:
        said = f"Calculated values came as {found.form}; units are not stated, SI is assumed."
        self._warnings.extend([Noticed("result_shape", said, answer.evidence_no)])
        for start in range(0, len(found.rows), _ROWS_AT_ONCE):
            with _understood(answer):
                rows = found.rows.slice(start, _ROWS_AT_ONCE)
                elements, at, noticed = self._products.elements_of(rows, start, answer)
                self._warnings.extend(noticed)
                values = self._products.values(
                    elements, _fields_of(rows.take(at)), self._known.calculated
                )
            self._warnings.extend(values.noticed)
            yield from values.batches

    def _warn_at_the_end(self) -> None:
        first = min(one.evidence_no for some in self._documents.values() for one in some)
        for kind, effect in _HELPFUL.items():
            if kind not in self._documents:
                said = f"The project's {kind.replace('_', ' ')} were not given: {effect}."
                self._warnings.extend([Noticed("lookup_missing", said, first)])
        for guid in sorted(self._known.places.unknown if "locations" in self._documents else ()):
            said = f"The location {guid} of a product is not among those of the project."
            self._warnings.extend([Noticed("location_unknown", said, first)])
        if not self._products.count:
            self._warnings.extend([Noticed("no_elements", "The model holds no products.", first)])


def _fields_of(rows: pa.StructArray) -> list[fields.Field]:
    found = [
        item
        for key, column in fields.columns(rows).items()
        if key.casefold() not in _NO_VALUES
        for item in fields.fields(key, column)
    ]
    return fields.in_order(found, ())


def _first(found: Sequence[Answer], read: Callable[[Answer], dict[K, V]]) -> dict[K, V]:
    return read(found[0]) if found else {}


@contextmanager
def _understood(answer: Answer | Document) -> Iterator[None]:
    """What is wrong with a value becomes an error that says of which answer it is."""
    try:
        yield
    except NotScalar as error:
        read = answer if isinstance(answer, Answer) else _answer(answer)
        raise answers.refused(read.name, read.raw, str(error)) from error
