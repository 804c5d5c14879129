"""What Autodesk's contract prints is what the client reads and the sandbox writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from autodesk_building import (
    LATER_VOLUME,
    LEVEL,
    NAME,
    PROJECT,
    UNIQUE_ID,
    WALL,
    Asker,
)
from autodesk_fetches import (
    Fetches,
    contract,
    served,
    usual_rows,
    wall,
)
from both_ways import Tables, hurry

from takeoff.vendors.autodesk.fields import read as read_fields
from takeoff.vendors.autodesk.job import job_of
from takeoff.vendors.autodesk.manifest import manifest_of
from takeoff.vendors.autodesk.query import (
    Query,
    all_of,
    equal,
    is_drawn,
    prop,
)
from takeoff.vendors.autodesk.rows import Rows


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


# What the contract prints.


def printed(after: str) -> list[Any]:
    """The JSON values in the first block of JSON behind these words of the contract."""
    block = contract().partition(after)[2].partition("```json")[2].partition("```")[0]
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(block.rstrip()):
        value, at = decoder.raw_decode(block, at + len(block[at:]) - len(block[at:].lstrip()))
        found.append(value)
    return found


def keys(value: Any) -> Any:
    """The keys of objects, however deep, and no values; of lists those of the first."""
    if isinstance(value, dict):
        return {name: keys(item) for name, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [keys(value[0])]
    return None


def test_the_printed_job_is_read_and_written(fetches: Fetches) -> None:
    [job] = printed("Index/query job (tutorial-shaped")
    found = job_of(job, "job", {}, datetime(2021, 8, 19, tzinfo=UTC))
    assert (found.state, found.stats, found.urls.keys()) == ("running", {}, {"self"})
    assert found.wait_s is not None
    fetches.turn(polls="3")
    body = {"versions": [{"versionUrn": fetches.asker.urns()[-1]}]}
    [told] = fetches.asker.json("POST", f"{PROJECT}/indexes:batch-status", body)["indexes"]
    assert keys(told) == keys(job)
    assert {name for name, value in told.items() if value is None} == {
        name for name, value in job.items() if value is None
    }
    for name in ("updatedAt", "retryAt"):
        assert re.sub(r"\d", "0", told[name]) == re.sub(r"\d", "0", job[name])


def test_the_printed_failure_is_read_and_written(fetches: Fetches) -> None:
    text = re.search(r"Failed job [^`]*`(\{.*\})`", contract())
    assert text is not None
    job = json.loads(text[1])
    found = job_of({**job, "indexId": "any"}, "job", {}, datetime.now(UTC))
    assert (found.state, bool(found.problem)) == ("failed", True)
    fetches.turn(autodesk_failed="index", polls="0")
    told = fetches.asker.index()
    assert keys({name: told[name] for name in job}) == keys(job)


def test_the_printed_manifest_is_read_and_written(fetches: Fetches) -> None:
    [told] = printed("### 5.1 manifest")
    found = manifest_of(json.dumps(told).encode(), "manifest")
    assert found.stated_objects == 33_097
    assert found.files[0].lineage_urn == "urn:adsk.wipprod:dm.lineage:DyT…"
    assert [(view.name, view.is_3d) for view in found.files[0].views] == [("{3D}", True)]
    fetches.turn()
    made = fetches.asker.json("GET", fetches.asker.index()["manifestUrl"])
    assert keys(made) == keys(told)


def test_the_printed_fields_are_read_and_written(fetches: Fetches, tmp_path: Path) -> None:
    told = printed("### 5.2 fields")
    path = tmp_path / "fields"
    path.write_text("".join(json.dumps(line) + "\n" for line in told), "utf-8")
    found = read_fields(path, "fields")
    assert found.key("__category__", "Category") == "p5eddc473"
    assert [item.uom for item in found] == [None, "ft"]
    fetches.turn(autodesk_units="imperial")
    made = fetches.asker.lines(fetches.asker.index()["fieldsUrl"])
    assert told[0] in made
    assert {tuple(line) for line in made} == {tuple(told[0])}


def test_the_printed_row_is_read_and_written(fetches: Fetches, tmp_path: Path) -> None:
    [told] = printed("### 5.3 properties rows")
    path = tmp_path / "rows"
    path.write_text(json.dumps(told) + "\n", "utf-8")
    rows = Rows(path, "rows", tmp_path)
    [head] = [row for batch in rows.heads(["p10f4572e"]) for row in batch.to_pylist()]
    assert (head["externalId"], head["lmvId"], head["views"]) == (told["externalId"], "3476", 1)
    [(length, pairs)] = rows.pairs()
    assert (length, pairs.keys.to_pylist()) == (1, [*told["props"], *told["propsIgnored"]])
    fetches.turn()
    made = fetches.asker.lines(fetches.asker.index()["propertiesUrl"])
    shown = next(row for row in made if row["externalId"] == UNIQUE_ID)
    assert list(shown) == list(told)
    assert keys(shown["bbox"]) == keys(told["bbox"])
    assert set(told["propsIgnored"]) == set(shown["propsIgnored"])


def test_the_printed_changes_are_read_and_written(fetches: Fetches, tmp_path: Path) -> None:
    changed, removed = printed("## Appendix")
    path = tmp_path / "rows"
    path.write_text(f"{json.dumps(changed)}\n{json.dumps(removed)}\n", "utf-8")
    [batch] = Rows(path, "rows", tmp_path).changes()
    assert batch.column("keys").to_pylist() == [["p1b2aabe1"], ["p153cb174"]]
    assert batch.column("type").to_pylist() == ["OBJECT_CHANGED", "OBJECT_REMOVED"]
    fetches.turn()
    made = fetches.asker.lines(fetches.asker.diff()["propertiesUrl"])
    ours = next(row for row in made if row["externalId"] == UNIQUE_ID)
    gone = next(row for row in made if row["type"] == "OBJECT_REMOVED" and row["prev"]["views"])
    beside = {"propsIgnored", "bbox", "changeType", "geomHash"}
    assert set(changed) - beside <= set(ours)
    assert set(changed["prev"]) - beside <= set(ours["prev"])
    assert set(ours) - set(changed) <= beside
    assert {name for name in removed if removed[name] is None} == {
        name for name in gone if gone[name] is None
    }
    assert set(ours["prev"]["props"]) < set(ours["props"])


def test_the_printed_query_is_built_and_answered(fetches: Fetches) -> None:
    [told] = printed("→ group in DuckDB")
    drawn_walls = all_of(equal(prop("pa7275c45"), -2000011), is_drawn())
    columns = {
        "name": prop("p153cb174"),
        "area": prop("p10f4572e"),
        "volume": prop("p188478f2"),
    }
    assert Query(drawn_walls, columns, ("s.svf2Id", "s.externalId")).body == told
    fetches.turn(autodesk_units="imperial", polls="0")
    [found] = fetches.asker.results(fetches.asker.index(), told)
    assert set(found) == {"svf2Id", "externalId", "name", "area", "volume"}
    assert (found["externalId"], found["name"]) == (UNIQUE_ID, NAME)
    cubic_feet = Decimal(LATER_VOLUME) / Decimal("0.028316846592")
    assert found["volume"] == pytest.approx(float(cubic_feet))


def test_the_worked_example_of_a_guid(usual: Tables) -> None:
    found = wall(usual)
    assert (found["element_id"], found["ifc_guid"]) == (UNIQUE_ID, WALL)
    assert (found["storey_id"], found["ifc_guid_source"]) == (
        next(row["element_id"] for row in usual["elements"] if row["ifc_guid"] == LEVEL),
        "given",
    )


def test_a_guid_that_is_not_given_is_derived(fetches: Fetches) -> None:
    for form in ("none", "junk"):
        found = wall(fetches.rows(autodesk_ifc_guid=form))
        assert (found["element_id"], found["ifc_guid_source"]) == (UNIQUE_ID, "derived")
