"""From an IFC file to the neutral tables, in one pass over the elements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from takeoff.core.progress import Progress
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.core.tables import TABLES
from takeoff.vendors.ifc import container, relations
from takeoff.vendors.ifc.batches import ROWS_PER_BATCH, Rows
from takeoff.vendors.ifc.codes import Codes
from takeoff.vendors.ifc.computed import Measuring, measuring
from takeoff.vendors.ifc.converter import Converter
from takeoff.vendors.ifc.elements import (
    CommonValues,
    ElementRows,
    Elements,
    find_elements,
    ifc_class,
    warn_of_ids,
)
from takeoff.vendors.ifc.figures import FigureRows
from takeoff.vendors.ifc.links import Links, read_links
from takeoff.vendors.ifc.materials import Materials
from takeoff.vendors.ifc.model import Entity, Model, read
from takeoff.vendors.ifc.noticed import warn_of_misfits, warn_of_places, warn_of_records
from takeoff.vendors.ifc.sets import SetContent, Sets, attribute_properties
from takeoff.vendors.ifc.spatial import Places
from takeoff.vendors.ifc.units import Units
from takeoff.vendors.ifc.warnings import Warnings

# Another version of one of these may compute other figures.
LIBRARIES = {name: version(name) for name in ("ifcopenshell", "numpy", "shapely")}

_IN_COLUMNS = frozenset(("GlobalId", "Name"))
_PHYSICAL = frozenset(("physical", "part"))
_NEVER_COUNTED = frozenset(("opening", "annotation"))
_BUILT = frozenset(("physical", "part", "opening", "space"))


def decode(
    documents: Sequence[Document],
    *,
    names: QuantityNames,
    options: Mapping[str, bool],
    work: Path,
    progress: Progress,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Neutral rows of one model as (table, batch) pairs; `work` takes the model if it is packed.

    `documents` is the one file. Batches have exactly TABLES[table].decoded and at most 20,000 rows;
    their order is free. Figures are in SI by the file's own units; what has no unit has no value.
    With the option `geometry` the figures computed from the bodies follow, as a basis of their own,
    and the boxes around them.

    Raises: InputRefused if it is no model that we read; NotUnderstood if it is cut short.
    """
    (document,) = documents
    path = container.plain(document.path, document.name, work)
    try:
        model = read(path, document.name, progress)
        is_measured = options["geometry"]
        with measuring(model, document.name, work) if is_measured else nullcontext() as measured:
            decoder = _Decoder(model, document, names)
            yield from decoder.authored(progress)
            if measured is not None:
                yield from decoder.computed(measured, progress)
        yield from decoder.noticed()
    finally:
        container.remove(path, document.path)


class _Decoder:
    """All that is known of one model, and what of it is still to be given out."""

    def __init__(self, model: Model, document: Document, names: QuantityNames) -> None:
        self._model, self._document = model, document
        no = document.evidence_no
        self._warnings = Warnings(no)
        self._links: Links = read_links(model)
        self._elements: Elements = find_elements(model, self._links)
        converter = self._converter = Converter(Units(model), self._warnings)
        self._places = Places(model, self._links, self._elements.ids, converter)
        self._element_rows = ElementRows(model, self._links, self._elements, self._places, no)
        self._sets = Sets(model, converter, self._shared_sets())
        self._codes = Codes(model, self._links)
        self._materials = Materials(model, self._links, converter, self._warnings)
        self._figures = FigureRows(names, converter, self._warnings, no)
        self._rows = {name: Rows(table.decoded) for name, table in TABLES.items()}
        self._rows["quantities"] = self._figures.rows
        self._rows["warnings"] = self._warnings.rows

    def authored(self, progress: Progress) -> Iterator[tuple[str, pa.RecordBatch]]:
        """What the file states."""
        warn_of_records(self._model, self._links, self._elements, self._warnings)
        warn_of_ids(self._model, self._elements, self._warnings)
        warn_of_places(self._links, self._places, self._elements, self._warnings)
        self._rows["locations"].extend(self._places.rows(self._document.evidence_no))
        links = relations.rows(self._links, self._elements, self._document.evidence_no)
        self._rows["relations"].extend(links)
        progress.step(f"{self._document.name}: reading elements", len(self._elements.numbers))
        for step_id in self._elements.numbers:
            entity = self._model.get(step_id)
            if entity is not None:
                self._element(entity)
            progress.advance()
            yield from self._full(ROWS_PER_BATCH)
        yield from self._full(1)

    def computed(
        self, measured: Measuring, progress: Progress
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        """What the geometry gives."""
        for one in measured(self._warnings, progress):
            key = self._elements.key(one.step_id)
            if key is None:
                continue
            self._figures.computed(one, key)
            if one.box is not None:
                row = (*key, *one.box, self._document.evidence_no, one.step_id)
                self._rows["boxes"].append(row)
            yield from self._full(ROWS_PER_BATCH)

    def noticed(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """All that still waits, warnings included."""
        for unit_type, step_id in self._converter.units.repeated:
            text = f"The file names a second {unit_type} in #{step_id}; the first one counts."
            self._warnings.add("unit_repeated", text, step_id)
        if _BUILT.isdisjoint(self._elements.roles.values()):
            self._warnings.add("no_elements", "The model holds no elements and no spaces.", None)
        warn_of_misfits(self._model, self._elements, self._warnings)
        yield from self._full(1)

    def _full(self, rows: int) -> Iterator[tuple[str, pa.RecordBatch]]:
        for name, waiting in self._rows.items():
            if len(waiting) >= rows:
                for batch in waiting.batches():
                    yield name, batch

    def _element(self, entity: Entity) -> None:
        step_id, role = entity.step_id, self._elements.roles[entity.step_id]
        type_ = self._element_rows.type_of(step_id)
        own = [self._sets.content(set_id) for set_id in self._set_ids(entity)]
        typed = [self._sets.content(set_id) for set_id in self._set_ids(type_)]
        common = CommonValues()
        for content in own + typed:
            common = common.filled_from(content.common)
        key = (self._elements.ids[step_id], self._elements.numbers[step_id])
        self._rows["elements"].append(self._element_rows.row(entity, common))
        self._figures.authored(entity, ifc_class(entity.cls), key, role, own, typed)
        self._properties(entity, key, own)
        self._codes_and_materials(step_id, key, None if type_ is None else type_.step_id)
        self._warn(entity, key, role, own)

    def _set_ids(self, entity: Entity | None) -> list[int]:
        """The sets of an element or type, each once, in the order of the relations."""
        if entity is None:
            return []
        ids = [int(ref) for ref in entity.refs("HasPropertySets")]
        return list(dict.fromkeys(ids + self._links.sets_of.get(entity.step_id, [])))

    def _shared_sets(self) -> set[int]:
        """Sets that are asked for more than once: of several elements, or of a type."""
        counts = Counter(set_id for sets in self._links.sets_of.values() for set_id in sets)
        shared = {set_id for set_id, count in counts.items() if count > 1}
        for type_ in self._model.of_class("IfcTypeObject"):
            shared.update(int(ref) for ref in type_.refs("HasPropertySets"))
            shared.update(self._links.sets_of.get(type_.step_id, []))
        return shared

    def _properties(self, entity: Entity, key: tuple[str, int], own: list[SetContent]) -> None:
        no = self._document.evidence_no
        attributes = attribute_properties(entity, self._converter, None, _IN_COLUMNS)
        found = [*attributes, *(item for content in own for item in content.properties)]
        self._rows["properties"].extend(
            (*key, item.set_name, item.name, ordinal, *item[2:7], no, item.step_id)
            for ordinal, item in enumerate(found)
        )

    def _codes_and_materials(self, step_id: int, key: tuple[str, int], type_id: int | None) -> None:
        no = self._document.evidence_no
        self._rows["codes"].extend(
            (*key, ordinal, *code[:4], no, code.step_id)
            for ordinal, code in enumerate(self._codes.of(step_id, type_id))
        )
        self._rows["materials"].extend(
            (*key, ordinal, *part[:4], None, no, part.step_id)
            for ordinal, part in enumerate(self._materials.of(step_id, type_id))
        )

    def _warn(self, entity: Entity, key: tuple[str, int], role: str, own: list[SetContent]) -> None:
        if role in _PHYSICAL and self._places.of(entity.step_id).storey_id is None:
            text = f"#{entity.step_id} ({entity.cls.name}) is on no storey."
            self._warnings.add("no_storey", text, entity.step_id, key)
        if entity.step_id in self._elements.rings:
            text = f"#{entity.step_id} ({entity.cls.name}) is a part of itself."
            self._warnings.add("part_of_itself", text, entity.step_id, key)
        elif role == "physical":
            self._warn_of_whole(entity, key)
        for content in own:
            for missing in content.missing:
                text = f"A set of #{entity.step_id} refers to #{missing}, which is not there."
                self._warnings.add("reference_broken", text, missing, key)
            for cut in content.cut:
                text = f"A set of #{entity.step_id} holds itself or too much at #{cut}; "
                self._warnings.add("set_cut", text + "what lies deeper is left out.", cut, key)

    def _warn_of_whole(self, entity: Entity, key: tuple[str, int]) -> None:
        """A part that counts itself, as what it is a part of is an opening or a mere annotation."""
        whole = self._links.whole_of.get(entity.step_id, 0)
        if self._elements.roles.get(whole) in _NEVER_COUNTED:
            text = f"#{entity.step_id} ({entity.cls.name}) is a part of #{whole}, which is not "
            text += "counted; it counts itself."
            self._warnings.add("whole_not_counted", text, entity.step_id, key)
