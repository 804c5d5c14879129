"""The eleven facts of the contract's section 0, each through the whole way: a fetch from a sandbox
that is told to behave so, and the same asked over raw HTTP where the wire itself is the fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from itwin_asking import MAPPINGS, Asker, serving
from qonic_building import SLABS, WALLS, building
from small_lakes import Model
from vendors_under_test import products, walls

from takeoff.core.errors import InputRefused, NotUnderstood, VendorRefused
from takeoff.sandbox import Running
from takeoff.vendors.itwin import client, grouping, models, old, reports

COUNT = WALLS + SLABS
FEED = {"reader": "odata"}
V1, V2 = (f"application/vnd.bentley.itwin-platform.v{version}+json" for version in (1, 2))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """The building in two states."""
    building().commit(tmp_path / "served")
    changed = building()
    changed.add("0newWall00000000000000", ifc_class="Wall").figure("NetVolume", "1")
    changed.commit(tmp_path / "served")
    with serving(tmp_path / "served") as sandbox:
        yield sandbox


@pytest.fixture
def asker(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asker]:
    found = Asker(running, tmp_path, monkeypatch)
    with found.session:
        yield found


def served(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asker:
    model.commit(tmp_path / "other")
    return Asker(serving(tmp_path / "other"), tmp_path, monkeypatch)


def test_fact_1_two_generations_of_the_reporting_api_are_live(asker: Asker) -> None:
    asker.rows(FEED)
    asked = [one.path for one in asker.running.seen() if "/insights/reporting/reports?" in one.path]
    assert asked
    assert all("iTwinId=" in path and "projectId" not in path for path in asked)
    assert not any("/insights/reporting/datasources" in one.path for one in asker.running.seen())
    for version, key in ((V1, "project"), (V2, "iTwin")):
        listed = asker.json(
            "/insights/reporting/reports",
            params={"iTwinId": asker.itwin},
            headers={"Accept": version},
        )
        assert set(listed["reports"][0]["_links"]) == {key, "odata"}
    new, before = grouping.mappings(asker.session, asker.imodel), old.mappings
    assert before(asker.session, asker.imodel) == new
    groups = {one.name for one in grouping.groups(asker.session, new[0].id)}
    assert {one.name for one in old.groups(asker.session, asker.imodel, new[0].id)} == groups


def test_fact_2_elements_go_by_model_and_instance_id_and_a_guid_must_be_mapped(
    asker: Asker,
) -> None:
    bare = grouping.create_mapping(asker.session, asker.imodel, "Bare")
    query = "SELECT ECInstanceId, ECClassId, UserLabel FROM bis.Element"
    grouping.create_group(asker.session, bare.id, "Everything", query)
    mapped, unmapped = (asker.rows({"mappings": name}) for name in ("Takeoff", "Bare"))
    assert {row["element_id"] for row in unmapped["elements"]} == {
        row["element_id"] for row in mapped["elements"]
    }
    assert all(re.fullmatch("0x[0-9a-f]+", row["element_id"]) for row in mapped["elements"])
    assert {row["ifc_guid"] for row in unmapped["elements"]} == {None}
    assert {row["ifc_guid_source"] for row in products(mapped)} == {"federation"}
    assert {row["model_id"] for row in mapped["elements"]} == {asker.imodel}


def test_fact_3_partially_succeeded_is_an_end_and_not_complete(asker: Asker) -> None:
    asker.turn(itwin_extracted="no", itwin_extraction="PartiallySucceeded")
    outcome = asker.attempt()
    assert isinstance(outcome.error, NotUnderstood)
    told = str(outcome.error)
    assert "ended as PartiallySucceeded (" in told
    assert "The query was broken off." in told
    assert "no tables of Takeoff.WallType, so what these groups hold is left out; correct" in told
    assert told.endswith("fetch again, or allow it with --allow-unproved. Nothing was committed.")
    snapshot = asker.snapshot(proved=False)
    assert snapshot.proof.kind == "none"
    assert "PartiallySucceeded" in snapshot.proof.detail
    assert snapshot.rows("elements") > COUNT


def test_fact_3_fetching_again_extracts_again_what_came_in_part(asker: Asker) -> None:
    """The group was corrected meanwhile, of which neither mapping nor version say anything."""
    asker.turn(itwin_extracted="no", itwin_extraction="PartiallySucceeded")
    first = asker.snapshot(proved=False, lake="again", force=False)
    assert not asker.attempt(proved=False, lake="again", force=False).is_new
    assert isinstance(asker.attempt(lake="again", force=False).error, NotUnderstood)
    asker.running.turn(itwin_extraction="Succeeded")
    second = asker.snapshot(lake="again", force=False)
    assert (first.proof.kind, second.proof.kind) == ("none", "protocol_end")
    assert second.lineage["revision_of"] == first.snapshot_id
    assert not asker.attempt(lake="again", force=False).is_new


def test_fact_4_no_unit_is_on_the_wire(asker: Asker) -> None:
    """Without a formula that tells it a figure has its number, and no value."""
    without = asker.rows(itwin_units="none")["quantities"]
    mapped = [row for row in without if row["basis"] == "authored"]
    assert mapped
    assert {(row["value"], row["unit"], row["unit_status"]) for row in mapped} == {
        (None, None, "unknown")
    }
    assert all(row["source_value"] for row in mapped)
    unknown = asker.rows(itwin_units="unknown")["quantities"]
    assert {row["source_unit"] for row in unknown if row["basis"] == "authored"} == {"u:HOUSE_UNIT"}
    assert {row["value"] for row in unknown if row["basis"] == "authored"} == {None}


def test_fact_4_what_the_service_calculates_is_assumed_to_be_in_metres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model("body").add("0body00000000000000000").figure("NetVolume", "2.5", "computed")
    asker = served(model, tmp_path, monkeypatch)
    with asker.running, asker.session:
        [row] = asker.rows(itwin_calculated_unit="null")["quantities"]
    assert (row["value"], row["unit"], row["unit_status"]) == (2.5, "m3", "assumed")
    assert row["basis"] == "vendor_calculated"


def test_fact_5_addresses_of_a_feed_hold_until_the_next_extraction(asker: Asker) -> None:
    [report] = reports.reports(asker.session, asker.itwin)
    [before, *_] = reports.service(asker.session, report.id)
    path = f"/insights/reporting/odata/{report.id}"
    assert asker.raw("GET", f"{path}/{before.url}").status_code == 200
    usual = asker.rows(FEED)
    run = grouping.run_extraction(asker.session, asker.imodel, [asker.mapping])
    while grouping.extraction(asker.session, run.id).state != "ready":
        pass
    assert asker.raw("GET", f"{path}/{before.url}").status_code == 404
    assert asker.rows(FEED) == usual


def test_fact_6_the_link_to_a_feed_may_carry_a_query(asker: Asker) -> None:
    usual = asker.rows(FEED)
    assert asker.rows(FEED, itwin_odata_query="yes") == usual
    [report] = reports.reports(asker.session, asker.itwin)
    assert (report.odata_url or "").endswith("?api-version=v1")
    assert all("%3F" not in one.path and "?/" not in one.path for one in asker.running.seen())


def test_fact_7_what_was_not_extracted_can_look_like_success(asker: Asker) -> None:
    asker.turn(itwin_extracted="no", itwin_extraction="skipped")
    outcome = asker.attempt()
    assert isinstance(outcome.error, NotUnderstood)
    assert "was skipped: changeset 2 was wanted" in str(outcome.error)


def test_fact_7_nothing_older_is_extracted_after_something_newer(asker: Asker) -> None:
    asker.turn()
    outcome = asker.attempt({"changeset": "1"})
    assert isinstance(outcome.error, NotUnderstood)
    assert "it has tables of changeset 2 at best" in str(outcome.error)


def test_the_oldest_version_first_can_be_extracted(asker: Asker) -> None:
    asker.turn(itwin_extracted="no")
    lengths = []
    for name in ("1", "2"):
        snapshot = asker.snapshot({"changeset": name}, lake="both")
        lengths.append(snapshot.rows("elements"))
    assert lengths[1] == lengths[0] + 1


def test_fact_8_a_table_of_exactly_100_rows_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = served(walls(250), tmp_path, monkeypatch)
    with asker.running, asker.session:
        asker.turn(itwin_capped="yes")
        snapshot = asker.snapshot()
    said = [text for code, text in asker.warnings(snapshot) if code == "rows_capped"]
    assert snapshot.rows("elements") == 100 + 84
    assert [text.split(" has ")[0] for text in said] == ["The table Takeoff.Wall"]


@pytest.mark.slow
def test_fact_9_the_list_of_itwins_ends_silently(asker: Asker) -> None:
    asker.turn(itwin_more_itwins="1500")
    assert len(asker.json("/itwins", params={"$top": 1000})["iTwins"]) == 1000
    assert len(models.itwins(asker.session)) == 1501
    asker.turn(itwin_more_itwins="10000")
    with pytest.raises(NotUnderstood, match="ends at exactly 10,000"):
        client.models(asker.session)
    assert [ref.model_id for ref in client.models(asker.session, asker.itwin)] == [asker.imodel]
    assert asker.snapshot().rows("elements") > COUNT


def test_fact_10_the_baseline_is_null_here_and_empty_there(asker: Asker) -> None:
    asker.turn(itwin_first="baseline")
    listed = asker.json(
        f"/imodels/{asker.imodel}/namedversions", headers={"Prefer": "return=representation"}
    )["namedVersions"]
    assert [(one["changesetId"], one["changesetIndex"]) for one in listed][0] == (None, 0)
    first = models.Version(changeset_id="")
    copy = models.clone(asker.session, asker.imodel, asker.itwin, version=first, name="copy")
    assert models.wait_created(asker.session, copy.imodel_id).cloned_from is not None
    shown = asker.json(f"/imodels/{copy.imodel_id}/operations/create")["createOperation"]
    assert shown["clonedFrom"] == {"iModelId": asker.imodel, "changesetId": ""}
    snapshot = asker.snapshot({"create_mapping": "true"}, imodel=copy.imodel_id)
    assert snapshot.lineage == {"cloned_from": asker.imodel}
    assert str(snapshot.source_version.value).startswith("baseline;mappings=")


@pytest.mark.parametrize("is_fork", [False, True])
def test_a_copy_knows_what_it_was_made_of_and_is_served_so_again(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_fork: bool
) -> None:
    begin = models.fork if is_fork else models.clone
    copy = begin(asker.session, asker.imodel, asker.itwin, name="copy")
    made = models.wait_created(asker.session, copy.imodel_id)
    source = made.forked_from if is_fork else made.cloned_from
    assert source is not None
    snapshot = asker.snapshot({"create_mapping": "true"}, imodel=copy.imodel_id, lake="copies")
    kind = "forked_from" if is_fork else "cloned_from"
    wanted = {kind: asker.imodel, f"{kind}_changeset": source.changeset_id}
    if is_fork:
        wanted[f"{kind}_relationship"] = source.relationship_id
    assert snapshot.lineage == wanted
    again = Asker(serving(tmp_path / "copies"), tmp_path, monkeypatch)
    with again.running, again.session:
        assert again.imodel == copy.imodel_id
        assert again.snapshot().lineage == wanted
        assert models.creation(again.session, again.imodel) == made


@pytest.mark.parametrize("word", ["mainIModel", "source"])
def test_a_fork_may_want_guids_that_the_main_model_lacks(asker: Asker, word: str) -> None:
    asker.turn(itwin_create_operation=f"{word}IsMissingFederationGuids")
    copy = models.fork(asker.session, asker.imodel, asker.itwin, name="copy")
    with pytest.raises(VendorRefused, match="IsMissingFederationGuids: elements of the main"):
        models.wait_created(asker.session, copy.imodel_id)


@pytest.mark.parametrize(
    "code",
    [
        "RateLimitExceeded",
        pytest.param("TooManyRequests", marks=pytest.mark.slow),
        pytest.param("ResourceQuotaExceeded", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    "place",
    [
        "itwin_versions",
        "itwin_run",
        pytest.param("itwin_groups", marks=pytest.mark.slow),
        pytest.param("itwin_partition", marks=pytest.mark.slow),
    ],
)
def test_fact_11_every_code_of_429_is_waited_for(asker: Asker, code: str, place: str) -> None:
    usual = asker.rows(itwin_extracted="no")
    spoiled = {"itwin_429": code, "fault": "429_seconds", "fault_at": place, "fault_count": "2"}
    assert asker.rows(itwin_extracted="no", **spoiled) == usual
    assert [one.status for one in asker.running.seen()].count(429) == 2


def test_a_model_is_fetched_again_once_its_mapping_has_changed(asker: Asker) -> None:
    first = asker.snapshot(lake="one", force=False)
    assert asker.snapshot(lake="one", force=False) == first
    mapping = asker.mapping
    [group, *_] = grouping.groups(asker.session, mapping)
    grouping.update_group(asker.session, mapping, group.id, description="seen")
    second = asker.snapshot(lake="one", force=False)
    assert second.snapshot_id != first.snapshot_id
    assert second.source_version.label == first.source_version.label
    changesets = {one.source_version.value.partition(";")[0] for one in (first, second)}
    assert len(changesets) == 1
    assert asker.snapshot(lake="one", force=False).snapshot_id == second.snapshot_id


def test_a_version_that_is_named_is_fetched_though_the_latest_is_there(asker: Asker) -> None:
    asker.turn(itwin_extracted="no")
    latest = asker.snapshot({"changeset": "1"}, lake="one", force=False)
    newer = asker.snapshot(lake="one", force=False)
    assert newer.rows("elements") == latest.rows("elements") + 1


def test_a_mapping_that_there_is_not_is_named_with_those_that_there_are(asker: Asker) -> None:
    outcome = asker.attempt({"mappings": "Other"})
    assert isinstance(outcome.error, InputRefused)
    assert f"no mapping 'Other'; it has: {asker.mapping} (Takeoff)" in str(outcome.error)


def test_nothing_is_extracted_that_is_there_and_all_that_is_not(asker: Asker) -> None:
    for extracted, runs in (("yes", 0), ("no", 1)):
        asker.rows(itwin_extracted=extracted)
        started = [
            one
            for one in asker.running.seen()
            if (one.method, one.path) == ("POST", f"{MAPPINGS}/extractions")
        ]
        assert len(started) == runs
