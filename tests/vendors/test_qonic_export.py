"""The IFC export: waited for, kept as the one document of a fetch, whole or refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from qonic_served import QUICK, Folder, Serve, session, turned, walls

from takeoff.config import Settings
from takeoff.core.errors import NotUnderstood, TryLater, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.core.refs import Brought, ModelRef
from takeoff.core.sink import Asked
from takeoff.http.messages import Limits
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.lake.journal import Journal
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors.qonic import client, paths

pytest.importorskip("ifcopenshell", reason="reads IFC")

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_services.ifc"
DOCUMENT = Asked("DOCUMENT", "Lindenhof_services.ifc")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A model that was read from the sample's file."""
    lake = tmp_path_factory.mktemp("export") / "lake"
    options = IfcOptions(geometry=False)
    [fetched] = fetch_ifc(Settings(lake=lake), [SAMPLE], options, Quiet())
    assert fetched.error is None
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


@pytest.fixture
def serve(running: Running) -> Serve:
    return partial(turned, running)


def asked(running: Running, folder: Path) -> Brought:
    folder.mkdir(exist_ok=True)
    with session(running, Limits(attempts=1)) as one:
        [ref] = client.models(one)
        return client.ask_document(ref, one, Journal(Folder(folder)), Quiet(), QUICK)


def test_the_export_is_the_document_of_the_fetch(serve: Serve, tmp_path: Path) -> None:
    brought = asked(serve(), tmp_path)
    assert brought.is_document
    assert brought.proof.kind == "protocol_end"
    assert brought.lineage["exported_from"].startswith("qonic:")
    assert (brought.stated_totals, brought.version.kind) == ({}, "none")
    [kept] = Journal(Folder(tmp_path)).answers()
    assert (kept.asked, kept.status) == (DOCUMENT, 200)
    assert kept.path.read_bytes() == SAMPLE.read_bytes()


@pytest.mark.parametrize(
    ("name", "document"),
    [("A wing", "A wing.ifc"), ("A.IFC", "A.IFC"), ("a.rvt", "a.rvt.ifc"), (None, "{}.ifc")],
)
def test_the_document_has_the_models_name_and_the_suffix_of_ifc(
    serve: Serve, tmp_path: Path, name: str | None, document: str
) -> None:
    with session(serve()) as one:
        [ref] = client.models(one)
        named = ModelRef("qonic", ref.project_id, ref.model_id, None, name)
        client.ask_document(named, one, Journal(Folder(tmp_path)), Quiet(), QUICK)
    [kept] = Journal(Folder(tmp_path)).answers()
    assert kept.asked.path == document.format(ref.model_id)


def test_a_killed_fetch_neither_exports_nor_downloads_again(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(TryLater):
        asked(serve(fault="500", fault_at="export_result", fault_count="all"), tmp_path)
    sandbox = serve()
    asked(sandbox, tmp_path)
    assert "export" not in {one.endpoint for one in sandbox.seen()}
    sandbox = serve()
    asked(sandbox, tmp_path)
    assert {one.endpoint for one in sandbox.seen()} == {"projects", "models"}


def test_an_operation_that_the_service_forgot_is_started_anew(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(TryLater):
        asked(serve(fault="500", fault_at="export_result", fault_count="all"), tmp_path)
    sandbox = serve(fault="404", fault_at="operations")
    asked(sandbox, tmp_path)
    assert [one.endpoint for one in sandbox.seen()].count("export") == 1


@pytest.mark.parametrize("link", ["expired_once", "chain"])
def test_the_link_to_the_file_is_asked_for_again_or_followed(
    serve: Serve, tmp_path: Path, link: str
) -> None:
    sandbox = serve(link=link)
    asked(sandbox, tmp_path)
    stored = [one for one in sandbox.seen() if one.origin == "storage"]
    assert stored[-1].status == 200
    assert not [one for one in stored if "authorization" in one.headers]


@pytest.mark.parametrize("framing", ["close", "chunked", "gzip_close"])
def test_a_whole_file_comes_in_every_framing(serve: Serve, tmp_path: Path, framing: str) -> None:
    asked(serve(framing=framing), tmp_path)
    [kept] = Journal(Folder(tmp_path)).answers()
    assert kept.path.read_bytes() == SAMPLE.read_bytes()


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("cut_close", NotUnderstood, "breaks off before its last line"),
        ("cut_length", TryLater, None),
        ("cut_gzip_close", TryLater, None),
        ("html", NotUnderstood, "no IFC file"),
        ("empty", NotUnderstood, "no IFC file"),
    ],
)
def test_half_a_file_or_none_is_refused(
    serve: Serve, tmp_path: Path, fault: str, error: type[Exception], words: str | None
) -> None:
    with pytest.raises(error, match=words):
        asked(serve(fault=fault, fault_at="storage", fault_count="all"), tmp_path)
    assert list(Journal(Folder(tmp_path)).answers()) == []


def test_a_model_that_cannot_be_exported_is_refused(tmp_path: Path) -> None:
    """The stand-in has the files that models were read from, and no writer of its own."""
    walls(3).commit(tmp_path / "lake")
    with (
        Sandbox(open_layout(tmp_path / "lake")).start() as running,
        pytest.raises(VendorRefused, match="The IFC export of 1001 failed"),
    ):
        asked(running, tmp_path / "run")


def test_an_export_beside_the_answers_is_kept_under_its_own_request(
    serve: Serve, tmp_path: Path
) -> None:
    with session(serve()) as one:
        [ref] = client.models(one)
        journal = Journal(Folder(tmp_path))
        operation = client.export_ifc(ref, one, journal, QUICK)
        assert client.export_ifc(ref, one, journal, QUICK) == operation
    [kept] = Journal(Folder(tmp_path)).answers()
    assert paths.kind_of(kept.asked.path) == "export"
    assert paths.operation_of(kept.asked.path) == operation
    assert kept.path.read_bytes() == SAMPLE.read_bytes()
