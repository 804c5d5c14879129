"""The client against the sandbox: pages, resume, operations, what may be lacking."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from qonic_served import (
    QUICK,
    Folder,
    Serve,
    asked,
    decoded,
    documents,
    fetched,
    rows,
    session,
    turned,
    walls,
)

from takeoff.core.errors import InputRefused, NotUnderstood, TryLater, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.core.refs import Document, ModelRef, Proof
from takeoff.http.clock import Clock
from takeoff.http.messages import Limits
from takeoff.http.operations import Patience
from takeoff.http.pages import TotalMoved
from takeoff.http.session import Session
from takeoff.lake.journal import Journal
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors.qonic import calculations, client, endpoints, paths
from takeoff.vendors.qonic.calculations import Begun, Calculation
from takeoff.vendors.qonic.paths import CALCULATORS

COUNT = 25


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("qonic") / "lake"
    walls(COUNT).commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


@pytest.fixture
def serve(running: Running) -> Serve:
    return partial(turned, running)


@pytest.mark.parametrize(
    "switches",
    [
        {"page_limit": "10"},
        {"page_limit": "5"},
        {"page_limit": "25"},
        {"page_limit": "1"},
        {"page_limit": "10", "total": "absent"},
        {"page_limit": "10", "rows": "repeated"},
        {"page_limit": "10", "rows": "repeated", "total": "absent"},
        {"page_limit": "10", "total": "grows_once"},
        {"total": "grows_once"},
        {"paging_keys": "result"},
        {"available_limit": "2"},
        {"available_keys": "fields"},
        {"property": "lower"},
        {"values": "text"},
        {"unset": "empty"},
        {"unset": "missing"},
        {"classes": "prefixed"},
        {"code": "guid"},
        {"ids": "text"},
        {"operation": "unknown_state"},
        {"operation_keys": "few"},
        {"redirect_code": "307"},
        {"link": "expired_once"},
        {"link": "chain"},
        {"result_coding": "gzip"},
        {"uncomputed": "left_out"},
        {"framing": "gzip_chunked"},
    ],
    ids=str,
)
def test_whatever_the_service_leaves_open_the_model_is_complete(
    serve: Serve, tmp_path: Path, switches: dict[str, str]
) -> None:
    got, found = fetched(serve(**switches), tmp_path)
    assert got.proof.kind in ("stated_total", "protocol_end")
    assert len(found["elements"]) == COUNT
    assert [row["element_no"] for row in found["elements"]] == list(range(COUNT))
    volumes = [r["value_exact"] for r in found["quantities"] if r["quantity"] == "NetVolume"]
    areas = [r["value_exact"] for r in found["quantities"] if r["origin"] == "dynamic"]
    assert (len(volumes), sum(volumes)) == (COUNT, sum(range(COUNT)) + COUNT / 4)
    assert (len(areas), sum(areas)) == (COUNT, COUNT * 1.5)
    assert Counter(row["system"] for row in found["codes"]) == {"NL-SfB": COUNT, "Omni": COUNT}
    assert {row["ifc_class"] for row in found["elements"]} == {"Wall", "Slab"}
    stated = [row for row in found["control_totals"] if row["quantity"] == "Count"]
    counts = {row["filter"]: row["value"] for row in stated}
    assert len(counts) == len(stated)
    assert counts[None] == COUNT
    assert sum(value for asked_for, value in counts.items() if asked_for) == COUNT


@pytest.mark.parametrize("rows", ["short", "lost"])
def test_where_no_total_is_stated_as_many_must_come_as_the_service_counts(
    serve: Serve, tmp_path: Path, rows: str
) -> None:
    got, found = fetched(serve(page_limit="10", total="absent", rows=rows), tmp_path)
    came = len(found["elements"])
    said = f"products: no total is stated, {came} came, and the service's own Count is {COUNT}"
    assert came == COUNT - 1
    assert got.proof == Proof("none", said)


@pytest.mark.parametrize(
    "switches",
    [
        {"page_limit": "10", "rows": "short"},
        {"page_limit": "10", "rows": "lost"},
        {"page_limit": "10", "rows": "ignored"},
        {"page_limit": "10", "rows": "ignored", "total": "absent"},
        {"rows": "ignored", "total": "absent"},
        {"page_limit": "10", "total": "moving"},
        {"total": "moving"},
        {"quantities_shape": "unknown"},
        {"dynamic_shape": "unknown"},
        {"fault": "html"},
        {"fault": "redirect_loop"},
        {"link": "loop"},
    ],
    ids=str,
)
def test_what_is_not_complete_or_not_understood_is_refused(
    serve: Serve, tmp_path: Path, switches: dict[str, str]
) -> None:
    with pytest.raises(NotUnderstood):
        fetched(serve(**switches), tmp_path)


def test_a_field_list_that_ends_early_leaves_the_fetch_unproved(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The field names are proved, too: without one of them all its values would be missing."""
    sandbox = serve()
    look = client.glance.at_fields

    def of_99(path: Path, name: str, sha256: str | None) -> client.Glance:
        seen = look(path, name, sha256)
        return client.Glance(99, seen.ids, seen.classes)

    monkeypatch.setattr(client.glance, "at_fields", of_99)
    assert asked(sandbox, tmp_path).proof.kind == "none"


def test_pages_are_numbered_by_place_not_by_arrival(serve: Serve, tmp_path: Path) -> None:
    asked(serve(page_limit="5"), tmp_path)
    numbers = [
        paths.page_of(document.name)
        for document in documents(tmp_path)
        if paths.kind_of(document.name) == "products"
    ]
    assert numbers == [1, 2, 3, 4, 5]


def _started(sandbox: Running) -> set[str]:
    """The bodies of the requests that start an operation."""
    return {one.body for one in sandbox.seen() if one.path.endswith("/query")}


def test_a_killed_fetch_asks_for_no_page_twice_and_starts_nothing_again(
    serve: Serve, tmp_path: Path
) -> None:
    """The first try ends at the third page, the second when its operations have been started."""
    sandbox = serve(page_limit="10", fault="403", fault_skip="2", fault_at="properties")
    with pytest.raises(VendorRefused):
        asked(sandbox, tmp_path)
    held = {one.asked for one in Journal(Folder(tmp_path)).answers()}
    assert held
    started = _started(sandbox)
    serve(page_limit="10", fault="403", fault_at="quantities_result", fault_count="all")
    with pytest.raises(VendorRefused):
        asked(sandbox, tmp_path)
    started |= _started(sandbox)
    assert len(started) == 4
    held |= {one.asked for one in Journal(Folder(tmp_path)).answers()}
    serve(page_limit="10")
    asked(sandbox, tmp_path)
    again = {(one.method, one.path.removeprefix("/v1")) for one in sandbox.seen()}
    assert not [one for one in held if (one.method, one.path) in again]
    assert not _started(sandbox)
    assert len(rows(tmp_path)["elements"]) == COUNT


def test_a_finished_fetch_asks_only_whether_it_still_holds(serve: Serve, tmp_path: Path) -> None:
    asked(serve(page_limit="10"), tmp_path)
    sandbox = serve(page_limit="10")
    asked(sandbox, tmp_path)
    paths_asked = [one.path for one in sandbox.seen() if "/models/" in one.path]
    assert paths_asked == [paths_asked[0]]
    assert paths_asked[0].endswith("query?page=1&pageSize=1")


def test_an_operation_that_fails_says_the_vendors_words(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(VendorRefused, match="broke off"):
        asked(serve(operation="failed_words"), tmp_path)


def test_an_operation_that_never_ends_is_left_in_time(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(TryLater, match="still 'running'"):
        asked(serve(operation="hung"), tmp_path)


def test_a_sum_that_fails_ends_the_wait_for_the_others(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(
        session: Session, sink: object, of: Calculation, _: Patience, clock: Clock, **seen: object
    ) -> str:
        if b"Class" not in (of.start.body or b""):
            raise VendorRefused("This one fails.")
        clock.sleep(3600)
        return "a sum that takes long"

    monkeypatch.setattr(calculations, "run", run)
    began_s = time.monotonic()
    with pytest.raises(VendorRefused, match=r"This one fails\."):
        asked(serve(), tmp_path)
    assert time.monotonic() - began_s < 60


def test_operations_for_a_model_that_has_changed_are_not_gone_on_with(
    serve: Serve, tmp_path: Path
) -> None:
    """Nor those that were to be started again, and were not when the block ended."""
    (tmp_path / "before").mkdir()
    earlier, journal = Journal(Folder(tmp_path / "before")), Journal(Folder(tmp_path))
    with session(serve(delay_ms="100")) as one:
        (ref,) = client.models(one)
        ids = (ref.project_id, ref.model_id)
        wanted = [
            Calculation(
                "The service's own total",
                endpoints.quantities(*ids, [calculator], ()),
                lambda operation: endpoints.quantities_result(*ids, operation),
                (number,),
            )
            for number, calculator in enumerate(CALCULATORS)
        ]
        before = [calculations.run(one, earlier, each, QUICK.patience) for each in wanted]
        for calculation, operation in zip(wanted, before, strict=True):
            journal.note(calculation.key, operation)
        with (
            suppress(TotalMoved),
            Begun(one, journal, QUICK.patience, 1, is_fresh=True) as begun,
        ):
            for calculation in wanted:
                begun.begin(calculation)
            raise TotalMoved("It has changed again.")
        assert len(begun.ended) < len(wanted)
        ended = [calculations.run(one, journal, each, QUICK.patience) for each in wanted]
    assert len({*before, *ended}) == 2 * len(wanted)


def test_what_was_brought_early_is_kept_once_it_is_wanted(serve: Serve, tmp_path: Path) -> None:
    sandbox, journal = serve(polls="0"), Journal(Folder(tmp_path))
    with session(sandbox) as one:
        (ref,) = client.models(one)
        ids = (ref.project_id, ref.model_id)
        wanted = Calculation(
            "The service's own total",
            endpoints.quantities(*ids, CALCULATORS, ()),
            lambda operation: endpoints.quantities_result(*ids, operation),
            (1,),
        )
        with Begun(one, journal, QUICK.patience, 1, is_fresh=False) as begun:
            begun.begin(wanted)
        assert not journal.answers()
        sandbox.forget()
        early = begun.ended[wanted.key]
        ended = calculations.run(one, journal, wanted, QUICK.patience, early=early)
    assert not sandbox.seen()
    (kept,) = journal.answers()
    assert (kept.asked, kept.order) == (wanted.kept_as(ended), (1,))
    assert b"Count" in kept.path.read_bytes()


def test_links_that_stay_expired_end_the_fetch(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(VendorRefused, match="has ended"):
        asked(serve(link="expired"), tmp_path)


@pytest.mark.parametrize("status", ["403", "404"])
def test_look_ups_that_may_not_be_read_are_gone_without(
    serve: Serve, tmp_path: Path, status: str
) -> None:
    _, found = fetched(serve(fault=status, fault_at="lookups", fault_count="all"), tmp_path)
    assert len(found["elements"]) == COUNT
    assert {row["storey_name"] for row in found["elements"]} == {"L0", "L1"}
    missing = [row for row in found["warnings"] if row["code"] == "lookup_missing"]
    assert len(missing) == 4


def test_a_login_that_is_refused_ends_the_fetch(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(fault="403", fault_at="available")
    with pytest.raises(VendorRefused, match="models:read"):
        asked(sandbox, tmp_path)


def test_too_many_requests_are_waited_for(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(page_limit="10", fault="429_seconds", fault_at="properties", fault_skip="1")
    _, found = fetched(sandbox, tmp_path)
    assert len(found["elements"]) == COUNT


def test_no_header_of_ours_reaches_the_storage(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(link="chain")
    asked(sandbox, tmp_path)
    stored = [one for one in sandbox.seen() if one.origin == "storage"]
    assert stored
    assert not [one for one in stored if "authorization" in one.headers]


def test_models_of_all_projects_have_text_ids(serve: Serve) -> None:
    with session(serve(ids="number")) as numbers:
        as_numbers = client.models(numbers)
    with session(serve(ids="text")) as texts:
        assert client.models(texts) == as_numbers
    [ref] = as_numbers
    assert (ref.vendor, ref.model_name) == ("qonic", "walls.ifc")
    assert ref.project_id.isdecimal()


def test_models_of_a_project_are_those_of_all_that_are_in_it(serve: Serve) -> None:
    with session(serve()) as open_session:
        (ref,) = client.models(open_session)
        assert client.models(open_session, ref.project_id) == [ref]


def test_an_unknown_project_is_refused_with_those_there_are(serve: Serve) -> None:
    with session(serve()) as open_session:
        known = client.models(open_session)[0].project_id
        with pytest.raises(InputRefused, match=known):
            client.models(open_session, "no such project")


def test_an_unknown_model_is_refused(serve: Serve, tmp_path: Path) -> None:
    with session(serve(), Limits(attempts=1)) as open_session:
        project = client.models(open_session)[0].project_id
        ref = ModelRef("qonic", project, "404")
        with pytest.raises(VendorRefused):
            client.ask(ref, open_session, Journal(Folder(tmp_path)), Quiet(), QUICK)


def test_rows_are_parsed_once_and_put_by_for_the_decoder(serve: Serve, tmp_path: Path) -> None:
    """The rows are the same whether they were put by or must be parsed from the answers again."""
    sandbox, journal = serve(page_limit="10"), Journal(Folder(tmp_path))
    with session(sandbox) as open_session:
        client.ask(client.models(open_session)[0], open_session, journal, Quiet(), QUICK)
    kept = journal.answers()
    pages = [one for one in kept if paths.kind_of(one.asked.path) == "products"]
    assert len(list(tmp_path.glob("rows-*.part"))) == len(pages) == 3
    by_place = [Document(no, one.asked.path, one.path, one.sha256) for no, one in enumerate(kept)]
    put_by = decoded(by_place, tmp_path)
    assert list(tmp_path.glob("rows-*.part")) == []
    assert decoded(by_place, tmp_path) == put_by == rows(tmp_path)
