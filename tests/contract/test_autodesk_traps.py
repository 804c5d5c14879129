"""The twelve facts of Autodesk's contract, each through the whole way.

A fetch from the sandbox, which is told to behave so; and raw HTTP where the wire is the fact.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from autodesk_building import (
    LATER_VOLUME,
    LEVEL_NAME,
    NAME,
    PHYSICAL,
    PROJECT,
    UNIQUE_ID,
    WALL,
    Asker,
)
from autodesk_fetches import (
    Fetches,
    same_sizes,
    served,
    sizes,
    usual_rows,
    wall,
)
from both_ways import Tables, hurry
from vendors_under_test import products

from takeoff.core.errors import VendorRefused
from takeoff.vendors.autodesk import calls, client
from takeoff.vendors.autodesk.paths import INDEXES
from takeoff.vendors.autodesk.query import (
    Query,
    aggregate,
    is_drawn,
    prop,
)

MODES = ("enc", "raw", "303", "plain")
FORGE = "autodesk.unit.unit:"


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    with served(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def fetches(asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetches:
    hurry(monkeypatch)
    return Fetches(asker, tmp_path)


@pytest.fixture(scope="module")
def usual(asker: Asker, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return usual_rows(asker, tmp_path_factory.mktemp("usual"))


# What everything else here is compared with.


def test_the_usual_rows_have_something_of_everything(usual: Tables) -> None:
    """So that what a form loses would be missed."""
    assert {table for table, rows in usual.items() if not rows} == {
        "boxes",
        "changes_stated",
        "control_totals",
    }
    found = wall(usual)
    assert (found["name"], found["storey_name"], found["mark"]) == (NAME, LEVEL_NAME, "007")
    assert found["building_name"] == "Villa"
    assert {row["system"] for row in usual["codes"]} == {"Assembly Code", "Uniclass", "House codes"}
    assert sizes(usual)[WALL, "NetVolume"] == float(LATER_VOLUME)
    assert {row["kind"] for row in usual["relations"]} == {"voids"}


# Section 0, fact by fact.


def test_fact_1_projects_go_without_their_prefix_here_and_with_it_in_data_management(
    fetches: Fetches,
) -> None:
    fetches.rows()
    project = fetches.asker.ref.project_id
    for path in fetches.paths():
        if "/construction/" in path:
            assert f"/projects/{project}/" in path
        elif "/data/v1/" in path or "topFolders" in path:
            assert f"/projects/b.{project}/" in path
    refs = client.models(fetches.asker.session, f"b.{project}")
    assert refs == client.models(fetches.asker.session, project)
    assert [ref.project_id for ref in refs] == [project]
    path = f"/construction/index/v2/projects/b.{project}/indexes/any"
    assert fetches.asker.raw("GET", path).status_code == 403


@pytest.mark.parametrize("state", ["PROCESSING", "RUNNING", "QUEUED", "PENDING"])
def test_fact_2_every_state_but_two_is_still_working(
    fetches: Fetches, usual: Tables, state: str
) -> None:
    assert fetches.rows(autodesk_working=state, polls="4") == usual
    looks = [path for path in fetches.paths() if re.search(r"/indexes/[^/]+$", path)]
    assert len(looks) == 5
    assert sum("batch-status" in path for path in fetches.paths()) == 1


def test_fact_2_also_a_state_that_nobody_has_heard_of(fetches: Fetches, usual: Tables) -> None:
    assert fetches.rows(operation="unknown_state", polls="3") == usual


@pytest.mark.parametrize("switch", [{"operation": "failed"}, {"autodesk_failed": "index"}])
def test_fact_2_a_failed_job_is_no_empty_model(fetches: Fetches, switch: dict[str, str]) -> None:
    outcome = fetches.outcome(**switch)
    assert isinstance(outcome, VendorRefused)
    assert "The translation of the file failed." in str(outcome)


@pytest.mark.parametrize("batch", ["object", "array"])
def test_fact_3_a_batch_is_an_object_or_a_bare_array(
    fetches: Fetches, usual: Tables, batch: str
) -> None:
    assert fetches.rows(autodesk_batch=batch) == usual
    body = {"versions": [{"versionUrn": fetches.asker.urns()[-1]}]}
    told = fetches.asker.json("POST", f"{PROJECT}/indexes:batch-status", body)
    assert isinstance(told, list if batch == "array" else dict)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_fact_4_files_come_in_four_ways(
    fetches: Fetches, usual: Tables, mode: str, framing: str
) -> None:
    assert fetches.rows(autodesk_download=mode, framing=framing) == usual
    stored = [one for one in fetches.asker.running.seen() if one.origin == "storage"]
    assert bool(stored) == (mode == "303")


def test_fact_4_the_token_stays_here(fetches: Fetches, usual: Tables) -> None:
    """The storage refuses what it is not meant to see."""
    assert fetches.rows(autodesk_download="303", storage_headers="refuse") == usual
    stored = [one for one in fetches.asker.running.seen() if one.origin == "storage"]
    assert stored
    assert all("authorization" not in one.headers for one in stored)


def test_fact_4_a_signed_link_is_asked_for_anew(fetches: Fetches, usual: Tables) -> None:
    assert fetches.rows(autodesk_download="303", link="expired_once") == usual
    asked = [path for path in fetches.paths() if path.endswith(("/fields", "/properties"))]
    assert len(asked) == 4


@pytest.mark.parametrize("charset", ["utf-8", "none", "latin-1"])
@pytest.mark.parametrize("mode", ["enc", "plain"])
def test_fact_5_text_is_utf_8_whatever_is_said(
    fetches: Fetches, usual: Tables, charset: str, mode: str
) -> None:
    rows = fetches.rows(autodesk_charset=charset, autodesk_download=mode)
    assert rows == usual
    assert wall(rows)["name"] == NAME


@pytest.mark.parametrize("form", ["ion", "plain"])
def test_fact_6_numbers_of_results_are_those_of_the_rows(
    fetches: Fetches, tmp_path: Path, form: str
) -> None:
    fetches.turn(autodesk_result_numbers=form)
    asker, project = fetches.asker, fetches.asker.ref.project_id
    job = asker.index()
    found = calls.fields(asker.session, project, INDEXES, job["indexId"], tmp_path / "fields")
    volume = prop(found.key("Dimensions", "Volume"))
    into = tmp_path / "result"
    wanted = Query(is_drawn(), {"volume": volume}, ("s.externalId",))
    calls.run_query(asker.session, project, INDEXES, job["indexId"], wanted, into)
    written = into.read_bytes()
    assert (re.search(rb'"volume":[0-9.]+e', written) is not None) == (form == "ion")
    by_id = {row["externalId"]: row for row in map(json.loads, written.splitlines())}
    assert by_id[UNIQUE_ID] == {"externalId": UNIQUE_ID, "volume": float(LATER_VOLUME)}
    total = Query(is_drawn(), {"sum": aggregate("$sum", volume)})
    calls.run_query(asker.session, project, INDEXES, job["indexId"], total, into)
    [one] = into.read_bytes().splitlines()
    assert math.isclose(json.loads(one)["sum"], float(LATER_VOLUME), rel_tol=1e-12)
    digits = re.sub(rb"e.*|[^0-9]", b"", one.partition(b":")[2])
    assert (len(digits.lstrip(b"0")) == 38) == (form == "ion")


def test_fact_7_ids_are_text_even_if_they_look_like_numbers(
    fetches: Fetches, usual: Tables
) -> None:
    names = {row["name"] for row in products(usual)}
    assert {"0034567", "12e45678"} <= names
    assert fetches.rows(autodesk_lineage="changing") == usual
    rows = fetches.asker.lines(fetches.asker.index()["propertiesUrl"])
    for row in rows:
        assert re.fullmatch(r"[1-9a-f][0-9a-f]{0,7}", row["lineageId"])
        assert isinstance(row["databaseId"], str)


def test_fact_8_numbers_may_come_quoted(fetches: Fetches, usual: Tables) -> None:
    assert fetches.rows(autodesk_numbers="quoted") == usual
    job = fetches.asker.index()
    assert isinstance(job["stats"]["objects"], str)
    assert isinstance(fetches.asker.lines(job["propertiesUrl"])[0]["svf2Id"], str)


@pytest.mark.parametrize("unset", ["null", "absent"])
def test_fact_9_absent_and_null_mean_the_same(fetches: Fetches, usual: Tables, unset: str) -> None:
    assert fetches.rows(autodesk_unset=unset, polls="2") == usual
    body = {"versions": [{"versionUrn": fetches.asker.urns()[-1]}]}
    fetches.turn(autodesk_unset=unset, polls="2")
    [job] = fetches.asker.json("POST", f"{PROJECT}/indexes:batch-status", body)["indexes"]
    assert ("stats" in job) == (unset == "null")


def test_fact_10_keys_and_names_are_those_of_the_index(fetches: Fetches, usual: Tables) -> None:
    """In another language the names and keys are others, and the model is the same."""
    english = _keys(fetches.asker)
    german = fetches.rows(autodesk_language="de")
    assert same_sizes(german, usual)
    columns = ("element_id", "name", "ifc_guid", "ifc_class", "storey_name", "mark", "type_name")
    for name in columns:
        assert [row[name] for row in german["elements"] if row["role"] == "physical"] == [
            row[name] for row in usual["elements"] if row["role"] == "physical"
        ]
    other = _keys(fetches.asker)
    assert english["Identity Data", "Mark"] not in other.values()
    assert {english[name] for name in english if str(name[0]).startswith("__")} <= set(
        other.values()
    )


def _keys(asker: Asker) -> dict[tuple[str | None, str], str]:
    lines = asker.lines(asker.index()["fieldsUrl"])
    return {(line["category"], line["name"]): line["key"] for line in lines}


@pytest.mark.parametrize("units", ["metric", "imperial", "mixed"])
def test_fact_11_figures_are_in_the_unit_of_their_field(
    fetches: Fetches, usual: Tables, units: str
) -> None:
    rows = fetches.rows(autodesk_units=units)
    assert same_sizes(rows, usual)
    written = {row["source_unit"] for row in rows["quantities"] if row["unit"] == "m2"}
    assert written == {"ft^2" if units == "imperial" else f"{FORGE}squareMeters-1.0.1"}


def test_fact_11_a_number_without_a_unit_is_never_assumed(usual: Tables) -> None:
    """Nor is one in a unit that we do not know; both stay as they are."""
    numbers = {
        row["name"]: (row["number"], row["unit"])
        for row in usual["properties"]
        if row["set_name"] == "Site" and row["value_kind"] == "number"
    }
    assert numbers["Factor"] == (14.0, None)
    assert numbers["Strength"] == (4.0, "kip/inch^2")
    figures = {row["source_name"] for row in usual["quantities"]}
    assert not {"Factor", "Strength"} & figures


def test_fact_12_elements_are_told_from_everything_else(fetches: Fetches, usual: Tables) -> None:
    """Levels, views and annotations are drawn, too; tree nodes have a category, too."""
    assert len(products(usual)) == PHYSICAL
    roles = {row["role"] for row in usual["elements"]}
    assert roles == {"physical", "opening", "space", "location", "type", "annotation", "marker"}
    lines = fetches.asker.lines(fetches.asker.index()["propertiesUrl"])
    assert len(lines) == len(usual["elements"])
    walls = [row for row in lines if row["props"].get("p20d8441e") == "Walls"]
    assert len(walls) > 1
    assert [row["externalId"] for row in walls if row["views"]] == [UNIQUE_ID]
    assert sum(bool(row["views"]) for row in lines) > PHYSICAL
