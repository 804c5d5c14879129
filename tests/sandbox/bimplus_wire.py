"""A small house, and the plainest client of Bimplus: raw requests, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from small_lakes import Model
from wire import TIMEOUT_S, Wire

LENGTH = "0f1bf4dd-901c-4772-90b0-7817e3fe3d4d"
NET_VOLUME = "70eb68d9-ab84-4575-8702-d12e15a536cc"
NET_SIDE_AREA = "b500238d-70b7-4647-947c-a3f28c34fe1c"
MATERIAL = "c0f7d432-6f66-4f1a-adab-717e5fa299c1"
IFC_ID = "93027bad-df91-48ee-a0bb-60a8184cddba"
MILLIMETRE = "f99f40cf-da64-4c4f-8434-cb90722ba485"

WALL_TYPE = "10074eef-9418-4d64-9c6d-23932835a7f1"
MATERIAL_LAYER = "cbe76618-9ac5-4600-afa2-cfad331be043"
ROOM_TYPE = "885fb391-013b-4baa-b35b-1b50f6b7d31b"
DOOR_OPENING = "9eaf09c4-1f56-43ee-b008-5291ec50e7e1"
ITEM = "d72696e0-6f5e-4883-a54d-f36ccb3b5f3b"
ROOT_TYPE = "e003e080-f21b-4f8a-8c4c-4c9c5026cf50"

BUILDING_MODEL = "0f106af0-a919-44c5-b211-15bd5ef620b6"
RECESS_MODEL = "0a98744d-baf5-4606-ad86-2097a93f188f"
ROOM_MODEL = "09e623d4-1e12-4a77-b358-ea1d0b28e4a7"
HELP_MODEL = "30114b52-bc05-47c1-80b5-c7d5485d5831"

STOREY, ROOM = "2Storey000000000000001", "2Room00000000000000001"
WALL, OTHER_WALL = "2Wall00000000000000001", "2Wall00000000000000002"
OPENING, DOOR = "2Hole00000000000000001", "2Door00000000000000001"
STAIR, FLIGHT = "2Stair0000000000000001", "2Flight000000000000001"
CHAIR, GRID = "2Chair0000000000000001", "2Grid00000000000000001"

Json = dict[str, Any]


def small_house() -> Model:
    """A layered wall with an opening and its door, a stair with a flight, a room with a chair."""
    model = Model("small house", project_id="offices")
    here = {"building_id": "2Building", "building_name": "House", "storey_id": STOREY}
    _places(model)
    model.add("2Type00000000000000001", role="type", ifc_class="WallType", name="W 30")
    model.add(STOREY, role="location", ifc_class="BuildingStorey", name="Ground floor")
    _property(model, None, "Elevation", number=-2800.0, unit="MILLI METRE")
    model.add(WALL, source_class="IfcWallStandardCase", name="Outer wall", type_name="W 30", **here)
    _wall_values(model)
    model.material("Brick", role="layer", thickness_m=0.24)
    model.material("Air", role="layer", thickness_m=0.06)
    model.add(
        OPENING, role="opening", ifc_class="OpeningElement", name="Hole", parent_id=WALL, **here
    )
    model.figure("Depth", "0.3")
    model.add(DOOR, ifc_class="Door", name="Front door", predefined_type="DOOR", **here)
    model.figure("Width", "0.9", origin="attribute", source_set=None, source_name="OverallWidth")
    model.material("Larch", role="constituent", share=0.3)
    model.material("Glass", role="constituent", share=0.7)
    model.add(STAIR, ifc_class="Stair", name=None, **here)
    model.add(FLIGHT, role="part", ifc_class="StairFlight", parent_id=STAIR, mark="ST-1")
    model.figure("NetVolume", "1.25", basis="computed", source_name="volume")
    model.add(OTHER_WALL, name='A "second" wall', ifc_guid=None, **here)
    model.add(ROOM, role="space", ifc_class="Space", name="Kitchen", **here)
    model.figure("NetFloorArea", "12.5")
    model.add(CHAIR, ifc_class="Furniture", name="Chair", space_id=ROOM, **here)
    model.add(GRID, role="annotation", ifc_class="Grid", name="A-C", **here)
    model.rows.setdefault("relations", []).append(_link(model, DOOR, OPENING, "fills"))
    return model


def _wall_values(model: Model) -> None:
    model.figure("Length", "5.2").figure("NetVolume", "3.120000000001")
    model.figure("NetSideArea", "13").figure("Length", "5.3", source_set="Other quantities")
    model.figure(None, "7", kind="count", unit="1", source_name="Bricks")
    model.figure(None, None, kind="other", unit=None, source_name="Glow", source_value="3")
    model.rows["quantities"][-1]["source_unit"] = "CANDELA"
    model.figure(
        None, "2.5", origin="pset", source_set="Site", source_name="Distance", source_value="2500"
    )
    _property(model, "Site", "Distance", number=2500.0, unit="MILLI METRE")
    _property(model, "Site", "Heat", number=0.24, unit="WATT")
    _property(model, "Pset_WallCommon", "IsExternal", flag=True)
    _property(model, "Pset_WallCommon", "FireRating", text="EI60")
    _property(model, "Pset_WallCommon", "Mark", text="007")
    _property(model, "Pset_WallCommon", "Mark", text="008")
    _property(model, "Pset_WallCommon", "Status", none=None)
    model.code("Uniformat", "B2010", "Outer walls").code("Uniformat", "B2011")


def _places(model: Model) -> None:
    for place in (
        ("2Project", None, "project", "All", None),
        ("2Site", "2Project", "site", "Site", None),
        ("2Building", "2Site", "building", "House", None),
        (STOREY, "2Building", "storey", "Ground floor", -2.8),
        (ROOM, STOREY, "space", "Kitchen", None),
    ):
        names = ("location_id", "parent_id", "kind", "name", "elevation_m")
        row = dict(zip(names, place, strict=True)) | {"evidence_no": 0, "source_row": 1}
        model.rows.setdefault("locations", []).append(row)


def _property(model: Model, set_name: str | None, name: str, **value: Any) -> None:
    last = model.rows["elements"][-1]
    rows = model.rows.setdefault("properties", [])
    kind = next(iter(value))
    told = {key: one for key, one in value.items() if key != "none"}
    rows.append(
        {
            "element_id": last["element_id"],
            "element_no": last["element_no"],
            "set_name": set_name,
            "name": name,
            "ordinal": sum(row["element_no"] == last["element_no"] for row in rows),
            "value_kind": kind,
            "evidence_no": 0,
            "source_row": 1,
            **told,
        }
    )


def _link(model: Model, from_id: str, to_id: str, kind: str) -> Json:
    numbers = {row["element_id"]: row["element_no"] for row in model.rows["elements"]}
    return {
        "from_element_id": from_id,
        "from_element_no": numbers[from_id],
        "to_element_id": to_id,
        "to_element_no": numbers[to_id],
        "kind": kind,
        "evidence_no": 0,
        "source_row": 1,
    }


class Bimplus:
    """Requests with the token, never following a redirect; of the first model that is served."""

    def __init__(self, wire: Wire) -> None:
        self.running = wire.running
        self.service = wire.running.at("bimplus")
        self.base_url = self.service.base_url
        self.headers = {"Authorization": f"BimPlus {self.service.token}"}
        self.slug = self.service.told["slug"]
        served = self.service.models[0]
        self.project_id, self.division_id = served.project_id, served.model_id
        self.project = f"/{self.slug}/projects/{served.project_id}"
        self.division = f"/{self.slug}/divisions/{served.model_id}"

    def ask(self, method: str, path: str, **asked: Any) -> requests.Response:
        """`headers` come on top of the token; one that is None is left out."""
        headers = {**self.headers, **asked.pop("headers", {})}
        return requests.request(
            method,
            self.base_url + path,
            headers={name: value for name, value in headers.items() if value is not None},
            timeout=TIMEOUT_S,
            allow_redirects=False,
            **asked,
        )

    def get(self, path: str, **asked: Any) -> requests.Response:
        return self.ask("GET", path, **asked)

    def json(self, path: str, **asked: Any) -> Any:
        answer = self.get(path, **asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def details(self) -> Json:
        told: Json = self.json(self.division)
        return told

    def tag(self) -> str:
        return self.ask("HEAD", self.division).headers["ETag"]

    @property
    def root(self) -> str:
        """The path of the model's root among the objects."""
        return f"/{self.slug}/objects/{self.topology_id}"

    @property
    def topology_id(self) -> str:
        return next(
            one["topologyId"]
            for one in self.json(f"{self.project}/divisions")
            if one["id"] == self.division_id
        )

    def tree(self, **params: str) -> Json:
        told: Json = self.json(f"{self.root}/topology", params=params)
        return told

    def nodes(self, **params: str) -> list[Json]:
        """All nodes of the tree, the root first."""
        return list(walked(self.tree(**params)))

    def node(self, ifc_id: str) -> Json:
        return next(node for node in self.nodes() if node.get("ifcId") == ifc_id)

    def object(self, node_id: str, flags: int = 8) -> Json:
        told: Json = self.json(f"/{self.slug}/objects/{node_id}/properties/{flags}")
        return told

    def of_type(self, type_id: str, flags: int = 8) -> list[Json]:
        told: list[Json] = self.json(f"{self.root}/properties/{flags}", params={"type": type_id})
        return told

    def attributes(self, ifc_id: str) -> dict[tuple[str, str], Json]:
        """Definitions with values, by the group's text and the attribute's name."""
        return by_name(self.object(self.node(ifc_id)["id"]))


def walked(node: Json) -> Iterator[Json]:
    yield node
    for child in node.get("children") or ():
        yield from walked(child)


def by_name(told: Json) -> dict[tuple[str, str], Json]:
    """Of two attributes of one name the second has its key for a name."""
    found: dict[tuple[str, str], Json] = {}
    for group, attributes in told["attributes"].items():
        for key, attribute in attributes.items():
            name = attribute.get("name", key)
            text = told["localizedAttributeGroups"][group]
            found[text, key if (text, name) in found else name] = attribute
    return found
