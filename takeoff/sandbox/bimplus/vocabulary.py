"""The vendor's own words and ids that its clients go by: layers, element types, attributes, units.

What the vendor's list does not have here gets an id of the sandbox's own, always the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from uuid import NAMESPACE_URL, uuid5

MODEL_ROOT = "e003e080-f21b-4f8a-8c4c-4c9c5026cf50"
PROJECT = "8d27ae6d-3c9a-4201-8a4d-bf0225861788"
TOPOLOGY_ITEM = "d72696e0-6f5e-4883-a54d-f36ccb3b5f3b"
SITE = "d5dcaf7d-adb3-4bba-a4a6-2bdaba9112e4"

IFC_ID = "93027bad-df91-48ee-a0bb-60a8184cddba"
ELEMENT_TYPE = "a0e8ae2c-c869-4ec3-9019-25d3704be707"
ELEMENT_NAME = "86364fa8-0d71-475f-ae77-599c02f1bafb"
MATERIAL = "c0f7d432-6f66-4f1a-adab-717e5fa299c1"

LAYERS = {
    "BuildingModel": "0f106af0-a919-44c5-b211-15bd5ef620b6",
    "RoomModel": "09e623d4-1e12-4a77-b358-ea1d0b28e4a7",
    "DoorWindowModel": "11555f6f-10ec-4180-88b3-699738c079c3",
    "FinishModel": "30114b52-bc05-47c1-80b5-c7d5485d5840",
    "ConcreteConstructionDesignModel": "dd5cc7d0-72fe-46aa-ba62-dcd86729bd2f",
    "RecessModel": "0a98744d-baf5-4606-ad86-2097a93f188f",
    "HelpObjectModel": "30114b52-bc05-47c1-80b5-c7d5485d5831",
    "SteelModel": "d625ce34-b38c-4c97-b663-3e4f26e301c8",
    "TimberModel": "1e36f9f9-5d1f-4bf7-813f-1523b6c2d99e",
    "PrecastModel": "9baf5b93-fcc4-462e-a187-3a8e60e81f65",
    "BridgeModel": "5d775346-e3b3-4ece-9469-c5d2de74b3db",
    "TerrainModel": "615f5cc1-4e82-4a3a-9ac9-27c70eef85dc",
    "CommonMEP": "d5106d4d-0eba-4d20-86bd-7fe56f33fc76",
    "Heating": "2e5d5f07-6431-4bc6-b17c-49b5b8c585b7",
    "Cooling": "1b5bb6cd-ce47-4c56-a386-8b85395f1bfe",
    "Ventilation": "ed577bb4-b612-4942-bdc2-27c085299390",
    "Plumbing": "d2e06924-e90f-472a-9673-61e1efbdb3d7",
    "Electrical": "77bd3263-233f-4698-b4ed-dc29569cfb2e",
    "Sprinkler": "ed51ec38-2be6-43d2-8da4-c34cbfa808a1",
    "InventoryModel": "5e02d86b-bd3f-4541-9c99-21f98443e1be",
    "CollisionModel": "a330fde2-1a2f-48ed-a6e3-90b92965dca6",
}


@dataclass(frozen=True)
class ElementType:
    """One element type. `word` is what objects say; `ifc_class` without Ifc, null if it has none.

    A type belongs to one layer; structure nodes of the tree belong to none.
    """

    word: str
    id: str
    ifc_class: str | None
    layer: str | None

    @property
    def layer_id(self) -> str | None:
        return None if self.layer is None else LAYERS[self.layer]


def own_id(*names: str | int | None) -> str:
    """A GUID of the sandbox's own for what the lake has only names of; always the same."""
    return str(uuid5(NAMESPACE_URL, repr(names)))


_BUILDING = "BuildingModel"
# Word, id, IFC class, layer.
TYPES = {
    one[0]: ElementType(*one)
    for one in (
        ("Column", "2e308afe-d078-4c20-b53c-76b2da66d848", "Column", _BUILDING),
        ("DoorOpening", "9eaf09c4-1f56-43ee-b008-5291ec50e7e1", "OpeningElement", "RecessModel"),
        ("Foundation", "3a508cf2-bb2f-4cc5-9b8c-fbc1a5848bba", "Footing", _BUILDING),
        ("Chimney", "e504f24c-e643-452b-b901-6a18883dc7e9", "Chimney", _BUILDING),
        ("Wall", "10074eef-9418-4d64-9c6d-23932835a7f1", "Wall", _BUILDING),
        ("MaterialLayer", "cbe76618-9ac5-4600-afa2-cfad331be043", None, _BUILDING),
        ("Slab", "587df3eb-06c0-43cc-aef8-5839641027ec", "Slab", _BUILDING),
        ("SlabLayer", "a7888bad-d166-4e0c-9683-3485ecb41baa", None, _BUILDING),
        ("Beam", "5864b4d0-d63b-4561-92a6-54e29a031283", "Beam", _BUILDING),
        ("Roof", "6cb7c4f3-fe1a-473a-a4a7-31acdaff1926", "Roof", _BUILDING),
        ("Stair", "287447c2-538b-4b54-a22c-e3b961a20e01", "Stair", _BUILDING),
        ("StairFlight", "e7cbefc6-43d8-4341-8b57-52bd7771fcf9", "StairFlight", _BUILDING),
        ("Ramp", "848e588a-833c-4b85-b6cd-36cf66c0767b", "Ramp", _BUILDING),
        ("Pile", "ca92f043-df28-49d4-9d04-7d82ad9ac76d", "Pile", _BUILDING),
        ("Plate", "db53f31e-4572-40e5-869b-e7a2f3e6cfd5", "Plate", _BUILDING),
        ("Member", "8692be9a-8732-42a1-956d-e43af5ffa061", "Member", _BUILDING),
        ("CurtainWall", "7df53392-c401-4485-a732-545e763fb89d", "CurtainWall", _BUILDING),
        (
            "BuildingElementPart",
            "dd90bddd-21bb-42bf-8492-ff3276aeb64b",
            "BuildingElementPart",
            _BUILDING,
        ),
        ("Door", "30114b52-bc05-47c1-80b5-c7d5485d5846", "Door", "DoorWindowModel"),
        ("Window", "30114b52-bc05-47c1-80b5-c7d5485d5845", "Window", "DoorWindowModel"),
        ("CoveringObject", "30114b52-bc05-47c1-80b5-c7d5485d5841", "Covering", "FinishModel"),
        ("WindowOpening", "427a7f74-a32b-46f9-a352-f08a5aa947b5", "OpeningElement", "RecessModel"),
        ("SlabOpening", "1283d8f3-7dc4-46a2-b482-3a29a3d23914", "OpeningElement", "RecessModel"),
        ("Room", "885fb391-013b-4baa-b35b-1b50f6b7d31b", "Space", "RoomModel"),
        ("Storey", "8a20adef-b06d-47ec-9d1d-f3bed748c72b", "BuildingStorey", "RoomModel"),
        (
            "GeometryObject",
            "5a8a8670-cb9f-4f04-a467-04a9e416a6d0",
            "BuildingElementProxy",
            _BUILDING,
        ),
        (
            "Furnishing",
            "c96ba2ec-47cc-4ecc-962a-19aaa896e168",
            "FurnishingElement",
            "InventoryModel",
        ),
        (
            "ReinforcingBar",
            "da1a01ce-e160-4092-a97d-09a15e376750",
            "ReinforcingBar",
            "ConcreteConstructionDesignModel",
        ),
        ("SteelPlate", "ae62b5e4-961f-49d3-9df2-4c9e8e817853", "Plate", "SteelModel"),
        ("FlowSegment", "d827cbce-547c-451b-9890-0d5a39e08ce5", "FlowSegment", "CommonMEP"),
    )
}
_NOT_BY_CLASS = ("SteelPlate", "Storey", "Room", "DoorOpening", "WindowOpening", "SlabOpening")
_BY_CLASS = {
    one.ifc_class: one
    for one in TYPES.values()
    if one.ifc_class is not None and one.word not in _NOT_BY_CLASS
}
# Layers by how an IFC class begins; whatever is not here is part of the building.
_LAYER_OF = {
    "Ventilation": ("Air", "Duct", "Fan", "Damper"),
    "Plumbing": ("Pipe", "Sanitary", "Waste", "Valve", "Pump", "Tank", "Interceptor"),
    "Electrical": (
        "Cable",
        "Electric",
        "Light",
        "Lamp",
        "Outlet",
        "Switching",
        "Junction",
        "Protective",
        "Communications",
        "AudioVisual",
    ),
    "CommonMEP": ("Flow", "Distribution", "Energy", "Unitary", "Sensor", "Actuator", "Controller"),
    "InventoryModel": ("Furniture", "Furnishing", "SystemFurniture"),
    "ConcreteConstructionDesignModel": ("Reinforcing", "Tendon"),
    "TerrainModel": ("Geographic", "Earthworks"),
}
_LAYER_OF_ROLE = {
    "opening": "RecessModel",
    "space": "RoomModel",
    "annotation": "HelpObjectModel",
    "marker": "HelpObjectModel",
}
STRUCTURE_TYPES = {
    "root": ElementType("TopologyDivision", MODEL_ROOT, None, None),
    "site": ElementType("TopologySite", SITE, "Site", None),
    "building": ElementType("TopologyItem", TOPOLOGY_ITEM, "Building", None),
    "storey": ElementType("TopologyItem", TOPOLOGY_ITEM, "BuildingStorey", None),
    "project": ElementType("TopologyProject", PROJECT, None, None),
}
STRUCTURE_IDS = frozenset(one.id for one in STRUCTURE_TYPES.values())


@cache
def type_of(
    ifc_class: str | None, role: str, filled_by: str | None = None, host: str | None = None
) -> ElementType:
    """The element type of an element; for openings also the classes of filling and host count."""
    if role == "opening" and ifc_class == "OpeningElement":
        if filled_by in ("Door", "Window"):
            return TYPES[f"{filled_by}Opening"]
        if host in ("Slab", "Roof"):
            return TYPES["SlabOpening"]
    if role == "space" and ifc_class == "Space":
        return TYPES["Room"]
    layer = _LAYER_OF_ROLE.get(role)
    if layer is None:
        if ifc_class in _BY_CLASS:
            return _BY_CLASS[ifc_class]
        layer = _layer(ifc_class or "")
    word = ifc_class or "UserDefined"
    return ElementType(word, own_id("element type", word, layer), ifc_class, layer)


def _layer(ifc_class: str) -> str:
    fitting = (layer for layer, words in _LAYER_OF.items() if ifc_class.startswith(words))
    return next(fitting, _BUILDING)


# The attributes of the vendor's Quantity Take Off view: by the standard's name of the quantity the
# vendor's words, the id, and what it measures.
QUANTITIES = {
    "Length": ("Length", "0f1bf4dd-901c-4772-90b0-7817e3fe3d4d", "length"),
    "Height": ("Height", "c8dea5b5-4363-41b3-a68a-df4f414a3d5f", "length"),
    "Width": ("Width", "0b577d5f-ffa7-4cd5-8b83-b659835ae6dd", "length"),
    "EavesHeight": ("Eaves Height", "bd742612-25e4-3214-90d3-c7fcff8c42f2", "length"),
    "NetHeight": ("Net Height", "e8e81e9f-1c59-6a35-4d1b-6c5cd84fa115", "length"),
    "Perimeter": ("Perimeter", "37061890-d5c5-1cee-7c9d-a352c643e660", "length"),
    "GrossVolume": ("Gross Volume", "5887d922-e168-450f-aaf4-308d96aafb6f", "volume"),
    "NetVolume": ("Net Volume", "70eb68d9-ab84-4575-8702-d12e15a536cc", "volume"),
    "Volume": ("Volume", "17977abd-9cd2-dc5d-ab1b-c175eda1e298", "volume"),
    "GrossSideArea": ("Gross Side Area", "f32b5ea8-fc02-4fdb-a20f-7a8e260a191c", "area"),
    "NetSideArea": ("Net Side Area", "b500238d-70b7-4647-947c-a3f28c34fe1c", "area"),
    "OuterSurfaceArea": ("Outer Surface Area", "a3e02707-121a-4e20-93b5-b301955aaba7", "area"),
    "GrossSurfaceArea": ("Gross Surface Area", "9d6bfe29-a0c2-2931-acb4-ecc598c70be7", "area"),
    "NetSurfaceArea": ("Net Surface Area", "a8d66408-49e1-cede-126a-3eb86e04f8bc", "area"),
    "GrossFootPrintArea": ("Gross Footprint Area", "ae8dd694-1e6b-1b79-bbf6-e31bf0b5fd33", "area"),
    "NetFootPrintArea": ("Net Footprint Area", "0027d0fd-cc4a-8517-a603-0c42088a96e7", "area"),
    "CrossSectionArea": ("Cross Section Area", "5b3ff41d-5705-45d4-c848-2d8925de7e55", "area"),
    "GrossArea": ("Gross Area", "1de4c494-9710-9d6f-ed77-39ec698f973c", "area"),
    "NetArea": ("Net Area", "1ba1f4dd-c01d-0a91-de47-0b1eb4434cd0", "area"),
    "GrossWallArea": ("Gross Wall Area", "4d4bb81d-fa9e-5c9c-e5da-43d5991e5955", "area"),
    "NetWallArea": ("Net Wall Area", "a18165ca-0e0a-449a-a575-ac71aed087ee", "area"),
    "Area": ("Area", "c1959d2b-9b78-a648-3469-4b54b6fe0fe6", "area"),
    "GrossFloorArea": ("Gross Floor Area", "1d0d97b2-9b4b-499a-8f82-d61900ac26f9", "area"),
    "NetFloorArea": ("Net Floor Area", "6b0c28c8-c8bb-43af-a833-100c78fc3258", "area"),
    "GrossCeilingArea": ("Gross Ceiling Area", "39a530d2-b6bd-6bed-fac6-60742842d0fa", "area"),
    "NetCeilingArea": ("Net Ceiling Area", "6b82ed5d-d98e-4f60-982f-f2adeb4593c2", "area"),
}

# What services/BaseQuantities is asked for, by number.
BASE_QUANTITIES = (
    "Wall",
    "Beam",
    "Chimney",
    "Column",
    "Covering",
    "Door",
    "Window",
    "Member",
    "Plate",
    "Railing",
    "RampFlight",
    "Roof",
    "Slab",
    "StairFlight",
    "Building",
    "BuildingStorey",
    "OpeningElement",
    "ProjectionElement",
    "Space",
)

GROUP_TEXTS = {
    "element": "Element",
    "general": "General",
    "quantity": "Quantities",
    "ifc": "IFC",
    "calculatedproperties": "Calculated properties",
    "materialelement": "Material",
}
