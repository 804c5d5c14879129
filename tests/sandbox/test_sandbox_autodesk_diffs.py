"""What the service says of two versions of a model."""

from __future__ import annotations

import pytest
from autodesk_wire import UNIQUE_ID, Turned


def test_added_removed_and_changed(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.diff(*wire.urns)
    assert (job["type"], job["state"]) == ("DIFF", "FINISHED")
    assert (job["prevVersionUrns"], job["curVersionUrns"]) == (wire.urns[:1], wire.urns[1:])
    assert job["stats"] == {"added": 2, "removed": 2, "modified": 1}
    rows = wire.rows(job).values()
    name = wire.keys(job)["__name__", "name"]
    names = {
        kind: {(row["props"] or row["prev"]["props"])[name] for row in rows if row["type"] == kind}
        for kind in ("OBJECT_ADDED", "OBJECT_REMOVED", "OBJECT_CHANGED")
    }
    assert names == {
        "OBJECT_ADDED": {"Windows", "New"},
        "OBJECT_REMOVED": {"Doors", "Existing"},
        "OBJECT_CHANGED": {"O'Neil's “wall” ø"},
    }


def test_what_changed_is_told_of_the_former_row(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.diff(*wire.urns)
    keys = wire.keys(job)
    wall = wire.rows(job)[UNIQUE_ID]
    volume, rating = keys["Dimensions", "Volume"], keys["Pset_WallCommon", "FireRating"]
    assert wall["prev"]["props"] == {volume: 0.27622500001, rating: "EI60"}
    assert (wall["props"][volume], wall["props"][rating]) == (0.3, "EI90")
    assert wall["props"] == wire.rows(wire.finished())[UNIQUE_ID]["props"]
    assert wall["changeType"] == "Geometry"
    assert wall["propsHash"] != wall["prev"]["propsHash"]


def test_a_removed_row_is_all_in_prev(autodesk: Turned) -> None:
    wire = autodesk()
    rows = wire.rows(wire.diff(*wire.urns)).values()
    removed = [row for row in rows if row["type"] == "OBJECT_REMOVED"]
    before = wire.rows(wire.finished(versionUrn=wire.urns[0]))
    for row in removed:
        assert [row[key] for key in ("lmvId", "databaseId", "props", "propsHash")] == [None] * 4
        assert row["prev"]["props"] == before[row["externalId"]]["props"]
    assert all(row["prev"] is None for row in rows if row["type"] == "OBJECT_ADDED")


def test_backwards_and_of_itself(autodesk: Turned) -> None:
    wire = autodesk()
    assert wire.diff(*reversed(wire.urns))["stats"] == {"added": 2, "removed": 2, "modified": 1}
    same = wire.diff(wire.urns[1], wire.urns[1])
    assert same["stats"] == {"added": 0, "removed": 0, "modified": 0}
    assert wire.get(same["propertiesUrl"]).content == b""


def test_the_manifest_names_both(autodesk: Turned) -> None:
    wire = autodesk()
    manifest = wire.get(wire.diff(*wire.urns)["manifestUrl"]).json()
    assert manifest["prev"][0]["versionUrn"] == wire.urns[0]
    assert manifest["seedFiles"][0]["versionUrn"] == wire.urns[1]
    assert manifest["stats"].keys() == {
        "addedObjects",
        "removedObjects",
        "changedObjects",
        "contentLength",
    }


def test_queries_of_a_diff(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.diff(*wire.urns)
    volume = wire.keys(job)["Dimensions", "Volume"]
    columns = {"s.externalId": True, "old": f"s.prev.props.{volume}", "new": f"s.props.{volume}"}
    changed = {"$eq": ["s.type", "'OBJECT_CHANGED'"]}
    assert wire.query(job, changed, columns) == [
        {"externalId": UNIQUE_ID, "old": 0.27622500001, "new": 0.3}
    ]
    thicker = {"$gt": [f"s.props.{volume}", f"s.prev.props.{volume}"]}
    assert wire.query(job, thicker, {"n": {"$count": "s.svf2Id"}}) == [{"n": 1}]
    whole = {row["externalId"]: row for row in wire.query(job, {"$notnull": "s.type"})}
    assert whole == wire.rows(job)


def test_a_query_within_batch_status(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.diff(*wire.urns, query={"$eq": ["s.changeType", "'Geometry'"]})
    assert wire.get(job["queryResultsUrl"]).json()["externalId"] == UNIQUE_ID


@pytest.mark.parametrize("form", ["bbox", "points", "arrays", "none"])
def test_spellings_of_a_diff(autodesk: Turned, form: str) -> None:
    wire = autodesk(
        autodesk_bbox=form,
        autodesk_database_id="dbId",
        autodesk_lineage="changing",
        autodesk_numbers="quoted",
    )
    wall = wire.rows(wire.diff(*wire.urns))[UNIQUE_ID]
    assert wall["lineageId"] != wall["prev"]["lineageId"]
    assert wall["lmvId"] == wall["prev"]["lmvId"]
    assert isinstance(wall["svf2Id"], str)
    assert {"dbId"} <= wall.keys() & wall["prev"].keys()
    assert any(key.startswith("bbox") for key in wall) is (form != "none")


def test_states_and_failures(autodesk: Turned) -> None:
    wire = autodesk(polls="1")
    body = {"diffs": [{"prevVersionUrn": wire.urns[0], "curVersionUrn": wire.urns[1]}]}
    first = wire.post(f"{wire.index}/diffs:batch-status", body).json()["diffs"][0]
    assert (first["state"], first["stats"], len(first["diffId"])) == ("PROCESSING", None, 22)
    wire = autodesk(autodesk_failed="diff")
    assert wire.diff(*wire.urns)["state"] == "FAILED"
    wire = autodesk(autodesk_expired="once")
    job = wire.diff(*wire.urns)
    assert wire.get(job["propertiesUrl"]).status_code == 404
    assert wire.get(wire.diff(*wire.urns)["propertiesUrl"]).status_code == 200


def test_bodies_that_are_refused(autodesk: Turned) -> None:
    wire = autodesk()
    path = f"{wire.index}/diffs:batch-status"
    assert wire.post(path, {"diffs": [{"prevVersionUrn": wire.urns[0]}]}).status_code == 400
    assert wire.post(path, {"versions": []}).status_code == 400
    assert wire.post(path, data="{}").status_code == 415
