"""From hubs to versions, as Data Management lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from autodesk_wire import AutodeskWire, Turned, villa
from small_lakes import Model

from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox


def test_the_way_from_hubs_to_the_version(autodesk: Turned) -> None:
    wire = autodesk()
    [hub] = wire.get("/project/v1/hubs").json()["data"]
    assert hub["id"].startswith("b.")
    [project] = wire.get(f"/project/v1/hubs/{hub['id']}/projects").json()["data"]
    assert (project["id"], project["attributes"]["name"]) == (f"b.{wire.project}", "77")
    found = walked(wire, project["relationships"]["topFolders"]["links"]["related"]["href"])
    [item] = found
    assert (item["id"], item["attributes"]["displayName"]) == (wire.item, "villa.rvt")
    tip = item["relationships"]["tip"]["data"]["id"]
    assert tip == wire.urns[-1]
    shown = wire.get(item["relationships"]["tip"]["links"]["related"]["href"]).json()["data"]
    assert (shown["id"], shown["attributes"]["versionNumber"]) == (tip, 2)
    whole = wire.get(item["links"]["self"]["href"]).json()
    assert whole["data"] == item
    assert whole["included"] == [shown]


def walked(wire: AutodeskWire, top_folders: str) -> list[dict[str, Any]]:
    """All items in and below these folders."""
    found: list[dict[str, Any]] = []
    left = wire.get(top_folders).json()["data"]
    while left:
        href = left.pop()["relationships"]["contents"]["links"]["related"]["href"]
        for page in pages(wire, href):
            left += [one for one in page["data"] if one["type"] == "folders"]
            found += [one for one in page["data"] if one["type"] == "items"]
    return found


def pages(wire: AutodeskWire, href: str) -> list[dict[str, Any]]:
    """All pages of a list, by their links."""
    found = [wire.get(href).json()]
    while "next" in found[-1]["links"]:
        found.append(wire.get(found[-1]["links"]["next"]["href"]).json())
    return found


def test_versions_come_newest_first_and_in_pages(autodesk: Turned) -> None:
    wire = autodesk(autodesk_page_limit="1")
    path = f"/data/v1/projects/b.{wire.project}/items/{wire.item.replace(':', '%3A')}/versions"
    listed = pages(wire, path)
    assert [len(page["data"]) for page in listed] == [1, 1]
    numbers = [page["data"][0]["attributes"]["versionNumber"] for page in listed]
    assert numbers == [2, 1]
    assert wire.get(f"{path}?page[number]=9").json()["data"] == []
    assert wire.get(f"{path}?page[limit]=0").status_code == 400


def test_models_lie_in_folders_within_folders(tmp_path: Path) -> None:
    villa().commit(tmp_path / "lake")
    for number in range(4):
        Model(f"more {number}", project_id="77").add("0bMore000000000000000" + str(number)).commit(
            tmp_path / "lake"
        )
    with Sandbox(open_layout(tmp_path / "lake")).start() as running:
        wire = AutodeskWire(running)
        running.turn(autodesk_page_limit="1")
        [hub] = wire.get("/project/v1/hubs").json()["data"]
        top = f"/project/v1/hubs/{hub['id']}/projects/b.{wire.project}/topFolders"
        names = [one["attributes"]["displayName"] for one in walked(wire, top)]
        assert sorted(names) == [
            "more 0.rvt",
            "more 1.rvt",
            "more 2.rvt",
            "more 3.rvt",
            "villa.rvt",
        ]
        assert {one.model_id for one in wire.service.models} == {
            one["id"] for one in walked(wire, top)
        }


def test_items_come_with_their_tips(autodesk: Turned) -> None:
    wire = autodesk()
    [hub] = wire.get("/project/v1/hubs").json()["data"]
    top = wire.get(f"/project/v1/hubs/{hub['id']}/projects/b.{wire.project}/topFolders").json()
    href = top["data"][-1]["relationships"]["contents"]["links"]["related"]["href"]
    [tip] = wire.get(href).json()["included"]
    assert tip["id"] == wire.urns[-1]
    assert wire.get(f"{href}?filter[type]=folders").json()["data"] == []


def test_an_account_that_does_not_know_the_app(autodesk: Turned) -> None:
    told = autodesk(autodesk_hubs="none").get("/project/v1/hubs").json()
    assert told["data"] == []
    assert told["meta"]["warnings"][0]["ErrorCode"] == "BIM360DM_ERROR"


@pytest.mark.parametrize(
    "path",
    [
        "/project/v1/hubs/b.x/projects",
        "/data/v1/projects/{bare}/items/x/versions",
        "/data/v1/projects/b.{bare}/items/urn:adsk.wipprod:dm.lineage:x/versions",
        "/data/v1/projects/b.{bare}/folders/urn:adsk.wipprod:fs.folder:co.x/contents",
    ],
)
def test_what_there_is_not(autodesk: Turned, path: str) -> None:
    wire = autodesk()
    answer = wire.get(path.format(bare=wire.project))
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["status"] == "404"
