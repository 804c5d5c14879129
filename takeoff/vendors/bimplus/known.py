"""Ids that the vendor's contract fixes: structure nodes, layers, element types, quantities.

They are the same in every team and every language; the names beside them are not. Some 300 element
types exist: the service's own list is the authority, so only those are here that mean something
to a takeoff beside what they are called.
"""

from __future__ import annotations

from typing import NamedTuple

# Element types of nodes that hold others and are no building parts.
PROJECT_NODE = "8d27ae6d-3c9a-4201-8a4d-bf0225861788"
MODEL_NODE = "e003e080-f21b-4f8a-8c4c-4c9c5026cf50"
TOPOLOGY_NODE = "699c3feb-d9fa-4c3a-a91a-e1615a843d76"
ITEM_NODE = "d72696e0-6f5e-4883-a54d-f36ccb3b5f3b"
SITE_NODE = "d5dcaf7d-adb3-4bba-a4a6-2bdaba9112e4"
# One more of which the contract does not know what it stands for.
OTHER_NODE = "6206bbfb-f389-4874-bf41-110c8689c018"
COMPARISON_NODE = "8fdb13a4-92c3-49fd-b074-7c481d601274"
STRUCTURE = frozenset(
    (
        PROJECT_NODE,
        MODEL_NODE,
        TOPOLOGY_NODE,
        ITEM_NODE,
        SITE_NODE,
        OTHER_NODE,
        COMPARISON_NODE,
    )
)
# The words of nodes that come without the id of their type.
STRUCTURE_WORDS = {"topologydivision": MODEL_NODE, "topologyitem": ITEM_NODE}

# Element types that are places, though they are no structure nodes.
STOREY = "8a20adef-b06d-47ec-9d1d-f3bed748c72b"
ROOM = "885fb391-013b-4baa-b35b-1b50f6b7d31b"
# Element types of the layers that a wall or slab is made of.
MATERIAL_LAYERS = frozenset(
    ("cbe76618-9ac5-4600-afa2-cfad331be043", "a7888bad-d166-4e0c-9683-3485ecb41baa")
)

# Layers (disciplines).
OPENINGS = "0a98744d-baf5-4606-ad86-2097a93f188f"
CLASHES = "a330fde2-1a2f-48ed-a6e3-90b92965dca6"
# What lies in these is no building part. The contract calls the id of the comparison a layer in one
# place and an element type in another.
SKIPPED = frozenset((CLASHES, COMPARISON_NODE))

# Attributes that tell who an object is or what it is made of.
IFC_ID = "93027bad-df91-48ee-a0bb-60a8184cddba"
ALLPLAN_ID = "36f08497-4404-4f67-a2bd-cddc9c5140fb"
MATERIAL = "c0f7d432-6f66-4f1a-adab-717e5fa299c1"
TYPE_NAME = "a0e8ae2c-c869-4ec3-9019-25d3704be707"
OBJECT_NAME = "86364fa8-0d71-475f-ae77-599c02f1bafb"


class Quantity(NamedTuple):
    """What an attribute of the vendor's quantity view is: its kind, and its name in IFC's terms."""

    kind: str
    name: str


# The attributes of the vendor's quantity view, by id. Plain, gross and net ones stand side by side
# and are never the same.
QUANTITIES = {
    "0f1bf4dd-901c-4772-90b0-7817e3fe3d4d": Quantity("length", "Length"),
    "c8dea5b5-4363-41b3-a68a-df4f414a3d5f": Quantity("length", "Height"),
    "0b577d5f-ffa7-4cd5-8b83-b659835ae6dd": Quantity("length", "Width"),
    "bd742612-25e4-3214-90d3-c7fcff8c42f2": Quantity("length", "EavesHeight"),
    "e8e81e9f-1c59-6a35-4d1b-6c5cd84fa115": Quantity("length", "NetHeight"),
    "37061890-d5c5-1cee-7c9d-a352c643e660": Quantity("length", "Perimeter"),
    "f32b5ea8-fc02-4fdb-a20f-7a8e260a191c": Quantity("area", "GrossSideArea"),
    "b500238d-70b7-4647-947c-a3f28c34fe1c": Quantity("area", "NetSideArea"),
    "a3e02707-121a-4e20-93b5-b301955aaba7": Quantity("area", "OuterSurfaceArea"),
    "9d6bfe29-a0c2-2931-acb4-ecc598c70be7": Quantity("area", "GrossSurfaceArea"),
    "a8d66408-49e1-cede-126a-3eb86e04f8bc": Quantity("area", "NetSurfaceArea"),
    "ae8dd694-1e6b-1b79-bbf6-e31bf0b5fd33": Quantity("area", "GrossFootprintArea"),
    "0027d0fd-cc4a-8517-a603-0c42088a96e7": Quantity("area", "NetFootprintArea"),
    "5b3ff41d-5705-45d4-c848-2d8925de7e55": Quantity("area", "CrossSectionArea"),
    "1de4c494-9710-9d6f-ed77-39ec698f973c": Quantity("area", "GrossArea"),
    "1ba1f4dd-c01d-0a91-de47-0b1eb4434cd0": Quantity("area", "NetArea"),
    "4d4bb81d-fa9e-5c9c-e5da-43d5991e5955": Quantity("area", "GrossWallArea"),
    "a18165ca-0e0a-449a-a575-ac71aed087ee": Quantity("area", "NetWallArea"),
    "c1959d2b-9b78-a648-3469-4b54b6fe0fe6": Quantity("area", "Area"),
    "1d0d97b2-9b4b-499a-8f82-d61900ac26f9": Quantity("area", "GrossFloorArea"),
    "6b0c28c8-c8bb-43af-a833-100c78fc3258": Quantity("area", "NetFloorArea"),
    "39a530d2-b6bd-6bed-fac6-60742842d0fa": Quantity("area", "GrossCeilingArea"),
    "6b82ed5d-d98e-4f60-982f-f2adeb4593c2": Quantity("area", "NetCeilingArea"),
    "5887d922-e168-450f-aaf4-308d96aafb6f": Quantity("volume", "GrossVolume"),
    "70eb68d9-ab84-4575-8702-d12e15a536cc": Quantity("volume", "NetVolume"),
    "17977abd-9cd2-dc5d-ab1b-c175eda1e298": Quantity("volume", "Volume"),
}

# The group of values that the service has calculated.
CALCULATED_GROUP = "calculatedproperties"

# The group of values that every object has by itself. Its lengths are millimetres by the vendor's
# document; in which unit its volume and area are nobody says.
BUILT_IN_GROUP = "quantity"
BUILT_IN = {
    "length": Quantity("length", "Length"),
    "width": Quantity("length", "Width"),
    "height": Quantity("length", "Height"),
    "thickness": Quantity("length", "Thickness"),
    "volume": Quantity("volume", "Volume"),
    "area": Quantity("area", "Area"),
}
BUILT_IN_LENGTH = "mm"
