"""Which fields of an index say what: resolved by category and name in the index's own fields.

Names are in the language of whoever drew the model. Those that are known, in several languages,
stand in `field_names.csv`; what is not found by name is not known, and is only a property.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from takeoff.core.units import converted
from takeoff.vendors.autodesk.asked import CodeField
from takeoff.vendors.autodesk.fields import REFERENCE, Field, Fields
from takeoff.vendors.autodesk.units import unit_of
from takeoff.vendors.noticed import Noticed
from takeoff.vendors.values import is_number

# The service's own fields, called the same in every language: (category, name).
_INTERNAL = {
    "name": ("__name__", "name"),
    "category": ("__category__", "Category"),
    "category_name": ("__category__", "_RC"),
    "type_name": ("__category__", "_RFT"),
    "category_id": ("__categoryId__", "CategoryId"),
    "parent": ("__parent__", "parent"),
    "instance_of": ("__instanceof__", "instanceof_objid"),
    "document": ("__document__", "is_doc_property"),
    "authoring_id": ("__revit__", "ElementId"),
}
# Its fields are told apart by name only.
_SHARED = "__category__"
_REFERENCES = "__internalref__"
# Every class has a set of its own with these, such as Pset_WallCommon.
_OF_EACH_CLASS = frozenset(("is_external", "load_bearing"))
# As Autodesk's own tool for classification names its parameters, one pair for each system.
_CODE = re.compile(r"Classification\.(?P<system>.+)\.Number(?P<again>\(\d+\))?")
_TABLE = Path(__file__).with_name("field_names.csv")

Keys = tuple[str, ...]


class Names:
    """The keys of each meaning, the best first; none where the index has no such field."""

    def __init__(self, fields: Fields, codes: Iterable[CodeField], evidence_no: int) -> None:
        self._fields, self._evidence_no = fields, evidence_no
        self.noticed: list[Noticed] = []
        self._keys: dict[str, list[str]] = {}
        for meaning, (category, name) in _INTERNAL.items():
            self._add(meaning, self._internal(category, name))
        for meaning, alias_category, alias in _aliases():
            found = self._named(alias_category, alias)
            self._add(meaning, found)
            if meaning not in _OF_EACH_CLASS:
                self._tell_ambiguous(alias, found)
        self.level_references = self._references(are_called_levels=True)
        self.other_references = self._references(are_called_levels=False)
        self.codes = self._codes(codes)

    def keys(self, meaning: str) -> Keys:
        """The keys of a meaning."""
        return tuple(self._keys.get(meaning, ()))

    def metres(self, lengths: Mapping[str, str | None]) -> float | None:
        """The first of these figures (text by key) that is a length, in metres."""
        for key, text in lengths.items():
            field = self._fields.get(key)
            unit = None if field is None else unit_of(field.uom)
            if text is not None and unit is not None and unit.kind == "length" and is_number(text):
                return converted(text, unit.factor)[0]
        return None

    @property
    def has_categories(self) -> bool:
        """Whether rows state the category that they are drawn in; files of Revit do."""
        return bool(self.keys("category_name"))

    def _add(self, meaning: str, found: Iterable[Field]) -> None:
        keys = self._keys.setdefault(meaning, [])
        keys.extend(field.key for field in found if field.key not in keys)

    def _internal(self, category: str, name: str) -> list[Field]:
        """By category and name; by the category alone where it has but one field of ours."""
        inside = [field for field in self._fields if field.category == category]
        exact = [field for field in inside if field.name == name]
        is_alone = len(inside) == 1 and category != _SHARED
        return exact or (inside if is_alone else [])

    def _named(self, category: str | None, name: str) -> list[Field]:
        return [
            field
            for field in self._fields.find(category, name)
            if not field.is_internal and field.type != REFERENCE
        ]

    def _tell_ambiguous(self, name: str, found: Sequence[Field]) -> None:
        """Fields of one name in several categories may mean different things."""
        if len({field.category for field in found}) > 1:
            said = ", ".join(f"{field.words} ({field.key})" for field in found)
            text = f"The field '{name}' is ambiguous: {said}; the first that has a value counts."
            self.noticed.append(
                Noticed("field_ambiguous", text, self._evidence_no, found[0].row, once=name)
            )

    def _references(self, *, are_called_levels: bool) -> Keys:
        """The references from row to row that are called as levels are, the best first; or not."""
        references = [
            field
            for field in self._fields
            if field.category == _REFERENCES and field.type == REFERENCE
        ]
        names = [name for meaning, _, name in _aliases() if meaning == "level"]
        if not are_called_levels:
            return tuple(field.key for field in references if field.name not in names)
        called = [field.key for name in names for field in references if field.name == name]
        return tuple(dict.fromkeys(called))

    def _codes(self, wanted: Iterable[CodeField]) -> list[tuple[str, Keys, Keys]]:
        """(system, keys of the code, keys of its title), each key of a code once."""
        found: list[tuple[str, Keys, Keys]] = [
            ("Assembly Code", self.keys("assembly_code"), self.keys("assembly_title")),
            ("OmniClass", self.keys("omniclass_code"), self.keys("omniclass_title")),
        ]
        known = {key for _, keys, _ in found for key in keys}
        for field in (*wanted, *self._classified()):
            named = self._named(None, field.name)
            self._tell_ambiguous(field.name, named)
            keys = tuple(f.key for f in named if f.key not in known)
            titles = [] if field.title_name is None else self._named(None, field.title_name)
            found.append((field.system, keys, tuple(title.key for title in titles)))
            known |= set(keys)
        return [item for item in found if item[1]]

    def _classified(self) -> list[CodeField]:
        """The codes of systems that nobody has named to us."""
        matches = [(field.name, _CODE.fullmatch(field.name)) for field in self._fields]
        return [
            CodeField(
                found["system"],
                name,
                f"Classification.{found['system']}.Description{found['again'] or ''}",
            )
            for name, found in matches
            if found is not None
        ]


@cache
def _aliases() -> Sequence[tuple[str, str | None, str]]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return [
            (row["meaning"], row["category"] or None, row["name"]) for row in csv.DictReader(file)
        ]
