"""Grouping and Mapping over raw HTTP: mappings, groups and properties of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from itwin_wire import MAPPINGS, Itwin, federation_guid
from wire import SLAB, TWIN_IN_CASE, WALL, Serve, Wire, house, lake_of

from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox

QTO = "Qto_BaseQuantities"
WALLS = "SELECT ECInstanceId, ECClassId, UserLabel FROM Ifc.IfcWall"
GUID = {
    "propertyName": "FederationGuid",
    "dataType": "String",
    "ecProperties": [
        {"ecSchemaName": "BisCore", "ecClassName": "Element", "ecPropertyName": "FederationGuid"}
    ],
}
# Names of mappings differ, so that tests can share a sandbox.
_NUMBERS = count()


class Own:
    """A mapping of one's own with one group."""

    def __init__(self, wire: Itwin, query: str = WALLS) -> None:
        self.wire = wire
        self.name = f"Mine_{next(_NUMBERS)}"
        told = {"iModelId": wire.imodel_id, "mappingName": self.name}
        self.mapping = wire.made(MAPPINGS, told)
        self.path = f"{MAPPINGS}/{self.mapping['id']}"
        self.group = wire.made(f"{self.path}/groups", {"groupName": "Mine", "query": query})
        self.group_path = f"{self.path}/groups/{self.group['id']}"
        self.add(**GUID)

    def add(self, **told: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.wire.made(f"{self.group_path}/properties", told)
        return made

    def column(self, name: str, data_type: str, *ec: tuple[str, str, str], **more: Any) -> None:
        keys = ("ecSchemaName", "ecClassName", "ecPropertyName")
        told = [dict(zip(keys, one, strict=True)) for one in ec]
        self.add(propertyName=name, dataType=data_type, ecProperties=told, **more)

    def rows(self) -> dict[str | None, dict[str, str | None]]:
        """The rows of a new extraction, the first of each FederationGuid."""
        self.run = self.wire.run(self.mapping["id"])
        self.states = self.wire.states(self.run)
        rows = self.wire.rows("Mine", self.mapping["id"])
        return {row["FederationGuid"]: row for row in reversed(rows)}


@pytest.fixture(scope="module")
def shared(house_lake: Path) -> Iterator[Itwin]:
    """For tests that look at nothing but what they made."""
    with Sandbox(open_layout(house_lake), {"polls": "1"}).start() as running:
        yield Itwin(Wire(running))


@pytest.fixture
def wire(serve_new: Serve, house_lake: Path) -> Itwin:
    return Itwin(serve_new(house_lake, polls="1"))


@pytest.fixture
def own(shared: Itwin) -> Own:
    return Own(shared)


def test_the_mapping_out_of_the_box(wire: Itwin) -> None:
    mapping = wire.mapping
    assert set(mapping) == {
        *("id", "mappingName", "description", "extractionEnabled", "createdOn", "createdBy"),
        *("modifiedOn", "modifiedBy", "_links"),
    }
    assert mapping["_links"]["iModel"]["href"] == f"{wire.base_url}{wire.imodel}"
    assert mapping["extractionEnabled"] is False
    assert wire.groups()["Wall"]["query"] == WALLS
    assert wire.json(f"{MAPPINGS}/{mapping['id']}") == {"mapping": mapping}


def test_lists_of_mappings_go_on_by_token(wire: Itwin) -> None:
    path = f"{MAPPINGS}/{wire.mapping['id']}/groups?$top=2"
    pages = wire.pages(path)
    assert [len(page["groups"]) for page in pages] == [2, 2, 2]
    assert "$continuationToken=" in pages[0]["_links"]["next"]["href"]
    assert "next" not in pages[-1]["_links"]
    assert wire.get(f"{path}&$continuationToken=made-up").status_code == 422


def test_a_mapping_can_be_changed_copied_and_deleted(wire: Itwin) -> None:
    own = Own(wire)
    assert (own.mapping["description"], own.mapping["extractionEnabled"]) == ("", False)
    told = {"mappingName": "Other", "description": "new", "extractionEnabled": True}
    changed = wire.ask("PATCH", own.path, told).json()["mapping"]
    assert {key: changed[key] for key in told} == told
    assert changed["id"] == own.mapping["id"]
    told = {"iModelId": wire.imodel_id, "mappingName": "Copy", "sourceMappingId": changed["id"]}
    copy = wire.made(MAPPINGS, told)
    group = wire.groups(copy["id"])["Mine"]
    assert group["id"] != own.group["id"]
    path = f"{MAPPINGS}/{copy['id']}/groups/{group['id']}/properties"
    [copied] = wire.every("properties", path)
    assert copied["propertyName"] == "FederationGuid"
    assert wire.ask("DELETE", own.path).status_code == 204
    assert wire.get(own.path).status_code == 404
    assert len(wire.every("mappings", f"{MAPPINGS}?iModelId={wire.imodel_id}")) == 2


@pytest.mark.parametrize("name", ["", "2nd", "a b", "a-b", "a.b", "x" * 129])
def test_names_are_identifiers(own: Own, name: str) -> None:
    told = {"iModelId": own.wire.imodel_id, "mappingName": name}
    assert own.wire.post(MAPPINGS, told).status_code == 422
    told = {"groupName": name, "query": WALLS}
    assert own.wire.post(f"{own.path}/groups", told).status_code == 422
    told = {"propertyName": name, "dataType": "String"}
    assert own.wire.post(f"{own.group_path}/properties", told).status_code == 422


def test_names_are_there_once(own: Own) -> None:
    for path, told in (
        (MAPPINGS, {"iModelId": own.wire.imodel_id, "mappingName": own.name.upper()}),
        (f"{own.path}/groups", {"groupName": "MINE", "query": WALLS}),
        (f"{own.group_path}/properties", {"propertyName": "federationguid", "dataType": "String"}),
        (f"{own.group_path}/properties", {"propertyName": "UserLabel", "dataType": "String"}),
    ):
        assert own.wire.post(path, told).status_code == 422, told


def test_metadata_of_groups_in_the_representation_only(own: Own) -> None:
    pairs = [{"key": "colour", "value": "red"}, {"key": "seen", "value": None}]
    told = own.wire.ask("PATCH", own.group_path, {"metadata": pairs}).json()["group"]
    assert (told["metadata"], told["groupName"], told["query"]) == (pairs, "Mine", WALLS)
    [brief] = own.wire.every("groups", f"{own.path}/groups")
    assert "metadata" not in brief
    prefer = {"Prefer": "return=representation"}
    [full] = own.wire.every("groups", f"{own.path}/groups", headers=prefer)
    assert full == told


def test_a_group_can_be_made_from_another_and_deleted(own: Own) -> None:
    source = {"mappingId": own.mapping["id"], "groupId": own.group["id"]}
    told = {"groupName": "Twin", "query": WALLS, "source": source}
    twin = own.wire.made(f"{own.path}/groups", told)
    path = f"{own.path}/groups/{twin['id']}"
    [item] = own.wire.every("properties", f"{path}/properties")
    assert item["propertyName"] == "FederationGuid"
    assert own.wire.ask("DELETE", path).status_code == 204
    assert own.wire.get(path).json()["error"]["code"] == "GroupNotFound"


def test_a_property_as_the_contract_shows_it(own: Own) -> None:
    told = {
        "propertyName": "NetVolume",
        "dataType": "Double",
        "quantityType": "Volume",
        "ecProperties": [{"ecSchemaName": "*", "ecClassName": "*", "ecPropertyName": "Volume"}],
        "calculatedPropertyType": "Volume",
        "formula": None,
    }
    made = own.add(**told)
    assert {key: made[key] for key in told} == told
    path = f"{own.group_path}/properties/{made['id']}"
    changed = own.wire.ask("PUT", path, {"propertyName": "Other", "dataType": "Integer"})
    assert changed.json()["property"] == {
        "id": made["id"],
        "propertyName": "Other",
        "dataType": "Integer",
        "quantityType": None,
        "ecProperties": [],
        "calculatedPropertyType": None,
        "formula": None,
    }
    assert own.wire.json(path) == changed.json()
    assert own.wire.ask("PATCH", path, {}).status_code == 405
    assert own.wire.ask("DELETE", path).status_code == 204
    assert own.wire.get(path).json()["error"]["code"] == "PropertyNotFound"


@pytest.mark.parametrize(
    "told",
    [
        {"dataType": "Number"},
        {"dataType": "Double", "quantityType": "Length"},
        {"dataType": "Double", "calculatedPropertyType": "Weight"},
        {"dataType": "Double", "ecProperties": [{"ecSchemaName": "*"}]},
        {},
    ],
)
def test_words_that_there_are_not(own: Own, told: dict[str, Any]) -> None:
    path = f"{own.group_path}/properties"
    assert own.wire.post(path, {"propertyName": "A"} | told).status_code == 422


def test_the_first_ec_property_with_a_value_counts(own: Own) -> None:
    own.column(
        "Rating",
        "String",
        ("*", "Other", "FireRating"),
        ("*", "pset_wallcommon", "FIRERATING"),
    )
    rows = own.rows()
    assert rows[federation_guid(WALL)]["Rating"] == "the second of its name"
    assert rows[federation_guid(TWIN_IN_CASE)]["Rating"] == "EI30"


def test_wildcards(own: Own) -> None:
    own.column("Volume", "Double", ("*", QTO, "NetVolume"))
    own.column("Glow", "Double", ("*", "*", "Glow"))
    own.column("First", "Double", ("*", "*", "NetVolume"))
    row = own.rows()[federation_guid(WALL)]
    assert (row["Volume"], row["Glow"]) == ("3.1", "3")
    assert row["First"] == "3.1", "what is calculated is no EC property"


def test_then_geometry_then_the_formula(own: Own) -> None:
    own.column("Authored", "Double", ("*", QTO, "NetVolume"), calculatedPropertyType="Volume")
    own.column("Measured", "Double", calculatedPropertyType="Volume")
    own.column("Either", "Double", calculatedPropertyType="Volume", formula="Authored")
    own.column("Nothing", "Double")
    rows = own.rows()
    names = ("Authored", "Measured", "Either", "Nothing")
    assert [rows[federation_guid(WALL)][name] for name in names] == ["3.1", "3.3", "3.3", None]
    twin = [rows[federation_guid(TWIN_IN_CASE)][name] for name in names]
    assert twin == ["0.1", None, "0.1", None]


def test_values_as_other_types(own: Own) -> None:
    own.column("Mark", "Integer", ("*", "Pset_WallCommon", "Mark"))
    own.column("Part", "Integer", ("*", QTO, "NetVolume"))
    own.column("Text", "String", ("*", QTO, "NetVolume"))
    own.column("Flag", "String", ("*", "Pset_WallCommon", "LoadBearing"))
    own.column("Back", "Boolean", ("*", "Pset_WallCommon", "LoadBearing"))
    own.column("Wrong", "Boolean", ("*", "Pset_WallCommon", "FireRating"))
    own.column("Words", "Double", ("*", "Pset_WallCommon", "FireRating"))
    row = own.rows()[federation_guid(WALL)]
    names = ("Mark", "Part", "Text", "Flag", "Back", "Wrong", "Words")
    assert [row[name] for name in names] == ["7", None, "3.1", "true", "true", None, None]
    types = {
        a["name"]: a["dataType"] for a in own.wire.entities(own.mapping["id"])["Mine"]["attributes"]
    }
    assert [types[name] for name in names[:5]] == ["int64", "int64", "string", "string", "boolean"]


def test_the_unit_of_a_column_by_formula(own: Own) -> None:
    own.column("Volume", "Double", ("*", QTO, "NetVolume"))
    own.column("Unit", "String", formula="getpersistenceunit(Volume)")
    own.column("Shown", "String", formula=" GetPresentationUnits( volume ) ")
    row = own.rows()[federation_guid(WALL)]
    assert (row["Unit"], row["Shown"]) == ("u:M3", "u:M3")


def test_any_other_formula_is_null_with_a_warning(own: Own) -> None:
    own.column("Volume", "Double", ("*", QTO, "NetVolume"))
    own.column("Twice", "Double", formula="Volume * 2")
    own.column("Of", "Double", formula="NoSuchColumn")
    row = own.rows()[federation_guid(WALL)]
    assert (row["Twice"], row["Of"]) == (None, None)
    assert own.states[-1] == "Succeeded"
    warnings = [log for log in own.wire.logs(own.run) if log["level"] == "Warning"]
    assert len(warnings) == 2
    assert {log["contextId"] for log in warnings} == {own.mapping["id"]}
    assert "Volume * 2" in warnings[0]["message"]


@pytest.mark.parametrize(
    ("query", "guids"),
    [
        ("SELECT ECInstanceId FROM ifc.ifcslab", [SLAB]),
        ("select * from Ifc:IfcSlab", [SLAB]),
        (f"{WALLS} WHERE UserLabel LIKE 'The%'", [WALL]),
        (f"{WALLS} WHERE FireRating = 'EI30'", [TWIN_IN_CASE]),
        (f"{WALLS} WHERE FireRating IN ('EI30', 'EI60') AND Glow IS NULL", [TWIN_IN_CASE]),
        (f"{WALLS} WHERE FireRating IS NOT NULL AND FireRating <> 'EI30'", [WALL]),
        (
            "SELECT e.ECInstanceId FROM [Ifc].[IfcWall] e WHERE e.FireRating = 'EI30'",
            [TWIN_IN_CASE],
        ),
        ("SELECT ECInstanceId FROM bis.Element WHERE NetArea IS NOT NULL", [SLAB]),
        ("SELECT ECClassId FROM Ifc.IfcSlab", []),
    ],
)
def test_queries_of_groups(shared: Itwin, query: str, guids: list[str]) -> None:
    rows = Own(shared, query).rows()
    assert set(rows) == {federation_guid(guid) for guid in guids}


def test_columns_that_are_not_selected_are_null(shared: Itwin) -> None:
    own = Own(shared, "SELECT ECInstanceId FROM Ifc.IfcSlab")
    row = own.rows()[federation_guid(SLAB)]
    assert row["ECInstanceId"] is not None
    assert (row["ECClassId"], row["UserLabel"]) == (None, None)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ECInstanceId FROM Ifc.IfcDragon",
        "SELECT ECInstanceId FROM Revit.Wall",
        "SELECT ECInstanceId FROM bis.Drawing",
        "SELECT ECInstanceId FROM Ifc.IfcWall JOIN Ifc.IfcSlab USING x",
        f"{WALLS} WHERE NoSuchThing = 1",
        f"{WALLS} WHERE UserLabel = 'a' OR UserLabel = 'b'",
        f"{WALLS} WHERE UserLabel = Name",
        "DELETE FROM Ifc.IfcWall",
    ],
)
def test_other_queries_are_refused_in_the_logs(own: Own, query: str) -> None:
    wire = own.wire
    bad = wire.made(f"{own.path}/groups", {"groupName": "Bad", "query": query})
    run = wire.run(own.mapping["id"])
    assert wire.states(run)[-1] == "PartiallySucceeded"
    [error] = [log for log in wire.logs(run) if log["level"] == "Error"]
    assert (error["category"], error["contextType"]) == ("GroupQuery", "Mapping")
    assert error["message"].startswith("Bad: ")
    assert list(wire.entities(own.mapping["id"])) == ["Mine"]
    wire.ask("DELETE", own.group_path)
    run = wire.run(own.mapping["id"])
    assert wire.states(run)[-1] == "Failed", "nothing else was there"
    assert bad["query"] == query


def test_changes_are_in_the_audit(wire: Itwin) -> None:
    own = Own(wire)
    wire.ask("PATCH", own.path, {"mappingName": "Other"})
    path = f"/grouping-and-mapping/audit?iModelId={wire.imodel_id}"
    entries = wire.every("auditTrailEntries", path)
    assert [entry["action"] for entry in entries] == ["Create", "Create", "Create", "Update"]
    assert set(entries[0]) == {"timestamp", "path", "userEmail", "action", "changes"}
    assert entries[-1]["changes"] == [
        {"property": "mappingName", "oldValue": own.name, "newValue": "Other"}
    ]
    within = wire.every("auditTrailEntries", f"{path}&path={entries[1]['path']}")
    assert len(within) == 2
    assert wire.every("auditTrailEntries", f"{path}&before=2020-01-01T00:00:00Z") == []
    assert wire.get(f"{path}&after=yesterday").status_code == 422


def test_the_lake_is_only_ever_read(serve_new: Serve, tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", house())
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}
    own = Own(Itwin(serve_new(lake, polls="1")))
    own.rows()
    own.wire.ask("DELETE", own.path)
    assert {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()} == before
