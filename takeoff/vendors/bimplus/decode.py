"""From the answers of one Bimplus model to the neutral tables, in one pass over the objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.errors import NotUnderstood
from takeoff.core.progress import Progress
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.vendors.bimplus import answers, asked, attributes, paths, places, rows, shapes, tree
from takeoff.vendors.bimplus.asked import Record
from takeoff.vendors.bimplus.attributes import Reading
from takeoff.vendors.bimplus.gathered import Gathered
from takeoff.vendors.bimplus.meanings import Meanings, Units
from takeoff.vendors.bimplus.objects import Calculated, Objects, Slice, together
from takeoff.vendors.bimplus.repeated import Repeated
from takeoff.vendors.longs import Indices
from takeoff.vendors.noticed import Noticed, Warnings
from takeoff.vendors.values import Batch, Elements, LongValues

# pyarrow's version, on which the bytes depend, is added by whoever writes them.
LIBRARIES: dict[str, str] = {"duckdb": duckdb.__version__, "numpy": np.__version__}

ROWS_PER_BATCH = 50_000
_NOT_BUILT = frozenset(("location", "annotation", "opening"))
_ON_STOREYS = frozenset(("physical", "part"))
# What adds names and units; a fetch whose login may not read it goes without.
_HELPFUL = {
    "types": "objects that do not say their IFC class have none",
    "disciplines": "disciplines have no names",
    "units": "values that name their unit by its id alone have none",
}


def decode(
    documents: Sequence[Document],
    *,
    names: QuantityNames,
    options: Mapping[str, bool],
    work: Path,
    progress: Progress,
) -> Iterator[Batch]:
    """Neutral rows of one model as (table, batch) pairs, in one pass over the objects.

    `documents` are all answers of the fetch, named by request path with query; those that the
    client's record does not name are passed over. Batches have exactly TABLES[table].decoded and at
    most 50,000 rows; their order is free. element_no counts objects in the order of the tree. What
    the vendor leaves out is null, never 0. `work` takes what does not fit in memory. `options` are
    not used.

    Raises: NotUnderstood (with the first 200 characters of the answer) for any other form than
    those of the contract, and for two different rows of one object.
    """
    decoder = _Decoder(documents, names, progress)
    for table, batch in decoder.batches(work):
        for start in range(0, len(batch), ROWS_PER_BATCH):
            yield table, batch.slice(start, ROWS_PER_BATCH)


class _Decoder:
    """All that is known of one model, and what of it is still to be given out."""

    def __init__(
        self, documents: Sequence[Document], names: QuantityNames, progress: Progress
    ) -> None:
        in_order = sorted(documents, key=lambda item: item.evidence_no)
        self._by_name = {document.name: document for document in in_order}
        self._by_kind: dict[str | None, Document] = {}
        for document in in_order:
            self._by_kind.setdefault(paths.kind_of(document.name), document)
        self._progress, self._names = progress, names
        self._warnings, self._gathered = Warnings(), Gathered()
        self._record = self._read_record()
        units = self._listed("units", shapes.unit)
        self._reading = Reading(Meanings(names), Units.from_records(units), self._gathered)
        self._types = self._listed("types", shapes.element_type)
        self._layers = self._listed("disciplines", shapes.discipline)

    def batches(self, work: Path) -> Iterator[Batch]:
        """All rows."""
        if self._record.tree is not None:
            yield from self._model(self._named(self._record.tree), work)
        self._warn_at_the_end()
        yield "warnings", self._warnings.batch()

    def _model(self, document: Document, work: Path) -> Iterator[Batch]:
        no = document.evidence_no
        self._progress.step("reading the tree")
        self._tree = tree.read(answers.plain(document.path), document.name, self._types)
        self._places = places.find(self._tree)
        self._count_objects()
        self._warn_of_tree(no)
        objects = Objects(work)
        try:
            yield from self._objects(objects)
            yield from self._calculated(objects)
        finally:
            objects.close()
        layer_names = {layer.id: layer.name for layer in self._layers}
        yield (
            "elements",
            rows.elements(self._tree, self._places, self._gathered, layer_names, no),
        )
        yield "locations", rows.locations(self._tree, self._places, self._gathered, no)
        yield "materials", rows.materials(self._tree, self._places, self._gathered)
        yield "relations", rows.relations(self._tree, self._places, no)

    def _count_objects(self) -> None:
        """Ids, classes and numbers of all objects, by number."""
        at = [place for place, role in enumerate(self._places.roles) if role is not None]
        self._ids = pa.array([self._tree.ids[place] for place in at], pa.string())
        self._classes = pa.array([self._tree.classes[place] for place in at], pa.string())
        self._figures = np.zeros(len(at), dtype=np.int64)
        self._properties = np.zeros(len(at), dtype=np.int64)

    def _objects(self, objects: Objects) -> Iterator[Batch]:
        """The attributes of all objects, list after list."""
        repeated = Repeated(len(self._ids))
        self._progress.step("reading objects", len(self._record.lists))
        for several in together([self._named(name) for name in self._record.lists]):
            for document, part in objects.read(several):
                yield from self._slice(part, document, repeated)
            self._progress.advance(len(several))

    def _slice(self, part: Slice, document: Document, repeated: Repeated) -> Iterator[Batch]:
        numbers = pc.index_in(part.ids, value_set=self._ids)
        known = pc.is_valid(numbers).to_numpy(zero_copy_only=False)
        numbers = numbers.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        kept, noticed = repeated.without(part.first, numbers, known, document)
        self._warnings.extend(noticed)
        at = np.flatnonzero(kept)
        numbers = numbers[at]
        elements = self._elements(numbers, pa.array(at + part.first), document.evidence_no)
        self._gathered.add("name", numbers, part.names.take(pa.array(at)))
        self._gathered.add("source_row", numbers, elements.source_rows)
        trace = pa.repeat(pa.scalar(document.evidence_no, pa.int32()), len(at))
        self._gathered.add("evidence_no", numbers, trace)
        places_ = np.full(len(part), -1, dtype=np.int64)
        places_[at] = np.arange(len(at))
        place = places_[part.values.column("row_no").to_numpy() - part.first]
        table = part.values.append_column("element", pa.array(place))
        table = table.filter(pa.array(place >= 0))
        firsts = (self._figures[numbers], self._properties[numbers])
        texts = part.group_texts.take(pa.array(at))
        said = attributes.read(elements, table, texts, self._reading, firsts)
        self._figures[numbers] += said.figures
        self._properties[numbers] += said.properties
        self._warnings.extend(said.noticed)
        yield from said.batches

    def _elements(self, numbers: Indices, source_rows: pa.Array, evidence_no: int) -> Elements:
        at = pa.array(numbers)
        return Elements(
            self._ids.take(at),
            at.cast(pa.int32()),
            self._classes.take(at),
            source_rows.cast(pa.int64()),
            evidence_no,
        )

    def _calculated(self, objects: Objects) -> Iterator[Batch]:
        """What the service calculated, attribute after attribute."""
        if self._record.calculated is None:
            return
        document = self._named(self._record.calculated)
        self._progress.step("reading calculated quantities")
        entries = dict(self._record.attributes)
        for found in objects.calculated(document.path, document.name):
            name = entries.get(found.attribute_id)
            entry = None
            if name is not None:
                raw = answers.plain(self._named(name).path)
                entry = shapes.one(answers.parsed(raw, name), shapes.attribute, name)
            yield from self._of_attribute(found, entry, document.evidence_no)

    def _of_attribute(
        self, found: Calculated, entry: shapes.Attribute | None, evidence_no: int
    ) -> Iterator[Batch]:
        """The values of one attribute; their unit is that of its catalogue entry."""
        numbers = pc.index_in(found.ids, value_set=self._ids)
        where = pc.is_valid(numbers)
        if lacking := len(numbers) - pc.sum(where).as_py():
            text = f"{lacking:,} calculated values are of objects that are not in the tree."
            self._warnings.extend([Noticed("guid_unknown", text, evidence_no)])
        at = numbers.filter(where).to_numpy(zero_copy_only=False).astype(np.int64)
        elements = self._elements(at, found.rows.filter(where), evidence_no)
        count = len(at)
        unit = None if entry is None else self._reading.units.symbol(entry.unit, entry.unit_id)
        name = found.attribute_id if entry is None else entry.name or found.attribute_id

        def same(text: str | None) -> pa.Array:
            return pa.repeat(pa.scalar(text, pa.string()), count)

        long = LongValues(
            np.arange(count),
            same(None),
            same(name),
            found.texts.filter(where),
            found.numbers.filter(where),
            pa.nulls(count, pa.bool_()),
            same(unit),
            same(f"{found.attribute_id}||"),
        )
        meanings = Meanings(self._names, is_calculated=True)
        firsts = (self._figures[at], self._properties[at])
        said = attributes.values_of(elements, long, meanings, firsts)
        self._figures[at] += said.figures
        self._properties[at] += said.properties
        self._warnings.extend(said.noticed)
        yield from said.batches

    def _named(self, name: str) -> Document:
        if name not in self._by_name:
            raise NotUnderstood(f"The answer to {name} is missing from the evidence; fetch again.")
        return self._by_name[name]

    def _read_record(self) -> Record:
        document = self._by_kind.get("asked")
        if document is None:
            raise NotUnderstood("The record of what was asked is missing; fetch again.")
        record = asked.read(answers.plain(document.path), document.name)
        self._warnings.extend(
            Noticed(code, text, document.evidence_no) for code, text in record.noticed
        )
        return record

    def _listed(self, kind: str, of: shapes.Of[shapes.T]) -> list[shapes.T]:
        """What a look-up lists; nothing if it was not given."""
        document = self._by_kind.get(kind)
        if document is None:
            return []
        parsed = answers.parsed(answers.plain(document.path), document.name)
        return shapes.several(parsed, of, document.name)

    def _warn_of_tree(self, no: int) -> None:
        found, roles = self._tree, self._places.roles
        noticed = [
            Noticed("id_repeated", f"The tree has the object {id_} twice; it counts once.", no)
            for id_ in found.repeated
        ]
        if skipped := sum(found.is_skipped):
            said = f"{skipped:,} objects of clashes or compared revisions are left out."
            noticed.append(Noticed("layer_skipped", said, no))
        objects = [at for at, role in enumerate(roles) if role in _ON_STOREYS]
        if lacking := sum(found.layers[at] is None for at in objects):
            said = f"{lacking:,} objects do not say in which layer they are."
            noticed.append(Noticed("layer_missing", said, no))
        if lacking := sum(self._places.storeys[at] < 0 for at in objects):
            noticed.append(Noticed("no_storey", f"{lacking:,} objects stand on no storey.", no))
        if not {role for role in roles if role is not None} - _NOT_BUILT:
            noticed.append(Noticed("no_elements", "The model holds no elements and no rooms.", no))
        self._warnings.extend(noticed)

    def _warn_at_the_end(self) -> None:
        no = self._by_kind["asked"].evidence_no
        if self._record.tree is None:
            self._warnings.extend([Noticed("no_elements", "The model holds no elements.", no)])
            return
        for kind, effect in _HELPFUL.items():
            if kind not in self._by_kind:
                said = f"The {kind} were not given: {effect}."
                self._warnings.extend([Noticed("lookup_missing", said, no)])
