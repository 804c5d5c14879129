"""Products are decoded while their pages come; the rows are those of decoding them in the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from qonic_rows import asked, page, query, recorded
from qonic_rows import documents as laid_out
from qonic_rows import names as quantity_names
from qonic_served import QUICK, Serve, session, turned, walls

from takeoff.config import Access, Settings
from takeoff.core.errors import NotUnderstood, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.core.refs import Document, Snapshot
from takeoff.core.sink import Asked
from takeoff.jobs import fetch_models
from takeoff.jobs.fetch_models import ModelOptions
from takeoff.jobs.following import Following
from takeoff.jobs.rebuild import rebuild
from takeoff.lake.journal import Journal
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.work import Run
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors.qonic import client, decode, shelf
from takeoff.vendors.qonic.paths import ASKED

COUNT = 25
Batches = list[tuple[str, pa.RecordBatch]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("qonic") / "lake"
    walls(COUNT).commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


@pytest.fixture
def serve(running: Running) -> Serve:
    return partial(turned, running)


@pytest.fixture
def decoded_in_the_end(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of how many documents, each time that they were decoded all together."""
    told: list[int] = []

    def noted(vendor: str, documents: list[Document], *others: Any) -> Iterator[Any]:
        told.append(len(documents))
        return plain(vendor, documents, *others)

    plain = fetch_models.decoded
    monkeypatch.setattr(fetch_models, "decoded", noted)
    return told


def _fetched(running: Running, lake: Path) -> Snapshot:
    service = running.at("qonic")
    vendors = {"qonic": Access(service.base_url, service.token)}
    settings = Settings(lake=lake, vendors=vendors)
    (outcome,) = fetch_models.fetch_models(settings, "qonic", ModelOptions(), Quiet())
    if outcome.snapshot is None:
        raise outcome.error or AssertionError("neither a snapshot nor an error")
    return outcome.snapshot


@pytest.mark.parametrize(
    "switches",
    [
        {"page_limit": "10"},
        {"page_limit": "5", "rows": "repeated"},
        {"page_limit": "10", "total": "absent"},
        {"page_limit": "10", "rows": "repeated", "total": "absent"},
        {"paging_keys": "result"},
        {"row_order": "reversed", "page_limit": "7"},
    ],
    ids=str,
)
def test_what_is_decoded_early_is_what_a_rebuild_decodes(
    serve: Serve, tmp_path: Path, switches: dict[str, str], decoded_in_the_end: list[int]
) -> None:
    snapshot = _fetched(serve(**switches), tmp_path / "lake")
    assert not decoded_in_the_end
    assert snapshot.rows("elements") == COUNT
    outcomes = rebuild(Settings(lake=tmp_path / "lake"), [], Quiet()).table.column("outcome")
    assert set(outcomes.to_pylist()) == {"same"}


def test_pages_that_came_anew_are_those_that_count(serve: Serve, tmp_path: Path) -> None:
    """Whether the first ones had been decoded before the total moved."""
    snapshot = _fetched(serve(page_limit="10", total="grows_once"), tmp_path / "lake")
    assert snapshot.rows("elements") == COUNT
    outcomes = rebuild(Settings(lake=tmp_path / "lake"), [], Quiet()).table.column("outcome")
    assert set(outcomes.to_pylist()) == {"same"}


def test_what_cannot_be_decoded_early_is_told_of_the_whole(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise NotUnderstood("A value is of no known form.")

    monkeypatch.setattr(decode, "decode_products", broken)
    with pytest.raises(NotUnderstood, match=r"A value is of no known form\."):
        _fetched(serve(page_limit="10"), tmp_path / "lake")


def test_a_refusal_is_told_when_pages_are_being_decoded(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(page_limit="1", fault="403", fault_skip="12", fault_at="properties")
    with pytest.raises(VendorRefused, match="models:read"):
        _fetched(sandbox, tmp_path / "lake")
    assert _fetched(serve(page_limit="1"), tmp_path / "lake").rows("elements") == COUNT


def _answers(*pages: dict[str, Any]) -> list[tuple[str, Any]]:
    numbered = [(query(number), one) for number, one in enumerate(pages, 1)]
    return [recorded("available_1"), recorded("locations"), *numbered]


def _followed(folder: Path, answers: list[tuple[str, Any]]) -> Batches:
    told = {"names": quantity_names(), "options": {}, "work": folder, "progress": Quiet()}
    return list(decode.follow(iter(laid_out(folder, answers)), **told))


A, B = "0$aaBBccDDeeFFggHHiiJJ", "0$aaBBccDDeeFFggHHiiJj"
WALL, SLAB = {"Guid": A, "Class": "Wall"}, {"Guid": B, "Class": "Slab"}


def test_a_page_that_brings_nothing_new_is_passed_over(tmp_path: Path) -> None:
    answers = _answers(page(WALL), page(WALL), page(SLAB, WALL))
    record = (ASKED, asked.written(asked.Record((1, 3), ())))
    rows = _followed(tmp_path, [*answers, record])
    (warnings,) = (batch for table, batch in rows if table == "warnings")
    said = [row for row in warnings.to_pylist() if row["code"] == "guid_repeated"]
    assert [(row["element_id"], row["source_row"]) for row in said] == [(A, 1)]


@pytest.mark.parametrize("pages", [(1,), (1, 2, 3), (2, 3)])
def test_pages_that_the_record_does_not_name_are_refused(
    tmp_path: Path, pages: tuple[int, ...]
) -> None:
    """As those are that an earlier try had kept, of a model that was larger then."""
    record = (ASKED, asked.written(asked.Record(pages, ())))
    with pytest.raises(NotUnderstood, match="names the pages"):
        _followed(tmp_path, [*_answers(page(WALL), page(SLAB)), record])


def test_a_page_that_comes_again_leaves_the_rows_of_the_first_as_they_are(tmp_path: Path) -> None:
    rows = pa.StructArray.from_arrays([pa.array([*"abc"] * 10_000)], ["Guid"])
    shelf.put(tmp_path, "ab", rows)
    opened = (tmp_path / "rows-ab.part").open("rb")
    shelf.put(tmp_path, "ab", pa.StructArray.from_arrays([pa.array(["d"])], ["Guid"]))
    with opened:
        assert pa.ipc.open_file(opened.read()).get_batch(0).num_rows == len(rows)
    taken = shelf.taken(tmp_path, "ab")
    assert taken is not None
    assert len(taken) == 1
    assert shelf.taken(tmp_path, "ab") is None


@pytest.mark.parametrize("parallel", [1, 3])
def test_no_more_is_asked_for_at_once_than_is_wanted(
    serve: Serve, tmp_path: Path, parallel: int
) -> None:
    """Of what goes to `Session.ask` with a file; operations are waited for, and ask for little."""
    lock, under_way, most = threading.Lock(), 0, 0
    one = session(serve(page_limit="2", delay_ms="5"))
    plain = one.ask

    def ask(request: Any, into: Any) -> Any:
        nonlocal under_way, most
        is_list = request.method == "GET" or "products/properties/query" in request.target
        if not is_list or "operations" in request.target:
            return plain(request, into)
        with lock:
            under_way += 1
            most = max(most, under_way)
        try:
            return plain(request, into)
        finally:
            with lock:
                under_way -= 1

    one.ask = ask  # type: ignore[method-assign]
    options = client.Options(parallel=parallel, patience=QUICK.patience)
    with one:
        (ref,) = client.models(one)
        under_way = most = 0
        with Run(open_layout(tmp_path / "lake", create=True)) as run:
            client.ask(ref, one, Journal(run), Quiet(), options)
    assert most == parallel


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return open_layout(tmp_path / "lake", create=True)


def _keep(journal: Journal, *order: int) -> None:
    part = journal.part()
    part.write_text(f"{order}")
    journal.keep(Asked("GET", f"/{order}"), part, order=order, status=200)


def test_answers_come_in_their_order_once_all_before_them_are_there(layout: Layout) -> None:
    with Run(layout) as run:
        journal = Journal(run)
        coming = journal.coming()
        for order in ((1, 3), (0,), (1, 1)):
            _keep(journal, *order)
        journal.complete((1, 2))
        assert [next(coming).order, next(coming).order] == [(0,), (1, 1)]
        _keep(journal, 1, 2)
        journal.complete((1, 1))
        waiting: list[tuple[int, ...]] = []
        reader = threading.Thread(target=lambda: waiting.extend(one.order for one in coming))
        reader.start()
        time.sleep(0.1)
        assert not waiting
        journal.end()
        reader.join(10)
        assert waiting == [(1, 2), (1, 3)]


class Written:
    """Stands for a writer."""

    def __init__(self) -> None:
        self.batches: list[object] = []
        self.is_dropped = False

    def write(self, _: str, batch: object) -> None:
        self.batches.append(batch)

    def drop(self) -> None:
        self.is_dropped = True


def _each(documents: Iterator[Document], _: object) -> Iterator[Any]:
    for document in documents:
        yield "elements", document


def _documents(journal: Journal) -> list[Document]:
    return [
        Document(number, one.asked.path, one.path, one.sha256)
        for number, one in enumerate(journal.answers())
    ]


@pytest.mark.parametrize("comes_anew", [False, True])
def test_what_was_written_counts_if_it_is_of_the_answers_that_there_are(
    layout: Layout, comes_anew: bool
) -> None:
    with Run(layout) as run:
        journal, writer = Journal(run), Written()
        with Following(journal, writer, Quiet()) as following:  # type: ignore[arg-type]
            following.begin(_each)
            _keep(journal, 0)
            journal.complete((1,))
            while not writer.batches:
                time.sleep(0.01)
            if comes_anew:
                _keep(journal, 0)
            _keep(journal, 1)
            assert following.has_written(_documents(journal)) is not comes_anew
        assert len(writer.batches) == 2
        assert writer.is_dropped is comes_anew


def test_a_follower_that_is_no_longer_wanted_ends_at_the_next_answer(layout: Layout) -> None:
    read: list[int] = []
    is_asked, may_go_on = threading.Event(), threading.Event()
    writer = Written()

    def slowly(documents: Iterator[Document], _: object) -> Iterator[Any]:
        for document in documents:
            read.append(document.evidence_no)
            is_asked.set()
            may_go_on.wait(10)
            yield "elements", document

    def broken_off(journal: Journal) -> None:
        with Following(journal, writer, Quiet()) as following:  # type: ignore[arg-type]
            following.begin(slowly)
            journal.complete((9,))
            assert is_asked.wait(10)
            threading.Timer(0.1, may_go_on.set).start()
            raise VendorRefused("No more.")

    with Run(layout) as run:
        journal = Journal(run)
        for number in range(5):
            _keep(journal, number)
        with pytest.raises(VendorRefused, match=r"No more\."):
            broken_off(journal)
    assert read == [0]
    assert writer.is_dropped
