"""The client's changing calls: what they send, and what they make of every form of answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from qonic_served import QUICK, Serve, guid, session, turned, walls

from takeoff.config import Settings
from takeoff.core.errors import InputRefused, NotUnderstood, TryLater, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.core.refs import ModelRef
from takeoff.http.messages import Limits
from takeoff.http.session import Session
from takeoff.jobs.sandbox import ifc_reader
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors.qonic import calls, client, editing, present, uploads
from takeoff.vendors.qonic.editing import (
    Modifications,
    ModificationsRefused,
    Property,
    SessionRefused,
)

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_services.ifc"
ONE = Modifications(add_or_update={"Cost": {guid(1): Property("Own", Decimal("1.5"))}})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("editing") / "lake"
    walls(6).commit(lake)
    reader = ifc_reader(Settings(), tmp_path_factory.mktemp("imported"))
    with Sandbox(open_layout(lake), read_ifc=reader).start() as sandbox:
        yield sandbox


@pytest.fixture
def serve(running: Running) -> Serve:
    return partial(turned, running)


@pytest.fixture
def begun(serve: Serve) -> Iterator[tuple[Session, ModelRef, str]]:
    with session(serve(), Limits(attempts=1)) as one:
        ref = client.models(one)[0]
        session_id = editing.new_session_id()
        editing.start_session(one, ref, session_id)
        yield one, ref, session_id
        serve()
        editing.discard(one, ref, session_id)
        editing.end_session(one, ref, session_id)


def test_a_body_has_only_what_changes_and_every_digit() -> None:
    many = Modifications(
        add={"Volume": {"0$a": Property("Own", Decimal("123456.123456789012"))}},
        update={"Name": {"0$a": "W-1"}, "Fire": {"0$a": None, "0$b": Property("P", "EI60")}},
    )
    text = many.body
    assert '"Value": 123456.123456789012' in text
    assert json.loads(text) == {
        "add": {"Volume": {"0$a": {"PropertySet": "Own", "Value": 123456.123456789012}}},
        "update": {
            "Name": {"0$a": "W-1"},
            "Fire": {"0$a": None, "0$b": {"PropertySet": "P", "Value": "EI60"}},
        },
    }
    assert Modifications().body == "{}"
    assert '"addOrUpdate"' in ONE.body


@pytest.mark.parametrize("form", ["array", "null", "absent", "empty"])
@pytest.mark.parametrize("status", ["200", "204"])
def test_every_form_of_a_good_answer(serve: Serve, form: str, status: str) -> None:
    running = serve(modification_answer=form, session_answer=status)
    with session(running) as one:
        ref, session_id = client.models(one)[0], editing.new_session_id()
        editing.start_session(one, ref, session_id)
        editing.modify(one, ref, session_id, ONE)
        found = present.properties(one, ref, ["Cost"], Quiet())
        assert found[guid(1)]["Cost"].value == Decimal("1.5")
        assert found[guid(2)] == {}
        editing.discard(one, ref, session_id)
        editing.end_session(one, ref, session_id)


@pytest.mark.parametrize("errors", ["details", "problem", "old", "text", "empty", "html"])
@pytest.mark.parametrize("status", ["400", "409"])
def test_a_refused_session_says_what_may_be_the_reason(
    begun: tuple[Session, ModelRef, str], serve: Serve, errors: str, status: str
) -> None:
    one, ref, _ = begun
    serve(errors=errors, session_refusal=status)
    with pytest.raises(SessionRefused, match="another session of yours") as refused:
        editing.start_session(one, ref, editing.new_session_id())
    assert (refused.value.status, refused.value.exit_code) == (int(status), 4)


def test_errors_with_status_200_are_errors(begun: tuple[Session, ModelRef, str]) -> None:
    one, ref, session_id = begun
    wrong = {f"0nobody{number}": Property("Own", 1) for number in range(9)}
    with pytest.raises(ModificationsRefused, match="refused 10 of the values.*and 5 more") as no:
        editing.modify(one, ref, session_id, Modifications(add={"Cost": {**wrong, guid(1): None}}))
    assert {problem.field for problem in no.value.problems} <= {"Cost"}
    assert present.properties(one, ref, [], Quiet()).keys() == {guid(n) for n in range(6)}


@pytest.mark.parametrize("status", ["200", "400"])
def test_a_refused_modification_is_an_error_whatever_its_status(
    begun: tuple[Session, ModelRef, str], serve: Serve, status: str
) -> None:
    one, ref, session_id = begun
    serve(undefined_property="refused", modification_status=status)
    with pytest.raises(VendorRefused, match="PropertyNotDefined") as refused:
        editing.modify(one, ref, session_id, ONE)
    assert refused.value.exit_code == 4
    with pytest.raises(VendorRefused, match="no field 'Cost'"):
        present.properties(one, ref, ["Cost"], Quiet())


def test_whoever_may_not_edit_is_told_what_is_missing(
    begun: tuple[Session, ModelRef, str], serve: Serve
) -> None:
    one, ref, session_id = begun
    serve(fault="403", fault_at="modify")
    with pytest.raises(VendorRefused, match="models:write"):
        editing.modify(one, ref, session_id, ONE)


@pytest.mark.parametrize("fault", ["503", "429_seconds", "reset", "cut_length"])
def test_a_modification_is_sent_once(
    begun: tuple[Session, ModelRef, str], serve: Serve, fault: str
) -> None:
    one, ref, session_id = begun
    running = serve(fault=fault, fault_at="modify", fault_count="all")
    with pytest.raises(TryLater, match="not asked again"):
        editing.modify(one, ref, session_id, ONE)
    assert [seen.endpoint for seen in running.seen()] == ["modify"]


@pytest.mark.parametrize("fault", ["html", "broken", "redirect_loop"])
def test_an_answer_that_is_none_is_not_taken_for_success(
    begun: tuple[Session, ModelRef, str], serve: Serve, fault: str
) -> None:
    one, ref, session_id = begun
    serve(fault=fault, fault_at="modify")
    with pytest.raises(NotUnderstood):
        editing.modify(one, ref, session_id, ONE)


def test_only_what_needs_it_carries_the_session(begun: tuple[Session, ModelRef, str]) -> None:
    one, ref, session_id = begun
    header = editing.SESSION_HEADER.lower()
    assert header not in repr(editing._model_request("POST", ref, "x", session_id=session_id))
    with pytest.raises(VendorRefused) as refused:
        editing.modify(one, ref, "another", ONE)
    assert session_id not in str(refused.value)


class Told:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int | None]] = []
        self.done = 0

    def step(self, title: str, total: int | None = None) -> None:
        self.steps.append((title, total))
        self.done = 0

    def advance(self, done: int = 1) -> None:
        self.done += done


def test_an_import_is_waited_for_and_shows_its_percents(serve: Serve) -> None:
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    running, told = serve(polls="3"), Told()
    with session(running) as one:
        project = client.models(one)[0].project_id
        made = uploads.import_model(
            one, project, SAMPLE, told, tags=["MEP"], patience=QUICK.patience
        )
        assert calls.models(one, project)[made.model_id] == made.model_name == SAMPLE.stem
        names = present.field_names(one, made)
    assert {"Guid", "Class", "Name"} <= set(names)
    assert told.steps[-1] == (f"importing {SAMPLE.name}", 100)
    assert told.done == 100
    puts = [seen for seen in running.seen() if seen.method == "PUT"]
    assert [seen.status for seen in puts] == [200]
    assert puts[0].headers.isdisjoint({"authorization", "x-client-session-id", "content-type"})


@pytest.mark.parametrize(
    ("switches", "error"),
    [
        ({"operation": "failed_words"}, VendorRefused),
        ({"operation": "hung"}, TryLater),
        ({"link_s": "0"}, VendorRefused),
        ({"fault": "403", "fault_at": "create_model"}, VendorRefused),
        ({"fault": "503", "fault_at": "create_model"}, TryLater),
        ({"fault": "broken", "fault_at": "create_model"}, NotUnderstood),
    ],
    ids=str,
)
def test_an_import_that_fails(
    serve: Serve, switches: dict[str, str], error: type[Exception], tmp_path: Path
) -> None:
    """It is asked for once, whatever comes."""
    path = tmp_path / "a.ifc"
    path.write_bytes(b"ISO-10303-21;")
    running = serve(**switches)
    with session(running) as one:
        project = client.models(one)[0].project_id
        with pytest.raises(error) as failed:
            uploads.import_model(one, project, path, Quiet(), patience=QUICK.patience)
    assert "signature" not in str(failed.value)
    assert sum(seen.endpoint == "create_model" for seen in running.seen()) <= 1


@pytest.mark.parametrize("name", ["a.txt", "missing.ifc"])
def test_a_file_that_cannot_be_imported_is_not_uploaded(
    serve: Serve, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a.txt").write_text("x")
    running = serve()
    with session(running) as one, pytest.raises(InputRefused, match=r"\.ifc"):
        uploads.import_model(one, "1", tmp_path / name, Quiet())
    assert running.seen() == []
