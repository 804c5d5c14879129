"""A small house in a lake, and the plainest client there can be: one raw request at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from small_lakes import Model

from takeoff.sandbox import Running

TIMEOUT_S = 20
WALL = "0aaaaaaaaaaaaaaaaaaaaa"
TWIN_IN_CASE = "0Aaaaaaaaaaaaaaaaaaaaa"
SLAB = "0bbbbbbbbbbbbbbbbbbbb$"
DOOR = "0cccccccccccccccccccc_"
SPACE = "0ddddddddddddddddddddd"
SITE, BUILDING, FLOOR = "1site", "1building", "1floor"


def house() -> Model:
    """Five products; besides them what the wire cannot show as products."""
    model = Model("house", project_id="77")
    where = {
        "building_id": BUILDING,
        "building_name": "House",
        "storey_id": FLOOR,
        "storey_name": "Ground",
    }
    model.add(FLOOR, role="location", ifc_class="BuildingStorey", name="Ground")
    _property(model, None, "LongName", text="Ground floor")
    model.add("0ttttttttttttttttttttt", role="type", ifc_class="WallType", name="W 200")
    model.add(WALL, ifc_class="Wall", name='The "long" wall\n', **where)
    _property(model, "Pset_WallCommon", "FireRating", text="EI60")
    _property(model, "Pset_WallCommon", "LoadBearing", flag=True)
    _property(model, "Pset_WallCommon", "Mark", text="007")
    _property(model, "Site", "Distance", number=2500.0, unit="MILLI METRE")
    _property(model, "Site", "Glow", number=3.0, unit="CANDELA")
    _property(model, "Site", "Name", text="hidden by the product's own name")
    _property(model, "Other", "FireRating", text="the second of its name")
    model.figure("NetVolume", "3.1")
    model.figure("GrossVolume", "123456.123456789012")
    model.figure(None, "2.5", origin="pset", source_set="Site", source_name="Distance")
    model.figure("Width", None)
    model.figure("NetVolume", "3.3", basis="computed", source_name="volume")
    model.figure("NetSurfaceArea", "9.75", basis="computed", source_name="surface")
    model.code("NL-SfB", "21.11", "Outer walls").code("NL-SfB", "21.12").code("House codes", "A-1")
    model.material("Brick", role="layer", thickness_m=0.1)
    model.material("Air", role="layer", thickness_m=0.04)
    model.add(WALL, name="has the GUID of another", ifc_guid=WALL, **where)
    model.rows["elements"][-1]["element_id"] = f"{WALL}~2"
    model.add(TWIN_IN_CASE, ifc_class="Wall", **where)
    _property(model, "Pset_WallCommon", "FireRating", text="EI30")
    model.figure("NetVolume", "0.1")
    model.add(SLAB, ifc_class="Slab", **where).figure("NetVolume", "0.2").figure("NetArea", "8")
    model.add(DOOR, ifc_class="Door", name=None)
    model.figure("NetVolume", "0.05", basis="computed", source_name="volume")
    model.add(SPACE, role="space", ifc_class="Space", **where)
    model.add("no GUID", ifc_guid=None)
    for location_id, parent_id, kind, name in (
        ("1project", None, "project", "All"),
        (SITE, "1project", "site", "Site"),
        (BUILDING, SITE, "building", "House"),
        (FLOOR, BUILDING, "storey", "Ground"),
    ):
        model.rows.setdefault("locations", []).append(
            {
                "location_id": location_id,
                "parent_id": parent_id,
                "kind": kind,
                "name": name,
                "evidence_no": 0,
                "source_row": 1,
            }
        )
    return model


def row_of_walls(count: int) -> Model:
    """So many walls with a volume of one each."""
    model = Model("walls", project_id="walls")
    for number in range(count):
        model.add(f"{number:022d}").figure("NetVolume", "1")
    return model


def _property(model: Model, set_name: str | None, name: str, **value: Any) -> None:
    last = model.rows["elements"][-1]
    rows = model.rows.setdefault("properties", [])
    kind = next(iter(value))
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
            **value,
        }
    )


class Wire:
    """Requests with the token, never following a redirect. `model` is the first one served."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.headers = {"Authorization": f"Bearer {running.at('qonic').token}"}
        served = running.at("qonic").models[0] if running.at("qonic").models else None
        self.project = f"/projects/{served.project_id}" if served else ""
        self.model = f"{self.project}/models/{served.model_id}" if served else ""
        self.products = f"{self.model}/products"

    def get(self, path: str, **asked: Any) -> requests.Response:
        return self._ask("GET", self.running.at("qonic").base_url + path, **asked)

    def post(self, path: str, body: Any = None, **asked: Any) -> requests.Response:
        return self._ask("POST", self.running.at("qonic").base_url + path, json=body, **asked)

    def query(self, body: Any = None, **params: Any) -> requests.Response:
        return self.post(f"{self.products}/properties/query", body or {}, params=params)

    def rows(self, body: Any = None, **params: Any) -> list[dict[str, Any]]:
        answer = self.query(body, **params)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["result"]
        return rows

    def by_guid(self, body: Any = None) -> dict[str, dict[str, Any]]:
        return {row["Guid"]: row for row in self.rows(body)}

    def guids(self, *filters: tuple[str, str, Any]) -> list[str]:
        """Of the products that meet the filters (property, operator, value)."""
        told = [dict(zip(("property", "operator", "value"), one, strict=True)) for one in filters]
        return [row["Guid"] for row in self.rows({"fields": ["Guid"], "filters": told})]

    def start(self, what: str, body: Any) -> str:
        """The id of an operation, brought to its end."""
        operation = self.post(f"{self.products}/{what}/query", body).json()
        self.finish(operation["id"])
        identity: str = operation["id"]
        return identity

    def finish(self, operation_id: str) -> list[str]:
        """The states that it goes through."""
        states = []
        for _ in range(10):
            states.append(self.get(f"/operations/{operation_id}").json()["status"])
            if states[-1] in ("Ready", "Failed"):
                break
        return states

    def location(self, what: str, operation_id: str) -> str:
        answer = self.get(f"{self.products}/{what}/{operation_id}/result")
        assert answer.is_redirect, answer.text
        return answer.headers["Location"]

    def result(self, what: str, body: Any) -> requests.Response:
        """The result file of an operation, fetched without any header of ours."""
        return fetch(self.location(what, self.start(what, body)))

    def _ask(self, method: str, url: str, **asked: Any) -> requests.Response:
        told = {"headers": self.headers, "allow_redirects": False, **asked}
        timeout_s = told.pop("timeout", TIMEOUT_S)
        return requests.request(method, url, timeout=timeout_s, **told)


def fetch(url: str, **asked: Any) -> requests.Response:
    return requests.get(url, allow_redirects=False, timeout=TIMEOUT_S, **asked)


def port(url: str) -> int:
    return urlsplit(url).port or 0


def lake_of(folder: Path, *models: Model) -> Path:
    for model in models:
        model.commit(folder)
    return folder


# Starts or turns a sandbox: serve(lake, switch=value, ...).
Serve = Callable[..., Wire]
