"""Names as the service takes them, and what the names of columns and groups are taken to say.

Nothing in a mapping says what a column means beside its property definition, so these names are
known: any case, underscores do not count. All other columns are properties or figures, and so are
those that show a property of a property set (Pset_...), or one of that very name of a class that is
none of IFC's or BisCore's: a set may have a Phase of its own.

| element column | names of mapped columns, the first that has a value counts |
|---|---|
| ifc_guid | FederationGuid (also any column mapped from it); IfcGuid, GlobalId, IfcGlobalId |
| source_class, ifc_class | IfcClass, IfcEntity, Class, ClassName; else ECClassId; see below |
| name | UserLabel, Name, ElementName |
| building_name | Building, BuildingName |
| storey_name | Storey, StoreyName, BuildingStorey, Level, LevelName |
| space_name | Space, SpaceName, Room, RoomName |
| building_id, storey_id, space_id, type_id, authoring_id | of that name, such as StoreyId |
| parent_id | ParentId; a part is in its parent, an opening voids it, a place is in it |
| type_name | TypeName, Type |
| predefined_type, mark, discipline, system, phase | of that name; Tag; SystemName; PhaseName |
| is_external, load_bearing | IsExternal, LoadBearing |
| storey_elevation_m | StoreyElevation, LevelElevation, with a stated unit |
| elevation_m of a storey's own place | Elevation, with a stated unit |
| a material | Material, MaterialName, Materials, Material_1, Material_2, ... |
| its role and share | these names with _Role (layer, ...) and _Share (0 to 1) behind them |
| its thickness and volume | these names with _Thickness and _Volume, with a stated unit |
| a code | Code, ClassificationCode; Code_X and Classification_X for the system X; known systems |
| its title and edition | these names with _Title and _Edition behind them |

The class of an element is that of its class column if IFC has it, else the one that the name of its
group names: with or without Ifc before it, alone or in the plural (Walls, IfcSlab, Stair_Flights).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from takeoff.vendors.itwin.classes import ifc_class

ID = "ECInstanceId"

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_FIELDS: dict[str, tuple[str, ...]] = {
    "federation": ("federationguid",),
    "guid": ("ifcguid", "globalid", "ifcglobalid"),
    "class": ("ifcclass", "ifcentity", "class", "classname", "ecclassid"),
    "name": ("userlabel", "name", "elementname"),
    "building_name": ("building", "buildingname"),
    "storey_name": ("storey", "storeyname", "buildingstorey", "level", "levelname"),
    "space_name": ("space", "spacename", "room", "roomname"),
    "building_id": ("buildingid",),
    "storey_id": ("storeyid", "levelid"),
    "space_id": ("spaceid", "roomid"),
    "type_id": ("typeid",),
    "parent_id": ("parentid",),
    "authoring_id": ("authoringid",),
    "type_name": ("typename", "type"),
    "predefined_type": ("predefinedtype",),
    "mark": ("mark", "tag"),
    "discipline": ("discipline",),
    "system": ("system", "systemname"),
    "phase": ("phase", "phasename"),
    "is_external": ("isexternal",),
    "load_bearing": ("loadbearing",),
    "storey_elevation": ("storeyelevation", "levelelevation"),
    "elevation": ("elevation",),
    "material": ("material", "materialname", "materials"),
}
FLAGS = ("is_external", "load_bearing")
# In metres, once their unit is known.
LENGTHS = ("storey_elevation", "elevation")
_FIELD_OF = {name: field for field, names in _FIELDS.items() for name in names}
_RANK = {name: rank for names in _FIELDS.values() for rank, name in enumerate(names)}
_SYSTEMS: dict[str, str | None] = {
    "code": None,
    "classificationcode": None,
    "uniclass": "Uniclass",
    "uniclass2015": "Uniclass 2015",
    "omniclass": "OmniClass",
    "masterformat": "MasterFormat",
    "uniformat": "UniFormat",
    "nlsfb": "NL-SfB",
    "din276": "DIN 276",
    "ebkph": "eBKP-H",
    "coclass": "CoClass",
}
_CODE = re.compile(r"(?:code|classification)_(.+)", re.IGNORECASE)
_CODE_PART = re.compile(r"(?:code|classification)_.+_(?:title|edition)", re.IGNORECASE)
_MATERIAL = re.compile(r"material_?\d+", re.IGNORECASE)
_PART = re.compile(r"(.+)_(title|edition|role|share|thickness|volume)", re.IGNORECASE)
_BETWEEN = re.compile(r"[^A-Za-z0-9]+")
_PROPERTY_SET, _COMMON = "pset_", "common"


def is_identifier(name: str) -> bool:
    """Whether it can name a mapping, group or property: an OData simple identifier."""
    return _IDENTIFIER.fullmatch(name) is not None


def field_of(column: str) -> str | None:
    """What a column of this name says of an element, one of the table above; null if nothing."""
    return "material" if _MATERIAL.fullmatch(column) else _FIELD_OF.get(_folded(column))


def field_in_set(field: str | None, set_name: str | None) -> str | None:
    """The field, if a property of that set may tell it.

    What stands in a property set is a property, whatever its name; but those that IFC has for all
    elements of a class tell whether it is external, bears loads, and its phase.
    """
    if not is_property_set(set_name):
        return field
    is_common = (set_name or "").casefold().endswith(_COMMON)
    return field if is_common and field in (*FLAGS, "phase") else None


def is_property_set(name: str | None) -> bool:
    """Whether a class of the iModel is a property set: Pset_WallCommon, PSet_Revit_Other."""
    return name is not None and name.casefold().startswith(_PROPERTY_SET)


def in_order(columns: Iterable[str]) -> list[str]:
    """Columns that say the same of an element, the one that counts first at the front."""
    return sorted(columns, key=lambda column: _RANK.get(_folded(column), 0))


@dataclass(frozen=True)
class Codes:
    """That a column holds codes: of which system, and how its name writes that; null if neither."""

    system: str | None
    written: str | None


def codes_of(column: str) -> Codes | None:
    """What codes a column of this name holds; null if none.

    The title or edition of codes is no code, whether these have a column or not.
    """
    folded = _folded(column)
    if folded in _SYSTEMS:
        return Codes(_SYSTEMS[folded], None)
    found = _CODE.fullmatch(column)
    if found is None or _CODE_PART.fullmatch(column):
        return None
    return Codes(_SYSTEMS.get(_folded(found[1]), found[1]), found[1])


def part_of(column: str) -> tuple[str, str] | None:
    """What a column may be of another one by its name, and which that is; null if nothing.

    One of title, edition, role, share, thickness and volume.
    """
    found = _PART.fullmatch(column)
    return None if found is None else (found[2].casefold(), found[1])


def stands_for(identifier: str, written: str) -> bool:
    """Whether an identifier is only what can be written of a name, perhaps with a number behind."""
    plain, given = (_BETWEEN.sub("_", one).strip("_") for one in (written, identifier))
    rest = given.removeprefix(plain)
    return given.startswith(plain) and re.fullmatch(r"(_\d+)?", rest) is not None


def class_of_group(group: str) -> str | None:
    """The IFC class that a group's name names; null if it names none."""
    plain = group.replace("_", "")
    singular = [plain, plain.removesuffix("s"), plain.removesuffix("es")]
    if plain.endswith("ies"):
        singular.append(f"{plain.removesuffix('ies')}y")
    return next((found for name in singular if (found := ifc_class(name)) is not None), None)


def _folded(name: str) -> str:
    return name.replace("_", "").casefold()
