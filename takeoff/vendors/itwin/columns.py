"""The columns of a table: how each is typed, what its property says, and what it tells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from takeoff.vendors.itwin import names
from takeoff.vendors.itwin.classes import ifc_class
from takeoff.vendors.itwin.definitions import ECProperty, Property
from takeoff.vendors.itwin.names import FLAGS, ID, LENGTHS
from takeoff.vendors.itwin.rows import FLAG, KINDS, NUMBER, TEXT

UNIT, TITLE, EDITION, ROLE, SHARE = "unit", "title", "edition", "role", "share"
THICKNESS, VOLUME = "thickness", "volume"
MATERIAL = "material"
# Parts of a material that are figures: what they measure.
MEASURED = {THICKNESS: "length", VOLUME: "volume"}

_FEDERATION = "federationguid"
_UNIT_OF = re.compile(r"\s*getpersistenceunit\s*\(\s*([A-Za-z_]\w*)\s*\)\s*", re.IGNORECASE)
_ANY = "*"
_IFC = "ifc"
_KNOWN_SCHEMAS = {"bis", "biscore"}
_KINDS_OF = {**dict.fromkeys(FLAGS, (FLAG, TEXT)), **dict.fromkeys(LENGTHS, (NUMBER,))}


@dataclass(frozen=True)
class Column:
    """One column. `declared` is its type as declared, `kind` number, flag or text.

    `field` is what it tells of the element (see `names`), `is_code` whether it holds codes and of
    which `system`. `part` is what it tells of the column `of`: its unit, a code's title or edition,
    a material's role, share, thickness or volume. Each is null if it is nothing of the kind.
    """

    name: str
    declared: str
    kind: str
    definition: Property | None
    field: str | None = None
    is_code: bool = False
    system: str | None = None
    part: str | None = None
    of: str | None = None
    is_unit_of_who: bool = False

    @property
    def is_value(self) -> bool:
        """Whether its values are properties or figures rather than what tells of the element."""
        return self.field is None and not self.is_code and self.name != ID

    @property
    def tells_who(self) -> bool:
        """Whether it tells who an element is, what it is made of, or its codes."""
        is_of_it = self.part not in (None, UNIT) or self.is_unit_of_who
        return self.field is not None or self.is_code or is_of_it

    @property
    def class_name(self) -> str | None:
        """The class of the iModel whose property it shows; null if it is not just one."""
        found = {one.class_name for one in _paths(self.definition)}
        return found.pop() if len(found) == 1 and not found & {None, _ANY} else None

    def set_name(self, table: str) -> str | None:
        """The set of its values: the class that has them, or else their table.

        Null if that is a class of IFC: they are the element's own attributes.
        """
        found = self.class_name
        return table if found is None else None if ifc_class(found) is not None else found

    @property
    def property_name(self) -> str | None:
        """The property of the iModel that it shows first; null if it shows none."""
        paths = _paths(self.definition)
        return paths[0].name if paths else None

    @property
    def label(self) -> str:
        """The name of its values: that of the property if it says no more, else its own.

        A name that is taken gets a number behind it, and one that is no identifier is made one.
        """
        written = self.property_name
        return written if written and names.stands_for(self.name, written) else self.name


def columns(
    declared: Sequence[tuple[str, str]], properties: Mapping[str, Property]
) -> tuple[Column, ...]:
    """The columns as declared; `properties` are those of the group by name."""
    folded = {name.casefold(): one for name, one in properties.items()}
    present = {name.casefold().rstrip("_"): name for name, _ in declared}
    plain = {}
    for name, word in declared:
        plain[name] = _column(name, word, folded.get(name.casefold()))
    found = [_as_part(column, present, plain) for column in plain.values()]
    telling = {column.name for column in found if column.tells_who}
    return tuple(
        replace(column, is_unit_of_who=column.part == UNIT and column.of in telling)
        for column in found
    )


def _column(name: str, declared: str, definition: Property | None) -> Column:
    kind = KINDS.get(declared.casefold(), TEXT)
    field = "federation" if _maps_federation(definition) else names.field_of(name)
    fits = kind in _KINDS_OF.get(field or "", (TEXT,))
    column = Column(name, declared, kind, definition)
    stated, codes = column.class_name, names.codes_of(name)
    field = names.field_in_set(field, stated) if fits and not _is_of_a_set(column) else None
    if field is not None:
        return replace(column, field=field)
    if codes is None or not fits or names.is_property_set(stated):
        return column
    is_named = stated and codes.written and names.stands_for(codes.written, stated)
    return replace(column, is_code=True, system=stated if is_named else codes.system)


def _is_of_a_set(column: Column) -> bool:
    """Whether a column shows a property by its own name, and that of no class that we know."""
    stated, written = column.class_name, column.property_name
    if stated is None or written is None or names.is_property_set(stated):
        return False
    schemas = {(one.schema or "").casefold() for one in _paths(column.definition)}
    is_known = stated.casefold().startswith(_IFC) or ifc_class(stated) is not None
    is_known = is_known or schemas <= _KNOWN_SCHEMAS
    return not is_known and names.stands_for(column.name, written)


def _as_part(column: Column, present: Mapping[str, str], plain: Mapping[str, Column]) -> Column:
    """The column as a part of another one, if it is that."""
    part, target = UNIT, _states_unit_of(column.definition)
    if target is None:
        part, target = names.part_of(column.name) or (UNIT, None)
    of = None if target is None else present.get(target.casefold().rstrip("_"))
    if of is None or not _fits(part, column, plain[of]):
        return column
    return replace(column, field=None, is_code=False, system=None, part=part, of=of)


def _fits(part: str, column: Column, of: Column) -> bool:
    if part in (TITLE, EDITION):
        return of.is_code and column.kind == TEXT
    if part == ROLE:
        return of.field == MATERIAL and column.kind == TEXT
    if part == SHARE or part in MEASURED:
        return of.field == MATERIAL and column.kind == NUMBER
    return (of.is_value or of.field in LENGTHS) and column.kind == TEXT


def _states_unit_of(definition: Property | None) -> str | None:
    """The column whose unit a property's formula asks for; null if it does not."""
    if definition is None or definition.formula is None:
        return None
    if definition.ec_properties or definition.calculated is not None:
        return None
    found = _UNIT_OF.fullmatch(definition.formula)
    return None if found is None else found[1]


def _maps_federation(definition: Property | None) -> bool:
    paths = _paths(definition)
    return bool(paths) and all((one.name or "").casefold() == _FEDERATION for one in paths)


def _paths(definition: Property | None) -> Sequence[ECProperty]:
    return () if definition is None else definition.ec_properties
