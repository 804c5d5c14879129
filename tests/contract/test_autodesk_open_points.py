"""Whatever Autodesk's contract leaves open is tried in every form that it lists: the same rows.

What cannot be the same rows - a refusal, a wait, another kind of file - is tried by itself.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from autodesk_building import (
    LEVEL_NAME,
    UNIQUE_ID,
    Asker,
)
from autodesk_fetches import (
    AUTODESK,
    Fetches,
    contract,
    same_sizes,
    served,
    usual_rows,
    wall,
)
from both_ways import Tables, hurry, settings, tables
from vendors_under_test import attempt, products, rows_of

from takeoff.core.errors import TryLater, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.core.refs import SourceVersion
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.jobs.fetch import Fetched
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.sandbox.autodesk import SWITCHES as AUTODESK_SWITCHES
from takeoff.vendors.autodesk import calls, client
from takeoff.vendors.autodesk.ids import is_version_urn
from takeoff.vendors.autodesk.paths import INDEXES
from takeoff.vendors.autodesk.query import (
    Query,
    aggregate,
    count,
    greater,
    is_drawn,
)
from takeoff.vendors.autodesk.query import column as path_of

# Values that the model is shown in; what they are in SI stands beside them.
SHOWN = ("source_value", "source_unit", "ordinal")


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


def without(table: str, *columns: str) -> Callable[[Tables], Tables]:
    """The rows without what a form of the wire says otherwise."""

    def less(rows: Tables) -> Tables:
        kept = [
            {name: value for name, value in row.items() if name not in columns}
            for row in rows[table]
        ]
        return {**rows, table: sorted(kept, key=repr)}

    return less


# What the contract leaves open, in all the forms that it lists.


@dataclass(frozen=True)
class Open:
    """`quote` is of the contract; `switch` is turned to each of its `forms`, beside `also`.

    `less` takes out of both sides what these forms do not say.
    """

    quote: str
    switch: str
    forms: str
    less: Callable[[Tables], Tables] = field(default=lambda rows: rows)
    also: dict[str, str] = field(default_factory=dict)

    def cases(self) -> Iterator[Any]:
        for form in self.forms.split():
            yield pytest.param(self, form, id=f"{self.switch}={form}")


def _in_si(rows: Tables) -> Tables:
    """Figures by what they are; levels and numbers in display units left out."""
    figures = without("quantities", *SHOWN, "value", "value_exact")(rows)
    numbers = [row for row in figures["properties"] if row["value_kind"] != "number"]
    levels = without("elements", "storey_elevation_m")(figures)
    return without("locations", "elevation_m")({**levels, "properties": numbers})


def _without_guids(rows: Tables) -> Tables:
    """GUIDs that are derived are the same; only the field itself is another, or missing."""
    products = [row for row in rows["elements"] if row["role"] != "type"]
    left = [row for row in rows["properties"] if row["name"] != "IfcGUID"]
    bare = without("elements", "ifc_guid_source")({**rows, "elements": products})
    return without("properties", "ordinal")({**bare, "properties": left})


LINKS = {"autodesk_download": "303"}
TRIED = (
    Open("Accept `{\"indexes\":[…]}` **and** a bare array", "autodesk_batch", "object array"),
    Open("`PROCESSING`, `FINISHED`, `FAILED` (+ `RUNNING` seen)", "autodesk_working",
         "PROCESSING RUNNING QUEUED PENDING", also={"polls": "3"}),
    Open("Timestamps come as", "autodesk_times", "long short"),
    Open("`retryAt` = suggested time of the next poll", "autodesk_retry_at",
         "soon past missing broken"),
    Open("Exact header and age **U**", "autodesk_unset", "null absent"),
    Open("| Exact cache header, 200 vs 303 choice, header of storage answer | U |",
         "autodesk_download", "enc raw 303 plain"),
    Open("| Exact cache header, 200 vs 303 choice, header of storage answer | U |",
         "link", "good chain expired_once", also=LINKS),
    Open("| Exact cache header, 200 vs 303 choice, header of storage answer | U |",
         "autodesk_charset", "utf-8 none latin-1", also={"autodesk_download": "plain"}),
    Open("`status`: `Succeeded|Failed|Running` (another page lists", "autodesk_manifest",
         "words capitals"),
    Open("`databaseId` on the wire, `dbId` in the reference table", "autodesk_database_id",
         "databaseId dbId"),
    Open("Extent comes in three spellings", "autodesk_bbox", "bbox points arrays none"),
    Open("have different `lineageId`s", "autodesk_lineage", "stable changing"),
    Open("Numbers may arrive quoted", "autodesk_numbers", "plain quoted"),
    Open("| Numeric rate limit | U |", "fault", "429_seconds 429_date 429_none",
         also={"fault_at": "autodesk_properties", "fault_count": "2"}),
    Open("| Answer for expired/unknown index on downloads | U", "autodesk_expired", "never once"),
    Open("| Answer for expired/unknown index on downloads | U", "autodesk_expired_status",
         "404 410", also={"autodesk_expired": "once"}),
    Open("| `uom` copied as Forge unit id | I |", "autodesk_units", "metric imperial mixed",
         _in_si),
    Open("Prefer the field (`IFC Parameters`, `IfcGUID`) when present", "autodesk_ifc_guid",
         "field none junk", _without_guids),
    Open("Gateway errors have another shape", "autodesk_errors", "api gateway reason html",
         also={"fault": "503", "fault_at": "autodesk_job"}),
    Open("`page[limit]` ≤ 200", "autodesk_page_limit", "1 2 200"),
    Open("query results print Ion-style numbers", "autodesk_result_numbers", "ion plain"),
)  # fmt: skip
# What no row of a fetch depends on, or what must not end in the same rows; where it is tried.
ELSEWHERE = {
    "= unknown: use the": "says what the tags mean",
    "| Hash behind field keys | U |": "test_fact_10: keys of another language are others",
    "Hash function **U**": "test_fact_10: keys of another language are others",
    "| Bad query: 400 or FAILED | U |": "test_a_bad_query_is_refused_at_once_or_fails",
    "whether it is 400 at POST or a FAILED job is **U**": "the same",
    "| Same query → same `queryId` | I": "test_a_query_may_get_another_id",
    "| Field `name` for IFC/NWC: internal or display name | U |": "test_autodesk_decode",
    "IFC via newer converters: **U**": "test_a_globalid_is_found_wherever_it_stands",
    "with which status a 2-legged token is refused is U": "test_an_apps_own_token_is_told",
    "What a GET on an expired id answers is **U**": "autodesk_expired",
    "Numeric limit for this API **U**": "fault",
}
# Forms that are faults or other models rather than choices, and where they are tried.
FAULTY = {
    "autodesk_failed": {"none", "index", "query", "diff"},
    "autodesk_expired": {"always"},
    "autodesk_rows": {"all", "short"},
    "autodesk_language": {"en", "de"},
    "autodesk_source": {"rvt", "ifc"},
    "autodesk_region": {"any", "US", "EMEA"},
    "autodesk_two_legged": {"401", "403"},
    "autodesk_hubs": {"all", "none"},
    "autodesk_bad_query": {"400", "failed"},
    "autodesk_retry_s": {"1"},
    "autodesk_service_key": {""},
}


@pytest.mark.parametrize(("one", "form"), [case for one in TRIED for case in one.cases()])
def test_the_rows_are_the_same_in_every_form(
    one: Open, form: str, fetches: Fetches, usual: Tables
) -> None:
    came = fetches.rows(**{one.switch: form, **one.also})
    assert one.less(came) == one.less(usual)


def test_every_form_that_the_sandbox_knows_is_tried() -> None:
    tried = defaultdict(set, {name: set(forms) for name, forms in FAULTY.items()})
    for one in TRIED:
        tried[one.switch] |= set(one.forms.split())
        for name, form in one.also.items():
            tried[name].add(form)
    for switch in AUTODESK_SWITCHES:
        wanted = set(switch.values) if switch.form == "word" else {switch.default}
        assert wanted <= tried[switch.name], switch.name


def test_every_open_point_of_the_contract_is_in_the_table() -> None:
    text = contract()
    quotes = [one.quote for one in TRIED] + list(ELSEWHERE)
    assert [quote for quote in quotes if quote not in text] == []
    points = text.partition("## 13. Open points")[2].partition("## Sources")[0]
    lines = [line for line in points.splitlines() if re.search(r"\| (U|I)\b", line)]
    assert len(lines) == 8
    lines += [line for line in text.splitlines() if "**U**" in line or "is U" in line]
    assert [line for line in lines if not any(quote in line for quote in quotes)] == []


@pytest.mark.parametrize("form", ["400", "failed"])
def test_a_bad_query_is_refused_at_once_or_fails(
    fetches: Fetches, tmp_path: Path, form: str
) -> None:
    fetches.turn(autodesk_bad_query=form, polls="1")
    asker, project = fetches.asker, fetches.asker.ref.project_id
    job = asker.index()
    bad = Query(greater(aggregate("$sum", path_of("s.svf2Id")), 0))
    with pytest.raises(VendorRefused):
        calls.run_query(asker.session, project, INDEXES, job["indexId"], bad, tmp_path / "rows")


def test_a_query_that_fails_is_no_empty_result(fetches: Fetches, tmp_path: Path) -> None:
    fetches.turn(autodesk_failed="query")
    asker, project = fetches.asker, fetches.asker.ref.project_id
    job = asker.index()
    wanted, into = Query(is_drawn()), tmp_path / "rows"
    with pytest.raises(VendorRefused, match="failed"):
        calls.run_query(asker.session, project, INDEXES, job["indexId"], wanted, into)
    assert not into.exists()


def test_a_query_may_get_another_id(fetches: Fetches, tmp_path: Path) -> None:
    """Whatever id it gets is the one that is asked for."""
    fetches.turn(polls="1")
    asker, project = fetches.asker, fetches.asker.ref.project_id
    job = asker.index()
    wanted = Query(is_drawn(), {"rows": count(path_of("s.svf2Id"))})
    for name in ("one", "two"):
        calls.run_query(asker.session, project, INDEXES, job["indexId"], wanted, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").read_bytes()


@pytest.mark.parametrize("units", ["metric", "imperial"])
def test_a_globalid_is_found_wherever_it_stands(
    fetches: Fetches, usual: Tables, units: str
) -> None:
    """In a file of IFC externalId is a path, and the GlobalId a property."""
    rows = fetches.rows(autodesk_source="ifc", autodesk_units=units)
    assert {row["element_id"] for row in products(rows)}.isdisjoint(
        row["element_id"] for row in products(usual)
    )
    assert {row["ifc_guid"] for row in products(rows)} == {
        row["ifc_guid"] for row in products(usual)
    }
    assert wall(rows)["storey_name"] == LEVEL_NAME
    assert same_sizes(rows, usual)


@pytest.mark.parametrize("status", ["401", "403"])
def test_an_apps_own_token_is_told(fetches: Fetches, status: str) -> None:
    """A token without a user may list, but not index; the words say which one is needed."""
    fetches.turn(autodesk_two_legged=status)
    told = fetches.asker.running.at("autodesk").told
    pair = (told["service_client_id"], told["service_client_secret"])
    form = {"grant_type": "client_credentials", "scope": "data:read"}
    answer = fetches.asker.raw("POST", "/authentication/v2/token", data=form, auth=pair, headers={})
    token = answer.json()["access_token"]
    service = fetches.asker.running.at("autodesk")
    with Session(service.base_url, Bearer(token), name=client.NAME, hints=client.HINTS) as session:
        assert client.models(session)
        with pytest.raises(VendorRefused, match="three-legged"):
            calls.job(session, fetches.asker.ref.project_id, INDEXES, "any")


def test_an_account_that_does_not_know_the_app_is_told(fetches: Fetches) -> None:
    outcome = fetches.outcome(autodesk_hubs="none")
    assert isinstance(outcome, VendorRefused)
    assert "Unable to get hubs" in str(outcome)
    assert "client id" in str(outcome)


@pytest.mark.parametrize("region", ["US", "EMEA"])
def test_a_region_is_passed_through(fetches: Fetches, tmp_path: Path, region: str) -> None:
    """URNs of both regions are version URNs; a wrong region looks like nothing found."""
    fetches.turn(autodesk_region=region, polls="0")
    asker = fetches.asker
    urn = asker.urns()[-1]
    assert is_version_urn(urn)
    assert ("wipemea" in urn) == (region == "EMEA")
    handling = calls.Handling(region)
    project, versions = asker.ref.project_id, [calls.Version(urn)]
    [job] = calls.indexes(asker.session, project, versions, handling)
    assert calls.job(asker.session, project, INDEXES, job.id, handling).state == "ready"
    other = calls.Handling("US" if region == "EMEA" else "EMEA")
    with pytest.raises(VendorRefused, match="region"):
        calls.job(asker.session, project, INDEXES, job.id, other)


def test_the_wait_is_what_the_server_names_by_its_own_clock(fetches: Fetches) -> None:
    """Ours may be off; a time that has passed says nothing about the job."""
    before = fetches.asker.session.clock.monotonic()
    fetches.turn(autodesk_retry_s="20", polls="3")
    asker, project = fetches.asker, fetches.asker.ref.project_id
    [job] = calls.indexes(asker.session, project, [calls.Version(asker.urns()[-1])])
    assert job.wait_s == pytest.approx(20, abs=2)
    fetches.turn(autodesk_retry_at="past", polls="3")
    [job] = calls.indexes(asker.session, project, [calls.Version(asker.urns()[-1])])
    assert job.wait_s is None or job.wait_s < 1
    assert asker.session.clock.monotonic() >= before


def test_a_job_that_never_ends_is_given_up(fetches: Fetches) -> None:
    assert isinstance(fetches.outcome(operation="hung"), TryLater)


def test_an_index_that_is_gone_for_good_is_asked_for_twice(fetches: Fetches) -> None:
    assert isinstance(fetches.outcome(autodesk_expired="always"), VendorRefused)
    posted = [path for path in fetches.paths() if path.endswith(":batch-status")]
    assert len(posted) == 2


def test_what_has_changed_since_is_stated_by_the_service(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version that the lake has is the one that a new one is compared with."""
    hurry(monkeypatch)
    fetches = Fetches(asker, tmp_path)
    earlier = SourceVersion("version_urn", asker.urns()[0], "version 1")
    with monkeypatch.context() as patch:
        for place in ("client.version", "asking.newest_version"):
            patch.setattr(f"takeoff.vendors.autodesk.{place}", lambda session, ref: earlier)
        first = fetches.rows()
    assert first["changes_stated"] == []
    outcome = attempt(fetches.lake, asker.running, AUTODESK)
    assert isinstance(outcome, Fetched), outcome
    rows = rows_of(fetches.lake, outcome)
    changed = {row["element_id"]: row for row in rows["changes_stated"]}
    assert changed[UNIQUE_ID]["change"] == "changed"
    assert (changed[UNIQUE_ID]["old_version"], changed[UNIQUE_ID]["new_version"]) == tuple(
        asker.urns()
    )
    assert sorted(json.loads(changed[UNIQUE_ID]["property_names"])) == [
        "Dimensions.Volume",
        "Pset_WallCommon.FireRating",
    ]
    changes = {row["change"] for row in rows["changes_stated"]}
    assert changes == {"added", "removed", "changed"}


def test_what_cannot_be_compared_is_said_and_no_reason_to_fail(
    asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    fetches = Fetches(asker, tmp_path)
    fetches.turn(autodesk_failed="diff")
    old, new = asker.urns()
    options = ModelOptions(asking={"previous_version": old})
    [outcome] = fetch_models(
        settings(fetches.lake, asker.running, "autodesk"), "autodesk", options, Quiet()
    )
    assert outcome.snapshot is not None, outcome.error
    assert outcome.snapshot.source_version.value == new
    warnings = tables(fetches.lake, outcome.snapshot, ["warnings"])["warnings"]
    [said] = [row for row in warnings if row["code"] == "changes_missing"]
    assert "The translation of the file failed." in said["text"]
