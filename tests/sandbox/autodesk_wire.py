"""A villa in a lake, and the plainest client of its Autodesk stand-in, one request at a time."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from small_lakes import Model

from takeoff.sandbox import Running

TIMEOUT_S = 20
# From the contract: the UniqueId of an element, its number there, and the GlobalId of both.
UNIQUE_ID = "5bb069ca-e4fe-4e63-be31-f8ac44e80d30-0004710e"
WALL, WALL_NUMBER = "1Ri6dAvFvEOxun_An4x7m_", 0x4710E
COLUMN, COLUMN_NUMBER = "2rnBCVCXf1ZQOQ38uoQLOK", 259904
COLUMN_UNIQUE_ID = "b5c4b31f-321a-418d-a61a-0c8e326aa154-0003f740"
DOOR = "0bDoor0000000000000001"
OPENING = "0bOpen0000000000000001"
ROOM = "0bRoom0000000000000001"
GRID = "0bGrid0000000000000001"
TYPE = "0bType0000000000000001"
STOREY, BUILDING = "0bFloor000000000000001", "0bHouse000000000000001"


def villa(second: bool = False) -> Model:
    """Two versions: in the second the wall is thicker, the door is gone and there is a new one."""
    model = Model("villa", project_id="77")
    where = {
        "building_id": BUILDING,
        "building_name": "Villa",
        "storey_id": STOREY,
        "storey_name": "Erdgeschoß",
        "storey_elevation_m": 0.5,
    }
    model.add(STOREY, role="location", ifc_class="BuildingStorey", name="Erdgeschoß")
    model.add(TYPE, role="type", ifc_class="WallType", name="Basic Wall:W 200")
    told(model, "Pset_WallType", "Supplier", text="Nord")
    wall = {"source_class": "IfcWallStandardCase", "type_id": TYPE, "type_name": "Basic Wall:W 200"}
    own = {"authoring_id": str(WALL_NUMBER), "mark": "007", "load_bearing": True}
    model.add(WALL, ifc_class="Wall", name="O'Neil's “wall” ø", **wall, **own, **where)
    told(model, "Pset_WallCommon", "FireRating", text="EI60" if not second else "EI90")
    told(model, "Pset_WallCommon", "IsExternal", flag=True)
    told(model, "Site", "Note", text="None")
    told(model, "Site", "Slope", number=12.5, unit="DEGREE")
    told(model, "Site", "Lux", number=3.0, unit="LUX")
    told(model, "Site", "Distance", number=2500.0, unit="MILLI METRE")
    model.figure(None, "2.5", origin="pset", source_set="Site", source_name="Distance")
    model.figure("Length", "2.6416", source_set="Dimensions", source_name="Length")
    thick = "0.3" if second else "0.27622500001"
    model.figure("NetVolume", thick, source_set="Dimensions", source_name="Volume")
    model.figure("NetArea", "6.658", source_set="Dimensions", source_name="Area")
    model.figure(
        "Count", "4", source_set="Dimensions", source_name="Layers", kind="count", unit="1"
    )
    model.figure(
        None,
        None,
        source_set="Dimensions",
        source_name="Odd",
        source_value="7.5",
        source_unit="cup",
    )
    model.figure("NetVolume", "0.25", basis="computed", source_name="volume")
    model.code("UNIFORMAT II", "B2010", "Exterior Walls").code("UNIFORMAT II", "B2020")
    model.code("Uniclass", "EF_25_10", "Walls")
    model.material("Air", role="layer", thickness_m=0.04)
    model.material("Brick", role="layer", thickness_m=0.1)
    model.add(COLUMN, ifc_class="Column", name="Stütze", authoring_id="259904", **where)
    model.figure("NetVolume", "0.125").figure("Length", "3.5")
    model.add(OPENING, ifc_class="OpeningElement", role="opening", parent_id=WALL, **where)
    if second:
        model.add("0bNew00000000000000001", ifc_class="Window", name="New", **where)
    else:
        model.add(DOOR, ifc_class="Door", name="Existing")
    model.add(ROOM, ifc_class="Space", role="space", name="Room 1", **where)
    model.add(GRID, ifc_class="Grid", role="annotation", name="A", **where)
    model.add("no GUID", ifc_class="Slab", ifc_guid=None, name="nameless")
    for place_id, parent_id, kind, name, elevation_m in (
        (BUILDING, None, "building", "Villa", None),
        (STOREY, BUILDING, "storey", "Erdgeschoß", 0.5),
    ):
        model.rows.setdefault("locations", []).append(
            {
                "location_id": place_id,
                "parent_id": parent_id,
                "kind": kind,
                "name": name,
                "elevation_m": elevation_m,
                "evidence_no": 0,
                "source_row": 1,
            }
        )
    return model


def told(model: Model, set_name: str | None, name: str, **value: Any) -> None:
    """A property of the element added last."""
    last = model.rows["elements"][-1]
    rows = model.rows.setdefault("properties", [])
    rows.append(
        {
            "element_id": last["element_id"],
            "element_no": last["element_no"],
            "set_name": set_name,
            "name": name,
            "ordinal": sum(row["element_no"] == last["element_no"] for row in rows),
            "value_kind": next(iter(value)),
            "evidence_no": 0,
            "source_row": 1,
            **value,
        }
    )


class AutodeskWire:
    """Requests with the token, never following a redirect; `urn` is of the first model's tip."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.service = running.at("autodesk")
        self.headers = {"Authorization": f"Bearer {self.service.token}"}
        self.base = self.service.base_url
        first = self.service.models[0]
        self.project = first.project_id
        self.index = f"/construction/index/v2/projects/{self.project}"
        self.item = first.model_id

    @property
    def urns(self) -> list[str]:
        """Of the first model's versions, the oldest first."""
        path = f"/data/v1/projects/b.{self.project}/items/{quote(self.item, safe='')}/versions"
        listed = self.get(path).json()["data"]
        return [one["id"] for one in reversed(listed)]

    def get(self, path: str, **asked: Any) -> requests.Response:
        return self._ask("GET", path, **asked)

    def post(self, path: str, body: Any = None, **asked: Any) -> requests.Response:
        return self._ask("POST", path, json=body, **asked)

    def batch(self, *versions: dict[str, Any], **asked: Any) -> requests.Response:
        return self.post(f"{self.index}/indexes:batch-status", {"versions": versions}, **asked)

    def finished(self, **entry: Any) -> dict[str, Any]:
        """The job of an index that is done; of the tip, unless `versionUrn` says otherwise."""
        job = self.batch({"versionUrn": self.urns[-1], **entry}).json()["indexes"][0]
        return self.over(job)

    def diff(self, prev: str, cur: str, **entry: Any) -> dict[str, Any]:
        """The job of a diff that is done."""
        body = {"diffs": [{"prevVersionUrn": prev, "curVersionUrn": cur, **entry}]}
        answer = self.post(f"{self.index}/diffs:batch-status", body)
        assert answer.status_code == 200, answer.text
        return self.over(answer.json()["diffs"][0])

    def over(self, job: dict[str, Any]) -> dict[str, Any]:
        """The job when it has come to its end."""
        for _ in range(10):
            if job["state"] in ("FINISHED", "FAILED"):
                break
            job = self.get(job["selfUrl"]).json()
        return job

    def query(self, job: dict[str, Any], query: Any, columns: Any = None) -> list[dict[str, Any]]:
        """The rows of a query's result."""
        return lines(self.get(self.asked(job, query, columns)["queryResultsUrl"]))

    def asked(self, job: dict[str, Any], query: Any, columns: Any = None) -> dict[str, Any]:
        """The job of a query that is done."""
        body = {"query": query} | ({} if columns is None else {"columns": columns})
        answer = self.post(f"{job['selfUrl']}/queries", body)
        assert answer.status_code == 200, answer.text
        return self.over(answer.json())

    def rows(self, job: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The rows of an index or diff by their externalId."""
        return {row["externalId"]: row for row in lines(self.get(job["propertiesUrl"]))}

    def keys(self, job: dict[str, Any]) -> dict[tuple[str | None, str], str]:
        """Field keys by (category, name)."""
        fields = lines(self.get(job["fieldsUrl"]))
        return {(field["category"], field["name"]): field["key"] for field in fields}

    def named(self, job: dict[str, Any]) -> dict[str, dict[tuple[str | None, str], Any]]:
        """For every IfcGUID of an instance the values by (category, name)."""
        names = {key: name for name, key in self.keys(job).items()}
        rows = [
            {names[key]: value for key, value in row["props"].items()}
            for row in self.rows(job).values()
        ]
        guid = next(name for name in names.values() if name[1] == "IfcGUID")
        return {row[guid]: row for row in rows if guid in row}

    def _ask(self, method: str, path: str, **asked: Any) -> requests.Response:
        url = path if path.startswith("http") else self.base + path
        given = {"headers": self.headers, "allow_redirects": False, **asked}
        return requests.request(method, url, timeout=TIMEOUT_S, **given)


def lines(answer: requests.Response) -> list[dict[str, Any]]:
    """The objects of a file, however it came."""
    assert answer.status_code == 200, answer.text
    content = answer.content
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    return [json.loads(line) for line in content.decode("utf-8").splitlines()]


def villa_lake(folder: Path) -> Path:
    for second in (False, True):
        villa(second).commit(folder)
    return folder


# Starts or turns a sandbox: autodesk(switch=value, ...).
Turned = Callable[..., AutodeskWire]
