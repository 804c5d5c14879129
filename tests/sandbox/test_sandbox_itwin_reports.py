"""Reports, their feed, and the old generation of the interface, over raw HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from itwin_wire import MAPPINGS, Itwin, federation_guid
from wire import WALL, Serve

REPORTS = "/insights/reporting/reports"
OLD = "/insights/reporting/datasources"
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def _accept(version: int) -> dict[str, str]:
    return {"Accept": f"application/vnd.bentley.itwin-platform.v{version}+json"}


@pytest.fixture
def wire(serve: Serve, house_lake: Path) -> Itwin:
    return Itwin(serve(house_lake))


@pytest.fixture
def own(serve_new: Serve, house_lake: Path) -> Itwin:
    return Itwin(serve_new(house_lake, polls="1"))


def _feed(wire: Itwin) -> str:
    [report] = wire.every("reports", f"{REPORTS}?iTwinId={wire.itwin_id}")
    return str(report["_links"]["odata"]["href"])


def _url(wire: Itwin, group: str) -> str:
    """The address of the entity of a group, found by its name's beginning."""
    feed = _feed(wire)
    [url] = [
        entity["url"]
        for entity in wire.json(feed)["value"]
        if entity["name"].startswith(f"Takeoff_{group}_")
    ]
    return f"{feed}/{url}"


def _values(wire: Itwin, group: str) -> list[list[dict[str, Any]]]:
    """The pages of an entity."""
    answer = wire.json(_url(wire, group))
    pages = [answer["value"]]
    while answer.get("@odata.nextLink"):
        assert answer["@odata.nextLink"].startswith(wire.base_url), "next links are absolute"
        answer = wire.json(answer["@odata.nextLink"])
        pages.append(answer["value"])
    return pages


def test_every_itwin_has_a_report_of_its_models(wire: Itwin) -> None:
    [report] = wire.every("reports", f"{REPORTS}?iTwinId={wire.itwin_id}")
    assert set(report) == {
        *("id", "displayName", "description", "deleted", "createdOn", "modifiedOn", "_links")
    }
    path = f"{REPORTS}/{report['id']}/datasources"
    for word in ("imodelMappings", "imodelmappings"):
        [source] = wire.every("mappings", f"{path}/{word}")
        assert (source["mappingId"], source["imodelId"]) == (wire.mapping["id"], wire.imodel_id)


@pytest.mark.parametrize(
    ("version", "key", "name"), [(1, "projectId", "project"), (2, "iTwinId", "iTwin")]
)
def test_both_versions_of_reports(own: Itwin, version: int, key: str, name: str) -> None:
    told = {"displayName": "QTO", "description": "of mine", key: own.itwin_id}
    answer = own.post(f"{REPORTS}/", told, headers=_accept(version))
    assert answer.status_code == 201
    report = answer.json()["report"]
    assert set(report["_links"]) == {name, "odata"}
    found = own.every("reports", f"{REPORTS}?{key}={own.itwin_id}", headers=_accept(version))
    assert [one["displayName"] for one in found] == ["Takeoff", "QTO"]
    assert set(found[1]["_links"]) == {name, "odata"}


def test_a_deleted_report_stays_for_a_while(own: Itwin) -> None:
    told = {"displayName": "QTO", "iTwinId": own.itwin_id}
    report = own.made(REPORTS, told)
    path = f"{REPORTS}/{report['id']}"
    changed = own.ask("PATCH", path, {"displayName": "Other"}).json()["report"]
    assert changed["displayName"] == "Other"
    assert own.ask("DELETE", path).status_code == 204
    listed = f"{REPORTS}?iTwinId={own.itwin_id}"
    assert len(own.every("reports", f"{listed}&deleted=false")) == 1
    assert len(own.every("reports", f"{listed}&deleted=true")) == 2
    assert own.json(path)["report"]["deleted"] is True


def test_data_sources_come_and_go(own: Itwin) -> None:
    report = own.made(REPORTS, {"displayName": "QTO", "iTwinId": own.itwin_id})
    path = f"{REPORTS}/{report['id']}/datasources/imodelMappings"
    told = {"mappingId": own.mapping["id"], "imodelId": own.imodel_id}
    assert own.get(f"{report['_links']['odata']['href']}/$metadata").status_code == 404
    own.made(path, told)
    assert len(own.json(report["_links"]["odata"]["href"])["value"]) == 6
    assert own.post(path, told).status_code == 409
    assert own.ask("DELETE", f"{path}/{own.mapping['id']}").status_code == 204
    assert own.every("mappings", path) == []


def test_urls_of_entities_have_three_segments(wire: Itwin) -> None:
    document = wire.json(_feed(wire))
    assert document["@odata.context"] == f"{_feed(wire)}/$metadata"
    assert len(document["value"]) == 6
    for entity in document["value"]:
        region, manifest, name = entity["url"].split("/")
        assert (region, name) == ("1", entity["name"])
        assert len(manifest) == 36


def test_names_of_entity_sets_may_end_otherwise(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, itwin_entity_suffix="number"))
    names = [entity["name"] for entity in wire.json(_feed(wire))["value"]]
    assert names[:2] == ["Takeoff_BuildingStorey_Mapping_1", "Takeoff_Door_Mapping_2"]


def test_doubled_slashes(wire: Itwin) -> None:
    assert wire.get(_feed(wire).replace("/odata/", "/odata//")).status_code == 200


def test_the_link_to_the_feed_may_have_a_query(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, itwin_odata_query="yes"))
    feed = _feed(wire)
    assert feed.endswith("?api-version=v1")
    assert len(wire.json(feed)["value"]) == 6


def test_metadata_has_two_schemas_and_plain_namespaces(wire: Itwin) -> None:
    root = ElementTree.fromstring(wire.get(f"{_feed(wire)}/$metadata").content)
    first, second = root.iter(f"{EDM}Schema")
    assert "." not in first.attrib["Namespace"]
    assert second.attrib["Namespace"] == "Default"
    sets = {one.attrib["Name"]: one for one in second.iter(f"{EDM}EntitySet")}
    types = {one.attrib["Name"]: one for one in first.iter(f"{EDM}EntityType")}
    assert set(sets) == set(types) == {e["name"] for e in wire.json(_feed(wire))["value"]}
    wall = next(name for name in sets if name.startswith("Takeoff_Wall_"))
    assert sets[wall].attrib["EntityType"] == f"{first.attrib['Namespace']}.{wall}"
    [annotation] = sets[wall]
    assert annotation.attrib == {"Term": "Bentley.iTwin.Reporting.DisplayName", "String": "Wall"}
    columns = {one.attrib["Name"]: one.attrib["Type"] for one in types[wall]}
    assert columns["ECInstanceId"] == "Edm.String"
    assert columns["NetVolume"] == "Edm.Double"
    bearing = wire.column("Wall", "Pset_WallCommon", "LoadBearing")
    assert columns[bearing] == "Edm.Boolean"


def test_metadata_otherwise(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, itwin_display_name="no", itwin_namespaces="repeated"))
    root = ElementTree.fromstring(wire.get(f"{_feed(wire)}/$metadata").content)
    assert list(root.iter(f"{EDM}Annotation")) == []
    namespaces = [schema.attrib["Namespace"] for schema in root.iter(f"{EDM}Schema")]
    assert len(namespaces) == 7
    assert len(set(namespaces)) == 2


def test_the_feed_has_the_rows_of_the_partitions(wire: Itwin) -> None:
    [rows] = _values(wire, "Wall")
    shown = [
        {name: None if value in (None, "") else str(value) for name, value in row.items()}
        for row in rows
    ]
    written = [
        {
            name: {"true": "True", "false": "False"}.get(value or "", value)
            for name, value in row.items()
        }
        for row in wire.rows("Wall")
    ]
    assert shown == written
    wall = next(row for row in rows if row["FederationGuid"] == federation_guid(WALL))
    assert wall["NetVolume"] == 3.3
    assert wall["Name"] == 'The "long" wall\n'


def test_pages_of_the_feed(serve: Serve, walls_lake: Path) -> None:
    wire = Itwin(serve(walls_lake, itwin_odata_page="10"))
    pages = _values(wire, "Wall")
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [row["Name"] for page in pages for row in page] == [f"{n:022d}" for n in range(25)]
    url = _url(wire, "Wall")
    assert wire.json(f"{url}?sequence=2")["value"] == pages[2]
    assert wire.json(f"{url}?sequence=0")["value"] == pages[0]
    assert wire.get(f"{url}?sequence=3").status_code == 404
    wire.running.turn(itwin_odata_page="10", itwin_empty_page="yes")
    assert [len(page) for page in _values(wire, "Wall")] == [0, 10, 10, 5]


@pytest.mark.parametrize(("word", "told"), [("absent", "absent"), ("null", None), ("empty", "")])
def test_the_last_page_says_so(serve: Serve, house_lake: Path, word: str, told: object) -> None:
    wire = Itwin(serve(house_lake, itwin_odata_end=word))
    assert wire.json(_url(wire, "Wall")).get("@odata.nextLink", "absent") == told


def test_numbers_may_be_text(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, itwin_odata_numbers="text"))
    [[door]] = _values(wire, "Door")
    assert door["NetVolume"] == "0.05"


def test_a_new_extraction_makes_new_addresses(own: Itwin) -> None:
    before = _url(own, "Wall")
    assert own.get(before).status_code == 200
    own.states(own.run(own.mapping["id"]))
    assert own.get(before).status_code == 404
    assert own.get(_url(own, "Wall")).status_code == 200


def test_the_old_generation_can_be_read(wire: Itwin) -> None:
    model = f"{OLD}/imodels/{wire.imodel_id}"
    [mapping] = wire.every("mappings", f"{model}/mappings/?$top=1")
    assert mapping["_links"] == {"imodel": {"href": f"{wire.base_url}{wire.imodel}"}}
    path = f"{model}/mappings/{mapping['id']}"
    assert wire.json(path)["mapping"] == mapping
    groups = {one["groupName"]: one for one in wire.every("groups", f"{path}/groups/?$top=2")}
    assert set(groups) == set(wire.groups())
    group = f"{path}/groups/{groups['Wall']['id']}"
    assert wire.json(group)["group"] == groups["Wall"]
    kinds = {
        "properties": ("properties", "property"),
        "calculatedProperties": ("properties", "property"),
        "customCalculations": ("customCalculations", "customCalculation"),
    }
    found = {}
    for kind, (list_key, key) in kinds.items():
        items = wire.every(list_key, f"{group}/{kind}/?$top=1000")
        found[kind] = {item["propertyName"]: item for item in items}
        one = items[0]
        assert wire.json(f"{group}/{kind}/{one['id']}") == {key: one}
    assert found["calculatedProperties"]["NetVolume"]["type"] == "Volume"
    assert (
        found["customCalculations"]["NetVolume_unit"]["formula"] == "getpersistenceunit(NetVolume)"
    )
    assert found["properties"]["Name"]["quantityType"] == "Undefined"
    names = [name for items in found.values() for name in items]
    assert sorted(names) == sorted(wire.properties("Wall"))


def test_old_words_for_extractions(own: Itwin) -> None:
    own.running.turn(itwin_extraction="PartiallySucceeded")
    run = own.run(own.mapping["id"])
    own.states(run)
    history = own.every("extractions", f"{OLD}/imodels/{own.imodel_id}/extraction/history")
    assert [one["jobId"] for one in history][0] == run["id"]
    status = own.json(history[0]["_links"]["status"]["href"])["status"]
    assert (status["state"], status["containsIssues"]) == ("Succeeded", True)
    logs = own.every("logs", status["_links"]["logs"]["href"])
    assert {log["jobId"] for log in logs} == {run["id"]}


def test_the_old_generation_is_read_only(wire: Itwin) -> None:
    path = f"{OLD}/imodels/{wire.imodel_id}/mappings"
    assert wire.post(path, {"mappingName": "New"}).status_code == 405
    assert wire.json(f"{MAPPINGS}?iModelId={wire.imodel_id}")
