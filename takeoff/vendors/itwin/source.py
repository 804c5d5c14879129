"""One table of the evidence: its columns and its rows, whichever reader brought them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from takeoff.core.refs import Document
from takeoff.vendors.itwin import answers, cdm, csvs, edmx, rows
from takeoff.vendors.itwin import columns as columns_of
from takeoff.vendors.itwin.asked import CDM, Record, Table
from takeoff.vendors.itwin.columns import UNIT, Column
from takeoff.vendors.itwin.definitions import Property
from takeoff.vendors.itwin.names import ID
from takeoff.vendors.itwin.rows import TEXT

Documents = Mapping[str, Document]


@dataclass(frozen=True)
class Block:
    """Some rows: the document they are in, the place of the first, and columns by name."""

    document: Document
    first_row: int
    columns: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.columns[ID])


@dataclass(frozen=True)
class Source:
    """A table and what it is made of. `described_by` is the evidence that declares its columns."""

    table: Table
    columns: tuple[Column, ...]
    documents: tuple[Document, ...]
    described_by: Document
    is_csv: bool

    @property
    def words(self) -> str:
        """Mapping.Group, as rows name it."""
        return f"{self.table.mapping_name}.{self.table.group_name}"

    def blocks(self, is_wanted: Callable[[Column], bool]) -> Iterator[Block]:
        """The rows with the wanted columns and the id, in order, each document by itself.

        Columns that nobody declared come whatever is wanted.
        """
        wanted = [
            place
            for place, column in enumerate(self.columns)
            if column.name == ID or is_wanted(column)
        ]
        for document in self.documents:
            first = 0
            for found in self._arrays(document, wanted):
                block = Block(document, first, found)
                yield block
                first += len(block)

    def column(self, name: str) -> Column:
        """The column of this name; one that nobody declared is text."""
        known = next((one for one in self.columns if one.name == name), None)
        return Column(name, "", TEXT, None) if known is None else known

    def unit_of(self, column: Column) -> Column | None:
        """The column that states the unit of this one; null if none does."""
        stating = (one for one in self.columns if one.of == column.name and one.part == UNIT)
        return next(stating, None)

    def _arrays(self, document: Document, wanted: Sequence[int]) -> Iterator[dict[str, pa.Array]]:
        if self.is_csv:
            names = [one.name for one in self.columns]
            for arrays in csvs.batches(document.path, document.name, names, wanted):
                yield dict(zip([names[place] for place in wanted], arrays, strict=True))
            return
        declared = [(one.name, one.declared) for one in self.columns]
        found = rows.page(document.path, document.name, declared)
        unwanted = {name for name, _ in declared} - {declared[place][0] for place in wanted}
        yield {name: values for name, values in found.items() if name not in unwanted}


def sources(record: Record, documents: Documents) -> list[Source]:
    """The tables of a record, in order.

    Raises: NotUnderstood if an answer is missing, a table is not described, or has no ids.
    """
    return [_source(table, documents, is_csv=record.reader == CDM) for table in record.tables]


def _source(table: Table, documents: Documents, *, is_csv: bool) -> Source:
    described = _document(table.described_by, documents)
    declared = (_by_cdm if is_csv else _by_metadata)(table, described)
    _refuse_twins(table, described, [name for name, _ in declared])
    return Source(
        table,
        columns_of.columns(declared, _properties(table, documents)),
        tuple(_document(name, documents) for name in table.rows),
        described,
        is_csv,
    )


def _by_cdm(table: Table, document: Document) -> Sequence[tuple[str, str]]:
    found = cdm.entities(answers.read_object(document.path, document.name), document.name)
    return _only([one.columns for one in found if one.name == table.entity], table, document)


def _by_metadata(table: Table, document: Document) -> Sequence[tuple[str, str]]:
    found = edmx.entity_sets(document.path.read_bytes(), document.name)
    return _only([one.columns for one in found if one.name == table.entity], table, document)


def _only(
    found: Sequence[Sequence[tuple[str, str]]], table: Table, document: Document
) -> Sequence[tuple[str, str]]:
    if len(found) != 1:
        why = f"it describes the table '{table.entity}' {len(found)} times"
        raise answers.refused(document.name, document.path.read_bytes(), why)
    return found[0]


def _refuse_twins(table: Table, document: Document, names: Collection[str]) -> None:
    if ID not in names or len(set(names)) != len(names):
        why = f"the table '{table.entity}' has no column {ID}, or a column twice"
        raise answers.refused(document.name, document.path.read_bytes(), why)


def _properties(table: Table, documents: Documents) -> dict[str, Property]:
    found: dict[str, Property] = {}
    for name in table.properties:
        value = answers.read_object(_document(name, documents).path, name)
        for item in answers.objects(value, "properties", name):
            one = Property.of(item, name)
            found[one.name] = one
    return found


def _document(name: str, documents: Documents) -> Document:
    if name not in documents:
        raise answers.refused(name, b"", "it is not among the evidence")
    return documents[name]
