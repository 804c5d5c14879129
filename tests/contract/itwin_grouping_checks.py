"""Every call of Grouping and Mapping: raw, and by the client's own function."""

from __future__ import annotations

from io import BytesIO

from itwin_asking import MAPPINGS, Asker
from itwin_checking import FULL, NEW, QUERY, Check, Made, ids, said

from takeoff.vendors.itwin import grouping
from takeoff.vendors.itwin.definitions import Property


def _mappings(asker: Asker) -> None:
    told = asker.json(MAPPINGS, params={"iModelId": asker.imodel})["mappings"]
    found = grouping.mappings(asker.session, asker.imodel)
    assert ids(told) == said(found)
    assert ids(told, "mappingName") == said(found, "name")
    assert {one.imodel_id for one in found} == {asker.imodel}


def _create_mapping(asker: Asker) -> None:
    body = {"iModelId": asker.imodel, "mappingName": "Raw", "sourceMappingId": asker.mapping}
    told = asker.raw("POST", MAPPINGS, body)
    assert told.status_code == 201
    raw_id = told.json()["mapping"]["id"]
    found = grouping.create_mapping(
        asker.session, asker.imodel, "Ours", description="d", source_mapping_id=asker.mapping
    )
    names = [said(grouping.groups(asker.session, one), "name") for one in (raw_id, found.id)]
    assert names[0] == names[1] == said(grouping.groups(asker.session, asker.mapping), "name")
    assert (found.description, found.extraction_enabled) == ("d", False)
    for mapping_id in (raw_id, found.id):
        grouping.delete_mapping(asker.session, mapping_id)


def _mapping(asker: Asker) -> None:
    own = Made(asker)
    told = asker.json(own.path)["mapping"]
    assert grouping.mapping(asker.session, own.mapping).name == told["mappingName"]


def _update_mapping(asker: Asker) -> None:
    own = Made(asker)
    told = asker.raw("PATCH", own.path, {"description": "raw"}).json()["mapping"]
    assert told["description"] == "raw"
    found = grouping.update_mapping(asker.session, own.mapping, extraction_enabled=True)
    assert (found.description, found.extraction_enabled) == ("raw", True)


def _delete_mapping(asker: Asker) -> None:
    own, other = Made(asker), Made(asker)
    assert asker.raw("DELETE", own.path).status_code == 204
    grouping.delete_mapping(asker.session, other.mapping)
    assert {asker.raw("GET", one.path).status_code for one in (own, other)} == {404}


def _mapping_extractions(asker: Asker) -> None:
    told = asker.json(f"{MAPPINGS}/{asker.mapping}/extractions")["extractions"]
    found = grouping.mapping_extractions(asker.session, asker.mapping)
    assert ids(told, "extractionId") == said(found)
    assert ids(told, "changesetIndex") == said(found, "changeset_index") == [1]


def _groups(asker: Asker) -> None:
    path = f"{MAPPINGS}/{asker.mapping}/groups"
    told = asker.json(path, headers=FULL)["groups"]
    found = grouping.groups(asker.session, asker.mapping)
    assert (ids(told), ids(told, "groupName")) == (said(found), said(found, "name"))
    assert all("metadata" in one for one in told)
    assert not any("metadata" in one for one in asker.json(path)["groups"])


def _create_group(asker: Asker) -> None:
    own = Made(asker)
    body = {"groupName": "Raw", "query": QUERY, "metadata": [{"key": "a", "value": "b"}]}
    told = asker.raw("POST", f"{own.path}/groups", body)
    assert told.status_code == 201
    source = (own.mapping, told.json()["group"]["id"])
    found = grouping.create_group(
        asker.session, own.mapping, "Ours", QUERY, metadata=[("a", "b"), ("c", None)], source=source
    )
    assert found.metadata == (("a", "b"), ("c", None))


def _group(asker: Asker) -> None:
    own = Made(asker)
    told = asker.json(own.group_path)["group"]
    found = grouping.group(asker.session, own.mapping, own.group)
    assert (found.name, found.query) == (told["groupName"], told["query"]) == ("Walls", QUERY)


def _update_group(asker: Asker) -> None:
    own = Made(asker)
    told = asker.raw("PATCH", own.group_path, {"description": "raw"}).json()["group"]
    found = grouping.update_group(asker.session, own.mapping, own.group, name="Renamed")
    assert (told["groupName"], found.name) == ("Walls", "Renamed")
    assert found.description == told["description"] == "raw"


def _delete_group(asker: Asker) -> None:
    own = Made(asker)
    other = grouping.create_group(asker.session, own.mapping, "Other", QUERY).id
    assert asker.raw("DELETE", own.group_path).status_code == 204
    grouping.delete_group(asker.session, own.mapping, other)
    assert grouping.groups(asker.session, own.mapping) == []


def _properties(asker: Asker) -> None:
    """All that the client reads, of all groups."""
    for group in grouping.groups(asker.session, asker.mapping):
        path = f"{MAPPINGS}/{asker.mapping}/groups/{group.id}/properties"
        told = asker.json(path, params={"$top": 1000})["properties"]
        found = grouping.properties(asker.session, asker.mapping, group.id)
        assert ids(told, "propertyName") == said(found, "name")
        assert ids(told, "quantityType") == said(found, "quantity_type")
        assert ids(told, "formula") == said(found, "formula")


def _create_property(asker: Asker) -> None:
    own = Made(asker)
    told = asker.raw("POST", f"{own.group_path}/properties", {**NEW.body, "propertyName": "Raw"})
    assert told.status_code == 201
    found = grouping.create_property(asker.session, own.mapping, own.group, NEW)
    shown = {**told.json()["property"], "propertyName": NEW.name}
    assert found.body == NEW.body == {name: shown[name] for name in NEW.body}


def _property(asker: Asker) -> None:
    own = Made(asker)
    made = grouping.create_property(asker.session, own.mapping, own.group, NEW)
    told = asker.json(f"{own.group_path}/properties/{made.id}")["property"]
    found = grouping.property_(asker.session, own.mapping, own.group, str(made.id))
    assert (found, told["id"]) == (made, made.id)


def _replace_property(asker: Asker) -> None:
    """What the body leaves out is gone."""
    own = Made(asker)
    made = grouping.create_property(asker.session, own.mapping, own.group, NEW)
    path = f"{own.group_path}/properties/{made.id}"
    told = asker.raw("PUT", path, {"propertyName": "Mark", "dataType": "String"})
    assert (told.status_code, told.json()["property"]["ecProperties"]) == (200, [])
    again = grouping.replace_property(asker.session, own.mapping, own.group, str(made.id), NEW)
    assert again == made


def _delete_property(asker: Asker) -> None:
    own = Made(asker)
    for name in ("One", "Two"):
        new = Property(None, name, "String")
        grouping.create_property(asker.session, own.mapping, own.group, new)
    one, two = grouping.properties(asker.session, own.mapping, own.group)
    assert asker.raw("DELETE", f"{own.group_path}/properties/{one.id}").status_code == 204
    grouping.delete_property(asker.session, own.mapping, own.group, str(two.id))
    assert grouping.properties(asker.session, own.mapping, own.group) == []


def _run(asker: Asker) -> None:
    own = Made(asker)
    body = {"iModelId": asker.imodel, "mappings": [{"id": own.mapping}]}
    told = asker.raw("POST", f"{MAPPINGS}/extractions", body)
    assert told.status_code == 202
    shown = told.json()["extraction"]
    assert (shown["state"], set(shown["_links"])) == ("Queued", {"status", "logs"})
    found = grouping.run_extraction(asker.session, asker.imodel, [own.mapping])
    assert (found.state, found.word) == ("queued", "Queued")
    assert found.id != shown["id"]


def _history(asker: Asker) -> None:
    told = asker.json(f"{MAPPINGS}/extractions", params={"iModelId": asker.imodel})["extractions"]
    assert ids(told) == said(grouping.extraction_history(asker.session, asker.imodel))


def _status(asker: Asker) -> None:
    [done] = grouping.mapping_extractions(asker.session, asker.mapping)
    told = asker.json(f"{MAPPINGS}/extractions/{done.id}")["extraction"]
    found = grouping.extraction(asker.session, done.id)
    assert (told["state"], found.state) == ("Succeeded", "ready")


def _logs(asker: Asker) -> None:
    [done] = grouping.mapping_extractions(asker.session, asker.mapping)
    told = asker.json(f"{MAPPINGS}/extractions/{done.id}/logs")["logs"]
    found = grouping.extraction_logs(asker.session, done.id)
    assert ids(told, "message") == said(found, "message")
    assert ids(told, "category") == said(found, "category")


def _cdm(asker: Asker) -> None:
    [done] = grouping.mapping_extractions(asker.session, asker.mapping)
    told = asker.json(f"{MAPPINGS}/{asker.mapping}/extractions/{done.id}/cdm")
    assert grouping.cdm(asker.session, asker.mapping, done.id) == told
    first = ["ECInstanceId", "ECClassId", "UserLabel", "BBoxLow", "BBoxHigh"]
    for entity in told["entities"]:
        assert ids(entity["attributes"], "name")[:5] == first


def _partition(asker: Asker) -> None:
    [done] = grouping.mapping_extractions(asker.session, asker.mapping)
    path = f"{MAPPINGS}/{asker.mapping}/extractions/{done.id}/cdm"
    for entity in asker.json(path)["entities"]:
        location = entity["partitions"][0]["location"]
        told = asker.raw("GET", f"{path}/partitions", params={"location": location})
        content = BytesIO()
        grouping.partition(asker.session, asker.mapping, done.id, location, content)
        assert content.getvalue() == told.content
        assert told.text.startswith("ECInstanceId,ECClassId,UserLabel,BBoxLow,BBoxHigh")


def _audit(asker: Asker) -> None:
    own = Made(asker)
    path = f"/Mappings/{own.mapping}"
    asked = {"iModelId": asker.imodel, "path": path}
    told = asker.json("/grouping-and-mapping/audit", params=asked)["auditTrailEntries"]
    found = grouping.audit(asker.session, asker.imodel, path=path)
    assert ids(told, "path") == said(found, "path")
    assert said(found, "action") == ["Create", "Create"]
    assert found[0].changes == (("mappingName", None, found[0].changes[0][2]),)


_MAPPING = f"{MAPPINGS}/{{mapping_id}}"
_GROUP = f"{_MAPPING}/groups/{{group_id}}"
_PROPERTY = f"{_GROUP}/properties/{{property_id}}"
_RUN = f"{MAPPINGS}/extractions/{{extraction_id}}"
_TABLES = f"{_MAPPING}/extractions/{{extraction_id}}/cdm"
# Method and path of the contract -> what is asserted of it.
GROUPING: dict[str, Check] = {
    f"GET {MAPPINGS}": _mappings,
    f"POST {MAPPINGS}": _create_mapping,
    f"GET {_MAPPING}": _mapping,
    f"PATCH {_MAPPING}": _update_mapping,
    f"DELETE {_MAPPING}": _delete_mapping,
    f"GET {_MAPPING}/extractions": _mapping_extractions,
    f"GET {_MAPPING}/groups": _groups,
    f"POST {_MAPPING}/groups": _create_group,
    f"GET {_GROUP}": _group,
    f"PATCH {_GROUP}": _update_group,
    f"DELETE {_GROUP}": _delete_group,
    f"GET {_GROUP}/properties": _properties,
    f"POST {_GROUP}/properties": _create_property,
    f"GET {_PROPERTY}": _property,
    f"PUT {_PROPERTY}": _replace_property,
    f"DELETE {_PROPERTY}": _delete_property,
    f"POST {MAPPINGS}/extractions": _run,
    f"GET {MAPPINGS}/extractions": _history,
    f"GET {_RUN}": _status,
    f"GET {_RUN}/logs": _logs,
    f"GET {_TABLES}": _cdm,
    f"GET {_TABLES}/partitions": _partition,
    "GET /grouping-and-mapping/audit": _audit,
}
