"""The query language, over real rows: what matches, what comes, and in which numbers."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from autodesk_wire import UNIQUE_ID, AutodeskWire, Turned
from small_lakes import Model

from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox

NAME, CATEGORY_ID = "s.props.p153cb174", "s.props.pa7275c45"
LENGTH, AREA, VOLUME = "s.props.p15f8f5ec", "s.props.p10f4572e", "s.props.p188478f2"
MARK = "s.props.p8d70f1c5"
ALL = {"$notnull": "s.svf2Id"}
WALL_NAME = "'O''Neil''s “wall” ø'"


@pytest.fixture
def wire(autodesk: Turned) -> AutodeskWire:
    """In feet, where the keys are known."""
    return autodesk(autodesk_units="imperial")


def names(wire: AutodeskWire, query: Any) -> list[str]:
    """Of the instances that match."""
    drawn = {"$and": [query, {"$notnull": "s.geomHash"}]}
    rows = wire.query(wire.finished(), drawn, {"n": NAME})
    return sorted(row["n"] for row in rows)


WALL, COLUMN, WINDOW, ROOM, SLAB = "O'Neil's “wall” ø", "Stütze", "New", "Room 1", "nameless"
EVERY = sorted([WALL, COLUMN, WINDOW, ROOM, SLAB])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"$eq": [CATEGORY_ID, -2000011]}, [WALL]),
        ({CATEGORY_ID: -2000011}, [WALL]),
        ({CATEGORY_ID: -2000011, MARK: "'007'"}, [WALL]),
        ({CATEGORY_ID: -2000011, MARK: "'7'"}, []),
        ({MARK: 7}, []),
        ([{CATEGORY_ID: -2000011}, {CATEGORY_ID: -2000014}], [WINDOW, WALL]),
        ({"$or": [{CATEGORY_ID: -2000011}, {CATEGORY_ID: -2000014}]}, [WINDOW, WALL]),
        ({"$and": [{CATEGORY_ID: -2000011}, {CATEGORY_ID: -2000014}]}, []),
        ({"$not": {"$eq": [CATEGORY_ID, -2000011]}}, [WINDOW, ROOM, COLUMN, SLAB]),
        ({"$eq": [NAME, WALL_NAME]}, [WALL]),
        ({"$eq": [NAME, "'Stütze'"]}, [COLUMN]),
        ({"$ne": [MARK, "'1'"]}, [WALL]),
        ({"$isnull": MARK}, [WINDOW, ROOM, COLUMN, SLAB]),
        ({"$notnull": MARK}, [WALL]),
        ({"$gt": [LENGTH, 8]}, [WALL]),
        ({"$ge": [LENGTH, 8.7]}, []),
        ({"$lt": [LENGTH, 8.7]}, [WALL]),
        ({"$le": [CATEGORY_ID, -2000160]}, [ROOM, COLUMN]),
        ({"$between": [CATEGORY_ID, -2000032, -2000011]}, [WINDOW, WALL, SLAB]),
        ({"$between": {CATEGORY_ID: [-2000032, -2000012]}}, [WINDOW, SLAB]),
        ({"$in": [CATEGORY_ID, -2000011, -2000014]}, [WINDOW, WALL]),
        ({"$in": {NAME: ["'New'", "'Room 1'"]}}, [WINDOW, ROOM]),
        ({"$like": [NAME, "'%ew%'"]}, [WINDOW]),
        ({"$like": [NAME, "'NEW'"]}, []),
        ({"$like": [{"$lower": NAME}, "'new'"]}, [WINDOW]),
        ({"$gt": [{"$count": "s.views"}, 0]}, EVERY),
        ({"$gt": [{"$count": "s.views"}, 1]}, []),
        ({"$eq": [{"$char_length": NAME}, 3]}, [WINDOW]),
        ({"$eq": [{"$substring": [NAME, 1, 4]}, "'Room'"]}, [ROOM]),
        ({"$eq": [{"$cat": [NAME, "'!'"]}, "'New!'"]}, [WINDOW]),
        ({"$eq": [{"$coalesce": [MARK, "'none'"]}, "'none'"]}, [WINDOW, ROOM, COLUMN, SLAB]),
        ({"$eq": [{"$nullif": [MARK, "'007'"]}, "'x'"]}, []),
        ({"$isnull": {"$nullif": [NAME, "'New'"]}}, [WINDOW]),
        ({"$eq": [{"$cast": [MARK, "INT"]}, 7]}, [WALL]),
        ({"$eq": [{"$to_string": CATEGORY_ID}, "'-2000011'"]}, [WALL]),
        ({"$eq": [{"$neg": CATEGORY_ID}, 2000011]}, [WALL]),
        ({"$eq": [{"$add": [CATEGORY_ID, 2000000, 11]}, 0]}, [WALL]),
        ({"$eq": [{"$sub": [CATEGORY_ID, -2000011]}, 0]}, [WALL]),
        ({"$lt": [{"$div": [VOLUME, AREA]}, 0.15]}, [WALL]),
        ({"$gt": [{"$mul": [LENGTH, 10]}, 86]}, [WALL]),
        ({"$eq": [{"$mod": [CATEGORY_ID, 1000]}, -11]}, [WALL]),
        ({"$isnull": {"$div": [1, 0]}}, EVERY),
        ({"$eq": [{"$case": [[{MARK: "'007'"}, 1], 0]}, 1]}, [WALL]),
        (
            {"$eq": [{"$extract": ["year", {"$to_timestamp": "'2021-08-19T08:21:13Z'"}]}, 2021]},
            EVERY,
        ),
        (
            {
                "$eq": [
                    {
                        "$date_diff": [
                            "day",
                            {"$to_timestamp": "'2021-08-19T00:00:00Z'"},
                            {"$date_add": ["day", 3, {"$to_timestamp": "'2021-08-19T00:00:00Z'"}]},
                        ]
                    },
                    3,
                ]
            },
            EVERY,
        ),
        ({"$gt": [{"$utcnow": []}, {"$to_timestamp": "'2001-01-01T00:00:00Z'"}]}, EVERY),
        ({"$eq": [{"$trim": "' New '"}, "'New'"]}, EVERY),
        ({"$eq": [{"$upper": NAME}, "'NEW'"]}, [WINDOW]),
        ({"$eq": ["s.props.p00000000", 1]}, []),
        ({"$isnull": "s.props.p00000000"}, EVERY),
        ({"$eq": ["s.externalId", f"'{UNIQUE_ID}'"]}, [WALL]),
    ],
)
def test_conditions(wire: AutodeskWire, query: Any, expected: list[str]) -> None:
    assert names(wire, query) == sorted(expected)


def test_views_that_contain_one(wire: AutodeskWire) -> None:
    job = wire.finished()
    views = wire.get(job["manifestUrl"]).json()["seedFiles"][0]["views"]
    assert names(wire, {"$contains": ["s.views", f"'{views[0]['id']}'"]}) == EVERY
    assert names(wire, {"$contains": ["s.views", "'another'"]}) == []


def test_the_query_of_the_contract(wire: AutodeskWire) -> None:
    query = {"$and": [{"$eq": [CATEGORY_ID, -2000011]}, {"$gt": [{"$count": "s.views"}, 0]}]}
    columns = {
        "s.svf2Id": True,
        "s.externalId": True,
        "name": NAME,
        "area": AREA,
        "volume": VOLUME,
        "mark of nobody": "s.props.p00000000",
    }
    [row] = wire.query(wire.finished(), query, columns)
    assert row == {
        "svf2Id": row["svf2Id"],
        "externalId": UNIQUE_ID,
        "name": WALL,
        "area": pytest.approx(71.666115),
        "volume": pytest.approx(10.594400),
    }


def test_numbers_of_results_are_those_of_ion(wire: AutodeskWire) -> None:
    query, columns = {CATEGORY_ID: -2000011}, {"a": AREA, "n": "s.svf2Id", "x": {"$add": [13, 1]}}
    asked = wire.asked(wire.finished(), query, columns)
    text = wire.get(asked["queryResultsUrl"]).text
    assert '"x":14e0' in text
    assert '"a":71666115' in text
    assert "e-" in text
    whole = wire.get(wire.asked(wire.finished(), query)["queryResultsUrl"]).text
    assert '"p15f8f5ec":8666666666666666e-15' in whole
    raw = wire.get(wire.finished()["propertiesUrl"]).text
    assert '"p15f8f5ec":8.666666666666666' in raw


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (14.0, "14e0"),
        (0.485383241976329, "0.485383241976329e0"),
        (0.5833333333333334, "5833333333333334e-16"),
        (480.5277777777777, "4805277777777777e-13"),
        (-0.5, "-0.5e0"),
        (1e21, "1e21"),
        (1.5e-7, "1.5e-07"),
        (0.0, "0e0"),
    ],
)
def test_numbers_as_the_contract_prints_them(tmp_path: Path, number: float, printed: str) -> None:
    model = Model("one").add("0bOne00000000000000001").figure("NetArea", "1", source_set="S")
    model.rows["quantities"][-1] |= {"value": number, "value_exact": None}
    model.commit(tmp_path / "lake")
    with Sandbox(open_layout(tmp_path / "lake"), {"polls": "0"}).start() as running:
        wire = AutodeskWire(running)
        job = wire.finished()
        path = f"s.props.{wire.keys(job)['S', 'NetArea']}"
        asked = wire.asked(job, {"$notnull": path}, {"a": path})
        text = wire.get(asked["queryResultsUrl"]).text
        assert text == f'{{"a":{printed}}}\n'
        assert json.loads(text) == {"a": number}


def test_where_a_body_is(wire: AutodeskWire) -> None:
    query = {"$ge": ["s.bboxMax.z", {"$add": ["s.bboxMin.z", 1]}]}
    columns = {"s.bbox": True, "s.bboxMin": True, "x": "s.bboxMin.x"}
    row = wire.query(wire.finished(), {"$and": [query, {MARK: "'007'"}]}, columns)[0]
    assert row["bboxMin"] == dict(zip("xyz", row["bbox"]["min"], strict=True))
    assert row["x"] == row["bboxMin"]["x"]


def test_whole_rows_are_the_rows_of_the_index(wire: AutodeskWire) -> None:
    job = wire.finished()
    assert wire.query(job, ALL) == list(wire.rows(job).values())


def test_numbers_of_results_may_be_plain(autodesk: Turned) -> None:
    wire = autodesk(autodesk_units="imperial", autodesk_result_numbers="plain")
    text = wire.get(wire.asked(wire.finished(), ALL)["queryResultsUrl"]).text
    assert '"p15f8f5ec":8.666666666666666' in text


def test_aggregates_are_one_line(wire: AutodeskWire) -> None:
    job = wire.finished()
    drawn = {"$notnull": "s.geomHash"}
    columns = {
        "rowCount": {"$count": "s.svf2Id"},
        "marks": {"$count": MARK},
        "total": {"$sum": VOLUME},
        "mean": {"$avg": CATEGORY_ID},
        "least": {"$min": CATEGORY_ID},
        "last": {"$max": NAME},
        "per": {"$div": [{"$sum": VOLUME}, {"$count": MARK}]},
    }
    asked = wire.asked(job, drawn, columns)
    text = wire.get(asked["queryResultsUrl"]).text
    assert text.count("\n") == 1
    [row] = wire.query(job, drawn, columns)
    assert (row["rowCount"], row["marks"], row["least"]) == (5, 1, -2001330)
    assert row["last"] == SLAB
    digits = text.partition('"total":')[2].partition(",")[0]
    assert len(digits.partition("e-")[0]) == 38
    assert float(Decimal(digits)) == pytest.approx(10.5944, rel=1e-6)
    assert row["per"] == pytest.approx(row["total"])
    assert asked["stats"]["objects"] == 5


def test_an_empty_result_is_an_empty_body(wire: AutodeskWire) -> None:
    asked = wire.asked(wire.finished(), {CATEGORY_ID: 1})
    assert asked["stats"] == {"objects": 0}
    assert wire.get(asked["queryResultsUrl"]).content == b""


def test_a_query_has_a_job_of_its_own(autodesk: Turned) -> None:
    wire = autodesk(polls="2")
    job = wire.finished()
    path = f"{job['selfUrl']}/queries"
    first = wire.post(path, {"query": ALL}).json()
    assert (first["state"], first["queryResultsUrl"]) == ("PROCESSING", None)
    assert first["selfUrl"] == f"{path}/{first['queryId']}"
    assert first["indexId"] == job["indexId"]
    early = wire.get(f"{first['selfUrl']}/properties")
    assert early.status_code == 404
    assert wire.over(first)["stats"]["objects"] == job["stats"]["objects"]
    assert wire.post(path, {"query": ALL}).json()["queryId"] == first["queryId"]


def test_a_query_within_batch_status(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.finished(query={MARK: "'007'"}, columns={"n": NAME})
    assert job["state"] == "FINISHED"
    answer = wire.get(job["queryResultsUrl"])
    assert answer.json() == {"n": WALL}
    assert wire.finished()["indexId"] == job["indexId"]
    assert "queryId" not in wire.finished()


@pytest.mark.parametrize(
    "query",
    [
        None,
        [],
        {},
        "s.svf2Id",
        {"$eq": [NAME]},
        {"$eq": [NAME, "Walls"]},
        {"$eq": [NAME, "'O'Neil'"]},
        {"$eq": [NAME, "'a'; drop table rows; --"]},
        {"$like": [NAME, "'a'", "'b'", "'c'"]},
        {"$nothing": [1, 2]},
        {"$eq": [{"$nothing": NAME}, 1]},
        {"$eq": [{"$sum": VOLUME}, 1]},
        {"$contains": [NAME, "'a'"]},
        {"$in": {NAME: "'a'"}},
        {"$cast": [NAME, "INT"]},
        {"$eq": [{"$cast": [NAME, "BLOB"]}, 1]},
        {"$eq": [{"$extract": ["era", {"$utcnow": []}]}, 1]},
        {"$eq": [{"$case": [1]}, 1]},
        {"x; drop table rows": 1},
        {"$eq": [NAME, [1]]},
        {"$eq": [10**400, 1]},
    ],
)
def test_queries_that_cannot_be_read(wire: AutodeskWire, query: Any) -> None:
    answer = wire.post(f"{wire.finished()['selfUrl']}/queries", {"query": query})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "query"


@pytest.mark.parametrize(
    "columns",
    [
        {},
        [],
        {"n": NAME, "c": {"$count": NAME}},
        {"n": {"$sum": {"$sum": VOLUME}}},
        {"n": False},
        {"n": "Walls"},
    ],
)
def test_columns_that_cannot_be_read(wire: AutodeskWire, columns: Any) -> None:
    body = {"query": ALL, "columns": columns}
    assert wire.post(f"{wire.finished()['selfUrl']}/queries", body).status_code == 400


def test_a_query_is_required(wire: AutodeskWire) -> None:
    answer = wire.post(f"{wire.finished()['selfUrl']}/queries", {"columns": {"n": NAME}})
    assert answer.json()["errors"] == [
        {"field": "query", "title": "BadInput", "detail": "is required", "type": "BadInput"}
    ]


def test_a_deep_query_is_refused(wire: AutodeskWire) -> None:
    query: Any = {CATEGORY_ID: 1}
    for _ in range(200):
        query = {"$not": query}
    assert wire.post(f"{wire.finished()['selfUrl']}/queries", {"query": query}).status_code == 400


def test_a_failed_index_takes_no_query(wire: AutodeskWire) -> None:
    urn = wire.urns[0].replace("version=1", "version=9")
    job = wire.finished(versionUrn=urn, query=ALL)
    assert (job["state"], job["queryResultsUrl"]) == ("FAILED", None)
    assert wire.post(f"{job['selfUrl']}/queries", {"query": ALL}).status_code == 400


def test_a_bad_query_may_fail_later(autodesk: Turned) -> None:
    wire = autodesk(autodesk_bad_query="failed")
    job = wire.asked(wire.finished(), {"$eq": [NAME, "Walls"]})
    assert job["state"] == "FAILED"
    assert "single quotes" in job["errors"][0]["detail"]
    job = autodesk(autodesk_failed="query").asked(wire.finished(), ALL)
    assert job["state"] == "FAILED"
