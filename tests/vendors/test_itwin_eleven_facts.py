"""The eleven facts of the contract that break naive clients, each as a test of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from itwin_served import (
    CDM,
    EXTRACTION,
    FEED,
    FILES,
    IMODEL,
    ITWIN,
    LATEST,
    MAPPING,
    MAPPINGS,
    ODATA,
    OF_MAPPING,
    REF,
    RUN,
    Service,
    as_json,
    asked,
    error,
    fetched,
    partitions,
    query,
    recorded,
    rows,
    text,
    warned,
)
from loopback import Reply, Seen

from takeoff.core.errors import InputRefused, NotUnderstood, TryLater
from takeoff.vendors.itwin import client, models
from takeoff.vendors.itwin.plan import Options

FROM_FEED = Options(reader="odata")


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    yield found
    found.stop()


def test_fact_1_each_generation_is_asked_in_its_own_version(
    service: Service, tmp_path: Path
) -> None:
    asked(service, tmp_path, FROM_FEED)
    versions = {
        "/imodels": "v2",
        "/grouping-and-mapping": "v1",
        "/insights/reporting/reports": "v2",
    }
    for start, version in versions.items():
        accepted = {
            seen.headers["accept"] for seen in service.server.seen if seen.target.startswith(start)
        }
        assert accepted == {f"application/vnd.bentley.itwin-platform.{version}+json"}
    old = [s for s in service.server.seen if "/insights/reporting/datasources" in s.target]
    assert old == []
    [listed] = service.asked("GET /insights/reporting/reports")
    assert query(listed)["iTwinId"] == ITWIN
    assert "projectId" not in query(listed)


def test_fact_2_an_element_is_its_ecinstanceid_and_its_guid_must_be_mapped(
    service: Service, tmp_path: Path
) -> None:
    _, found = fetched(service, tmp_path)
    assert [
        (row["element_id"], row["ifc_guid"], row["ifc_guid_source"]) for row in found["elements"]
    ] == [
        ("0x20000000123", "0EZsySMZjCBPuG4QeYkpFC", "federation"),
        ("0x20000000124", "0EZsySMZjCBPuG4QeYkpFD", "federation"),
        ("0x20000000125", None, None),
        ("0x20000000200", None, None),
    ]


def test_fact_3_partially_succeeded_is_an_end_and_not_complete(
    service: Service, tmp_path: Path
) -> None:
    run = recorded("extraction.json")
    run["extraction"]["state"] = "PartiallySucceeded"
    service.set(f"GET {RUN}", as_json(run))
    service.set(f"POST {MAPPINGS}/extractions", as_json(run, 202))
    cdm = recorded("cdm.json")
    cdm["entities"] = cdm["entities"][:1]
    service.set(f"GET {CDM}", as_json(cdm))
    brought, found = fetched(service, tmp_path)
    assert brought.proof.kind == "none"
    assert "PartiallySucceeded" in brought.proof.detail
    assert "Group Concrete has no valid query." in brought.proof.detail
    assert brought.proof.detail.endswith(
        "there are no tables of Takeoff.Concrete, so what these groups hold is left out; correct "
        "them in Grouping and Mapping"
    )
    assert len(found["elements"]) == 3


def test_fact_3_a_run_in_part_with_a_table_of_every_group_may_lack_rows(
    service: Service, tmp_path: Path
) -> None:
    run = recorded("extraction.json")
    run["extraction"]["state"] = "PartiallySucceeded"
    service.set(f"GET {RUN}", as_json(run))
    service.set(f"POST {MAPPINGS}/extractions", as_json(run, 202))
    brought, _ = fetched(service, tmp_path)
    assert brought.proof.kind == "none"
    assert "every group has a table, but rows may be left out; look at" in brought.proof.detail


def test_fact_4_no_unit_travels_so_none_is_guessed(service: Service, tmp_path: Path) -> None:
    _, found = fetched(service, tmp_path)
    by_name = {row["source_name"]: row for row in found["quantities"] if row["element_no"] == 0}
    stated, calculated, unknown = (
        by_name[name] for name in ("NetVolume", "NetSideArea", "DoubleVolume")
    )
    assert (stated["unit_status"], stated["source_unit"], stated["unit"]) == ("own", "u:M3", "m3")
    assert (calculated["unit_status"], calculated["unit"]) == ("assumed", "m2")
    assert (unknown["unit_status"], unknown["value"], unknown["unit"]) == ("unknown", None, None)
    assert unknown["source_value"] == "2.5"
    assert "unit_unknown" in warned(found)


def test_fact_5_addresses_of_a_feed_are_read_again_before_each_table(
    service: Service, tmp_path: Path
) -> None:
    asked(service, tmp_path, FROM_FEED)
    order = [s.target for s in service.server.seen if s.target.startswith(ODATA)]
    tables = [
        place for place, target in enumerate(order) if "Takeoff_" in target and "?" not in target
    ]
    assert [order[place - 1] for place in tables] == [ODATA, ODATA]


def test_fact_5_tables_that_are_made_anew_meanwhile_are_all_read_again(
    service: Service, tmp_path: Path
) -> None:
    new = "7d0c0000-0001-4200-8000-00000000ffff"
    moved = text("odata_service.json").replace("7d0c0000-0001-4200-8000-000000000001", new)
    for name in ("Takeoff_Walls_ab12", "Takeoff_Concrete_cd34"):
        service.routes[f"GET {ODATA}/1/{new}/{name}"] = service.routes[f"GET {FEED}/{name}"]
    before = as_json(recorded("odata_service.json"))
    service.set(f"GET {ODATA}", before, before, Reply(body=moved.encode()))
    brought = asked(service, tmp_path, FROM_FEED)
    assert brought.proof.kind == "protocol_end"
    assert len(service.asked(f"GET {ODATA}/1/{new}/Takeoff_Walls_ab12")) == 1


def test_fact_5_tables_that_are_made_anew_again_and_again_are_refused(
    service: Service, tmp_path: Path
) -> None:
    numbers = iter(range(1000))

    def ever_new(seen: Seen) -> Reply:
        new = f"7d0c0000-0001-4200-8000-{next(numbers):012}"
        for name in ("Takeoff_Walls_ab12", "Takeoff_Concrete_cd34"):
            service.routes[f"GET {ODATA}/1/{new}/{name}"] = service.routes[f"GET {FEED}/{name}"]
        content = text("odata_service.json").replace("7d0c0000-0001-4200-8000-000000000001", new)
        return Reply(body=content.encode())

    service.set(f"GET {ODATA}", ever_new)
    with pytest.raises(NotUnderstood, match="extracted again while it was read"):
        asked(service, tmp_path, FROM_FEED)


def test_fact_6_the_address_of_the_feed_is_never_glued_together(
    service: Service, tmp_path: Path
) -> None:
    assert recorded("report.json")["report"]["_links"]["odata"]["href"].endswith("?api-version=v1")
    asked(service, tmp_path, FROM_FEED)
    [described] = service.asked(f"GET {ODATA}/$metadata")
    assert "?" not in described.target


def test_fact_7_a_mapping_that_was_skipped_is_told_from_success(
    service: Service, tmp_path: Path
) -> None:
    newer = recorded("mapping_extractions.json")
    newer["extractions"][0] |= {"changesetIndex": 5, "extractionId": "another"}
    service.set(f"GET {OF_MAPPING}/extractions", as_json(newer))
    service.set(f"POST {MAPPINGS}/extractions", as_json(recorded("extraction.json"), 202))
    with pytest.raises(NotUnderstood, match=r"skipped: changeset 4 was wanted.*changeset 5"):
        asked(service, tmp_path)
    [run] = service.asked(f"POST {MAPPINGS}/extractions")
    assert LATEST in run.body.decode()
    assert service.asked(f"GET {CDM}") == []


def test_fact_7_tables_that_are_missing_after_a_run_are_a_skip_too(
    service: Service, tmp_path: Path
) -> None:
    service.set(f"GET {CDM}", error(404, "ExtractionNotFound"))
    with pytest.raises(NotUnderstood, match=rf"{EXTRACTION} has no tables.*skipped"):
        asked(service, tmp_path)


@pytest.mark.parametrize(("count", "is_doubted"), [(99, False), (100, True), (101, False)])
def test_fact_8_a_table_of_exactly_100_rows_is_doubted(
    service: Service, tmp_path: Path, count: int, *, is_doubted: bool
) -> None:
    lines = [f"0x{number:x},,,,,,{number},CUB_M,,,,," for number in range(1, count + 1)]
    first, second = "\n".join(lines[:-1]), lines[-1]
    files = {**FILES, "Walls/part00000.csv": first, "Walls/part00001.csv": second}
    service.set(f"GET {CDM}/partitions", partitions(files))
    _, found = fetched(service, tmp_path)
    assert ("rows_capped" in warned(found)) == is_doubted
    if is_doubted:
        [said] = [row["text"] for row in found["warnings"] if row["code"] == "rows_capped"]
        assert "Takeoff.Walls has exactly 100 rows" in said


def test_fact_9_the_list_of_itwins_asks_for_all_and_doubts_one_that_ends_at_the_cap(
    service: Service,
) -> None:
    one = recorded("itwins.json")["iTwins"][0]
    page = {"iTwins": [{**one, "id": str(n)} for n in range(1000)], "_links": {"next": None}}
    service.set("GET /itwins/", as_json(page))
    with service.session() as session, pytest.raises(NotUnderstood, match="exactly 1,000"):
        client.models(session)
    [seen] = service.asked("GET /itwins/")
    assert seen.headers["x-max-return"] == "10000"
    with service.session() as session:
        [ref] = client.models(session, ITWIN)
    assert (ref.project_id, ref.model_id, ref.model_name) == (ITWIN, IMODEL, "Pier")


@pytest.mark.parametrize("count", [999, 1001])
def test_fact_9_pages_of_itwins_are_followed(service: Service, count: int) -> None:
    one = recorded("itwins.json")["iTwins"][0]
    ids = [str(n) for n in range(count)]

    def page(seen: Seen) -> Reply:
        at = int(query(seen).get("$skip", "0"))
        items = [{**one, "id": n} for n in ids[at : at + 400]]
        link = {"href": f"BASE/itwins/?$skip={at + 400}"} if at + 400 < count else None
        return as_json({"iTwins": items, "_links": {"next": link}})

    service.set("GET /itwins/", page)
    with service.session() as session:
        assert [one.id for one in models.itwins(session)] == ids


def test_fact_10_the_baseline_is_null_here_and_empty_text_there(
    service: Service, tmp_path: Path
) -> None:
    service.set(f"GET /imodels/{IMODEL}/changesets", as_json({"changesets": [], "_links": {}}))
    created = {
        "state": "successful",
        "clonedFrom": {"iModelId": "other", "changesetId": ""},
        "forkedFrom": None,
    }
    service.set(f"GET /imodels/{IMODEL}/operations/create", as_json({"createOperation": created}))
    runs = recorded("mapping_extractions.json")
    runs["extractions"][0]["changesetIndex"] = 0
    service.set(f"GET {OF_MAPPING}/extractions", as_json({"extractions": []}), as_json(runs))
    service.set(f"POST {MAPPINGS}/extractions", as_json(recorded("extraction.json"), 202))
    with service.session() as session:
        version = client.version(session, REF)
    assert (version.kind, version.label) == ("changeset", "Start")
    assert str(version.value).startswith("baseline;mappings=")
    brought = asked(service, tmp_path)
    assert brought.version == version
    assert brought.lineage == {"cloned_from": "other"}
    [run] = service.asked(f"POST {MAPPINGS}/extractions")
    assert b"changesetId" not in run.body


@pytest.mark.parametrize("code", ["RateLimitExceeded", "TooManyRequests"])
def test_fact_11_both_codes_of_429_are_waited_for(
    service: Service, tmp_path: Path, code: str
) -> None:
    for header in ("Retry-After", "iTwinPlatform-RateLimit-Retry-After-Seconds"):
        service.set(
            f"GET {MAPPINGS}",
            error(429, code, **{header: "7"}),
            as_json(recorded("mappings.json")),
        )
        asked(service, tmp_path / header)
        assert max(service.clock.slept) >= 7
        service.clock.slept.clear()


def test_fact_11_a_limit_that_lasts_gives_up_with_its_code(
    service: Service, tmp_path: Path
) -> None:
    service.set(f"GET {MAPPINGS}", error(429, "TooManyRequests", **{"Retry-After": "1"}))
    with pytest.raises(TryLater, match="TooManyRequests"):
        asked(service, tmp_path)


def test_an_imodel_without_mappings_says_how_to_make_one(service: Service, tmp_path: Path) -> None:
    service.set(f"GET {MAPPINGS}", as_json({"mappings": [], "_links": {}}))
    with pytest.raises(InputRefused, match=r"no mapping.*Grouping and Mapping.*create_mapping"):
        asked(service, tmp_path)
    assert MAPPING not in "".join(seen.target for seen in service.server.seen)
    with pytest.raises(NotUnderstood):
        rows(tmp_path)
