"""A small building in two versions that has something of everything that Autodesk's wire carries,
and one that asks for it, over raw HTTP and by the client.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from small_lakes import Model

from takeoff.core.refs import ModelRef
from takeoff.http.session import Session
from takeoff.sandbox import Running

TIMEOUT_S = 20
# The worked example of the contract: a UniqueId of Revit and the GlobalId that follows from it.
UNIQUE_ID, WALL = "5bb069ca-e4fe-4e63-be31-f8ac44e80d30-0004710e", "1Ri6dAvFvEOxun_An4x7m_"
ELEMENT_ID = "291086"
OPENING, ROOM, DOOR = "0bOpen0000000000000001", "0bRoom0000000000000001", "0bDoor0000000000000001"
NEW, TYPE = "0bNew00000000000000001", "0bType0000000000000001"
SITE, HOUSE, LEVEL = "0bPlot0000000000000001", "0bHouse000000000000001", "0bLevel000000000000001"
NAME, LEVEL_NAME = "O'Neil's wall, ø 10, 基本牆", "Erdgeschoß"
VOLUME, LATER_VOLUME = "0.27622500001", "0.3"
PHYSICAL = 4


def building(*, is_later: bool = False) -> Model:
    """In its later version the wall is thicker, the door is gone and a window is there."""
    model = Model("villa", project_id="77")
    model.add(LEVEL, role="location", ifc_class="BuildingStorey", name=LEVEL_NAME)
    model.add(TYPE, role="type", ifc_class="WallType", name="Basic Wall:W 200")
    _wall(model, is_later=is_later)
    model.add("0bPart0000000000000001", ifc_class="Slab", name="0034567", **_where())
    model.figure("GrossVolume", "2.5").figure("Perimeter", "14")
    model.add("0bPart0000000000000002", ifc_class="Column", name="12e45678", **_where())
    model.figure("NetVolume", "0.125").figure("Length", "3.5")
    model.add(OPENING, ifc_class="OpeningElement", role="opening", parent_id=WALL, **_where())
    if is_later:
        model.add(NEW, ifc_class="Window", name="New", **_where())
    else:
        model.add(DOOR, ifc_class="Door", name="Existing", **_where())
    model.add(ROOM, ifc_class="Space", role="space", name="Room 1", **_where())
    model.figure("NetFloorArea", "20.25")
    model.add("0bGrid0000000000000001", ifc_class="Grid", role="annotation", name="A")
    _locations(model)
    return model


def commit(lake: Path) -> Path:
    """Both versions, the later one last."""
    building().commit(lake)
    building(is_later=True).commit(lake)
    return lake


def _wall(model: Model, *, is_later: bool) -> None:
    model.add(
        WALL,
        ifc_class="Wall",
        source_class="IfcWallStandardCase",
        name=NAME,
        type_id=TYPE,
        type_name="Basic Wall:W 200",
        authoring_id=ELEMENT_ID,
        mark="007",
        load_bearing=True,
        **_where(),
    )
    model.figure("Length", "2.6416", source_set="Dimensions", source_name="Length")
    model.figure("NetSideArea", "6.658", source_set="Dimensions", source_name="Area")
    volume = LATER_VOLUME if is_later else VOLUME
    model.figure("NetVolume", volume, source_set="Dimensions", source_name="Volume")
    _property(model, "Pset_WallCommon", "FireRating", text="EI90" if is_later else "EI60")
    _property(model, "Pset_WallCommon", "IsExternal", flag=True)
    _property(model, "Site", "Note", text="None")
    _property(model, "Site", "Slope", number=12.5, unit="DEGREE")
    _property(model, "Site", "Strength", number=4.0, unit="kip/inch^2")
    _property(model, "Site", "Factor", number=14.0)
    model.code("UniFormat", "B2010", "Exterior Walls").code("Uniclass", "EF_25_10", "Walls")
    model.code("House codes", "A-1")
    model.material("Brick")


def _where() -> dict[str, Any]:
    return {
        "building_id": HOUSE,
        "building_name": "Villa",
        "storey_id": LEVEL,
        "storey_name": LEVEL_NAME,
        "storey_elevation_m": 0.5,
    }


def _locations(model: Model) -> None:
    told = (
        (SITE, None, "site", "Plot", None),
        (HOUSE, SITE, "building", "Villa", None),
        (LEVEL, HOUSE, "storey", LEVEL_NAME, 0.5),
    )
    names = ("location_id", "parent_id", "kind", "name", "elevation_m")
    model.rows["locations"] = [
        {**dict(zip(names, row, strict=True)), "evidence_no": 0, "source_row": 1} for row in told
    ]


def _property(model: Model, set_name: str, name: str, **value: Any) -> None:
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


@dataclass
class Asker:
    """The only model that is served, asked both ways: by HTTP alone, and by the client's session.

    Its paths have `{p}` for the bare id of the project, `{i}` for the item's URN.
    """

    running: Running
    session: Session

    @property
    def ref(self) -> ModelRef:
        """The model."""
        [served] = self.running.at("autodesk").models
        return ModelRef("autodesk", served.project_id, served.model_id)

    def raw(self, method: str, path: str, body: Any = None, **told: Any) -> requests.Response:
        """The answer to one request; a redirect is not followed."""
        service = self.running.at("autodesk")
        ids = {"p": self.ref.project_id, "i": quote(self.ref.model_id, safe="")}
        url = path if path.startswith("http") else service.base_url + path.format(**ids)
        headers = told.pop("headers", {"Authorization": f"Bearer {service.token}"})
        return requests.request(
            method,
            url,
            json=body,
            headers=headers,
            allow_redirects=False,
            timeout=TIMEOUT_S,
            **told,
        )

    def json(self, method: str, path: str, body: Any = None, **told: Any) -> Any:
        """The JSON of an answer that is well."""
        answer = self.raw(method, path, body, **told)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def lines(self, path: str) -> list[Any]:
        """The objects of a file, unpacked if need be."""
        answer = self.raw("GET", path)
        assert answer.status_code == 200, answer.text
        content = answer.content
        plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        return [json.loads(line) for line in plain.decode().splitlines()]

    def urns(self) -> list[str]:
        """Of the model's versions, the oldest first."""
        told = self.json("GET", "/data/v1/projects/b.{p}/items/{i}/versions")["data"]
        return [one["id"] for one in reversed(told)]

    def index(self, urn: str | None = None, **entry: Any) -> dict[str, Any]:
        """The job of an index that has come to its end; of the newest version if none is named."""
        body = {"versions": [{"versionUrn": urn or self.urns()[-1], **entry}]}
        [job] = self.json("POST", f"{PROJECT}/indexes:batch-status", body)["indexes"]
        return self.over(job)

    def diff(self) -> dict[str, Any]:
        """The job of the comparison of both versions, at its end."""
        previous, current = self.urns()
        body = {"diffs": [{"prevVersionUrn": previous, "curVersionUrn": current}]}
        [job] = self.json("POST", f"{PROJECT}/diffs:batch-status", body)["diffs"]
        return self.over(job)

    def over(self, job: dict[str, Any]) -> dict[str, Any]:
        """The job at its end."""
        while job["state"] not in ("FINISHED", "FAILED"):
            job = self.json("GET", job["selfUrl"])
        return job

    def results(self, job: dict[str, Any], body: dict[str, Any]) -> list[Any]:
        """The rows of a query."""
        asked = self.over(self.json("POST", f"{job['selfUrl']}/queries", body))
        assert asked["state"] == "FINISHED", asked
        return self.lines(asked["queryResultsUrl"])


PROJECT = "/construction/index/v2/projects/{p}"
