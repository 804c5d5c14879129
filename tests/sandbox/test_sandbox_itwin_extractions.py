"""Extractions over raw HTTP: their states, what they skip, and what is left of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from itwin_wire import MAPPINGS, RUNS, Itwin
from small_lakes import Model
from wire import Serve, house, lake_of


@pytest.fixture
def wire(serve_new: Serve, house_lake: Path) -> Itwin:
    return Itwin(serve_new(house_lake))


@pytest.fixture
def grown(serve_new: Serve, tmp_path: Path) -> Itwin:
    """A model of one wall that has two in its second snapshot; nothing is extracted."""
    first = Model("grown").add("0iiiiiiiiiiiiiiiiiiiii")
    second = Model("grown").add("0iiiiiiiiiiiiiiiiiiiii").add("0jjjjjjjjjjjjjjjjjjjjj")
    lake = lake_of(tmp_path / "lake", first, second)
    return Itwin(serve_new(lake, itwin_extracted="no", polls="1"))


def test_the_mapping_is_extracted_out_of_the_box(wire: Itwin) -> None:
    [done] = wire.done()
    assert set(done) == {
        *("extractionId", "extractionTimestamp", "changesetIndex", "mappingTimestamp", "_links")
    }
    assert done["changesetIndex"] == 1
    assert done["extractionTimestamp"] == "2026-03-01T08:30:00+00:00"
    [known] = wire.every("extractions", f"{RUNS}?iModelId={wire.imodel_id}")
    assert (known["id"], known["state"]) == (done["extractionId"], "Succeeded")
    assert wire.states(known) == ["Succeeded"]


def test_or_it_is_not(grown: Itwin) -> None:
    assert grown.done() == []
    assert grown.every("extractions", f"{RUNS}?iModelId={grown.imodel_id}") == []


def test_a_run_is_queued_then_running_then_over(wire: Itwin) -> None:
    run = wire.run(wire.mapping["id"])
    assert set(run) == {"id", "state", "startedOn", "_links"}
    assert wire.logs(run), "logs are there right after the start"
    assert wire.states(run) == ["Queued", "Running", "Succeeded"]
    assert [done["extractionId"] for done in wire.done()][0] == run["id"]
    assert len(wire.done()) == 2
    states = [log["state"] for log in wire.logs(run) if log["category"] == "StateChange"]
    assert states == ["Queued", "Running", "Succeeded"]


def test_logs_have_their_keys(wire: Itwin) -> None:
    for log in wire.logs(wire.run(wire.mapping["id"])):
        assert set(log) == {
            *("state", "dateTime", "contextType", "contextId", "level", "category", "message")
        }


def test_polls_and_retry_after(wire: Itwin) -> None:
    wire.running.turn(polls="4", operation_retry_after_s="7")
    run = wire.run(wire.mapping["id"])
    href = run["_links"]["status"]["href"]
    answers = [wire.get(href) for _ in range(4)]
    states = [answer.json()["extraction"]["state"] for answer in answers]
    assert states == ["Running", "Running", "Running", "Succeeded"]
    waits = [answer.headers.get("Retry-After") for answer in answers]
    assert waits == ["7", "7", "7", None]


def test_there_are_no_tables_before_the_end(wire: Itwin) -> None:
    run = wire.run(wire.mapping["id"])
    path = f"{MAPPINGS}/{wire.mapping['id']}/extractions/{run['id']}/cdm"
    assert wire.get(path).status_code == 404
    wire.states(run)
    assert wire.get(path).status_code == 200


def test_a_changeset_of_the_past(grown: Itwin) -> None:
    [mapping] = [grown.mapping["id"]]
    first, second = grown.every("changesets", f"{grown.imodel}/changesets")
    for changeset, count in ((first, 1), (second, 2)):
        grown.states(grown.run(mapping, changesetId=changeset["id"]))
        assert grown.done()[0]["changesetIndex"] == changeset["index"]
        assert len(grown.rows("Wall")) == count


def test_a_mapping_extracted_from_a_newer_changeset_is_skipped(grown: Itwin) -> None:
    mapping = grown.mapping["id"]
    first, _ = grown.every("changesets", f"{grown.imodel}/changesets")
    grown.states(grown.run(mapping))
    run = grown.run(mapping, changesetId=first["id"])
    assert grown.states(run)[-1] == "Succeeded", "it looks like success"
    [done] = grown.done()
    assert done["changesetIndex"] == 2
    path = f"{MAPPINGS}/{mapping}/extractions/{run['id']}/cdm"
    assert grown.get(path).status_code == 404
    assert any("skipped" in log["message"] for log in grown.logs(run))


def test_a_copy_of_the_mapping_is_not_skipped(grown: Itwin) -> None:
    mapping = grown.mapping["id"]
    first, _ = grown.every("changesets", f"{grown.imodel}/changesets")
    grown.states(grown.run(mapping))
    told = {"iModelId": grown.imodel_id, "mappingName": "Past", "sourceMappingId": mapping}
    copy = grown.made(MAPPINGS, told)["id"]
    grown.states(grown.run(copy, changesetId=first["id"]))
    assert len(grown.rows("Wall", copy)) == 1
    assert len(grown.rows("Wall")) == 2


def test_an_empty_baseline_has_empty_tables(grown: Itwin) -> None:
    grown.states(grown.run(grown.mapping["id"], changesetId=""))
    assert grown.done()[0]["changesetIndex"] == 0
    assert grown.rows("Wall") == []


def test_only_these_instances(wire: Itwin) -> None:
    wanted = [wire.rows("Wall")[0]["ECInstanceId"], wire.rows("Slab")[0]["ECInstanceId"]]
    wire.states(wire.run(wire.mapping["id"], ecInstanceIds=wanted))
    counts = {name: len(wire.rows(name)) for name in wire.entities()}
    assert counts == {
        "BuildingStorey": 0,
        "Door": 0,
        "Slab": 1,
        "Space": 0,
        "Wall": 1,
        "WallType": 0,
    }


def test_an_extraction_keeps_the_mapping_as_it_stood(wire: Itwin) -> None:
    mapping = wire.mapping["id"]
    wire.states(wire.run(mapping))
    group = wire.groups()["Door"]
    wire.ask("DELETE", f"{MAPPINGS}/{mapping}/groups/{group['id']}")
    assert "Door" in wire.entities()
    wire.states(wire.run(mapping))
    assert "Door" not in wire.entities()


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, 422),
        ({"mappings": "all"}, 422),
        ({"mappings": [{"id": "none"}]}, 404),
        ({"mappings": [], "changesetId": "0" * 40}, 404),
    ],
)
def test_runs_that_cannot_be(wire: Itwin, told: dict[str, object], status: int) -> None:
    assert wire.post(RUNS, {"iModelId": wire.imodel_id, **told}).status_code == status


def test_a_partial_run_lacks_a_group_and_says_so(wire: Itwin) -> None:
    wire.running.turn(itwin_extraction="PartiallySucceeded")
    run = wire.run(wire.mapping["id"])
    assert wire.states(run) == ["Queued", "Running", "PartiallySucceeded"]
    assert "WallType" in wire.groups()
    assert "WallType" not in wire.entities()
    assert "Wall" in wire.entities()
    levels = {log["level"] for log in wire.logs(run)}
    assert levels == {"Information", "Warning", "Error"}


def test_a_failed_run_has_no_tables(wire: Itwin) -> None:
    wire.running.turn(itwin_extraction="Failed")
    run = wire.run(wire.mapping["id"])
    assert wire.states(run) == ["Queued", "Running", "Failed"]
    assert any(log["level"] == "Error" for log in wire.logs(run))
    assert len(wire.done()) == 1


def test_a_run_skipped_by_the_switch(wire: Itwin) -> None:
    wire.running.turn(itwin_extraction="skipped")
    run = wire.run(wire.mapping["id"])
    assert wire.states(run)[-1] == "Succeeded"
    assert run["id"] not in {done["extractionId"] for done in wire.done()}


@pytest.mark.parametrize(
    ("switches", "states"),
    [
        ({"itwin_extraction": "hung"}, ["Queued", *["Running"] * 9]),
        ({"itwin_extraction": "unknown_state"}, ["Queued", "AwaitingResources"]),
        ({"operation": "failed"}, ["Queued", "Running", "Failed"]),
        ({"operation": "hung"}, ["Queued", *["Running"] * 9]),
    ],
)
def test_other_ends(wire: Itwin, switches: dict[str, str], states: list[str]) -> None:
    wire.running.turn(**switches)
    assert wire.states(wire.run(wire.mapping["id"])) == states


def test_clones_have_the_elements_of_their_source(serve_new: Serve, tmp_path: Path) -> None:
    own = Itwin(serve_new(lake_of(tmp_path / "lake", house()), polls="1"))
    answer = own.post(f"{own.imodel}/clone", {"iTwinId": own.itwin_id, "name": "Copy"})
    copy = answer.headers["Location"].rpartition("/")[2]
    told = {"iModelId": copy, "mappingName": "Mine", "sourceMappingId": own.mapping["id"]}
    mapping = own.made(MAPPINGS, told)["id"]
    own.states(own.run(mapping, iModelId=copy))
    assert [row["ECInstanceId"] for row in own.rows("Wall", mapping)] == [
        row["ECInstanceId"] for row in own.rows("Wall")
    ]
