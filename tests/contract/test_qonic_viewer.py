"""The windows of Qonic's app: over raw HTTP, by the client's own calls, and in every form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from qonic_building import building
from qonic_writing import HEADER, VIEWING, Changer, changer

from takeoff.core.errors import NotUnderstood, TryLater, VendorRefused
from takeoff.http.session import Session
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox
from takeoff.vendors.qonic import editing, viewer

SELECTION, SELECT = "/viewer/get-active-selection", "/viewer/set-active-selection"
PROFILE = "/viewer/product-profile"
ASKED = "?modelGuid=1model&productId=0W"
# Whatever members the service writes: none of them is documented.
PRODUCTS: list[dict[str, Any]] = [{"modelGuid": "1model", "ids": [1, 12345678901234567890]}, {}]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("viewer") / "lake"
    building().commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


@pytest.fixture
def one(running: Running) -> Iterator[Changer]:
    """Two windows are open."""
    running.turn(**{switch.name: switch.default for switch in SWITCHES} | {"app_windows": "2"})
    running.forget()
    with changer(running) as found:
        yield found


def opened(one: Changer) -> str:
    return str(viewer.windows(one.session)[0]["id"])


def test_open_windows_are_listed(one: Changer) -> None:
    told = one.json("GET", "/sessions")
    assert viewer.windows(one.session) == told["sessions"]
    assert len({window["id"] for window in told["sessions"]}) == 2
    one.running.turn(app_windows="0")
    assert one.json("GET", "/sessions") == {"sessions": []}
    assert viewer.windows(one.session) == []


def test_what_is_selected_in_a_window_is_told(one: Changer) -> None:
    first, second = (str(window["id"]) for window in viewer.windows(one.session))
    assert one.json("GET", SELECTION, session_id=first) == {"productIds": []}
    viewer.select(one.session, first, PRODUCTS)
    assert one.json("GET", SELECTION, session_id=first) == {"productIds": PRODUCTS}
    assert viewer.active_selection(one.session, first) == PRODUCTS
    assert viewer.active_selection(one.session, second) == []
    body = {"productIds": PRODUCTS[:1]}
    assert one.raw("POST", SELECT, body, session_id=first).status_code == 200
    assert viewer.active_selection(one.session, first) == PRODUCTS[:1]
    one.running.turn(app_windows="2", session_answer="204")
    viewer.select(one.session, first, [])
    assert viewer.active_selection(one.session, first) == []


@pytest.mark.parametrize("body", [None, [], {}, {"productIds": None}, {"productIds": ["0W"]}])
def test_a_selection_of_another_form_is_refused(one: Changer, body: Any) -> None:
    assert one.raw("POST", SELECT, body, session_id=opened(one)).status_code == 400


def test_a_profile_is_that_of_a_product_that_is_loaded(one: Changer) -> None:
    """The sandbox's windows have loaded nothing."""
    window = opened(one)
    answer = one.raw("GET", PROFILE + ASKED, session_id=window)
    assert (answer.status_code, answer.json()["error"]) == (404, "ProductNotLoaded")
    assert one.raw("GET", f"{PROFILE}?modelGuid=1model", session_id=window).status_code == 400
    with pytest.raises(VendorRefused, match="not loaded this product"):
        viewer.product_profile(one.session, window, "1model", "0W")


@pytest.mark.parametrize("status", ["403", "404", "400"])
def test_a_window_that_is_not_open_is_refused(one: Changer, status: str) -> None:
    """The id of a modification session is none of a window, nor the other way round."""
    one.running.turn(app_windows="1", window_refusal=status)
    session_id = editing.new_session_id()
    editing.start_session(one.session, one.ref, session_id)
    assert one.raw("GET", SELECTION, session_id=session_id).status_code == int(status)
    assert one.raw("GET", SELECTION).status_code == 400
    for ask in _asking(one.session, session_id):
        with pytest.raises(VendorRefused, match="GET /sessions lists the windows") as no:
            ask()
        assert no.value.status == int(status)
    with pytest.raises(VendorRefused):
        editing.modify(one.session, one.ref, opened(one), editing.Modifications())
    editing.end_session(one.session, one.ref, session_id)


def test_every_call_wants_the_login(one: Changer) -> None:
    headers = {HEADER: opened(one)}
    for endpoint in VIEWING:
        method, path = endpoint.split(" ")
        assert one.raw(method, path, {}, headers=headers).status_code == 401, endpoint


def test_a_selection_is_sent_once(one: Changer) -> None:
    """What only reads is asked for again."""
    window = opened(one)
    one.running.turn(app_windows="2", fault="503", fault_at="viewer", retry_after_s="0")
    one.running.forget()
    with pytest.raises(TryLater, match="not asked again"):
        viewer.select(one.session, window, PRODUCTS)
    assert [seen.endpoint for seen in one.running.seen()] == ["viewer"]
    one.running.turn(app_windows="2", fault="503_seconds", fault_at="viewer", retry_after_s="0")
    assert viewer.active_selection(one.session, window) == []


class Said:
    """Stands for a session: whatever is asked, this is the answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def ask_json(self, request: object) -> Any:
        return self.answer

    def ask(self, request: object, into: BytesIO) -> None:
        into.write(b"")


def test_members_that_are_not_documented_are_handed_on() -> None:
    """The windows' order is the service's; a profile is what it says it is."""
    listed = [{"id": 7, "project": {"id": 1}, "models": [2]}, {"Id": "b", "new": None}]
    said: Any = Said({"Sessions": listed})
    assert viewer.windows(said) == listed
    profile = {"outer": [[0, 0.1], [1, 2], [0, 0.1]], "inner": [[[3, 4]]], "more": "x"}
    said = Said(profile)
    assert viewer.product_profile(said, "w", "m", "p") == profile
    said = Said({"outer": []})
    assert viewer.product_profile(said, "w", "m", "p") == {"outer": []}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "text",
        {},
        {"sessions": None, "productIds": None, "outer": None},
        {"sessions": {}, "productIds": {}, "outer": {}},
        {"sessions": [{}], "productIds": ["0W"], "outer": "M 0 0"},
        {"sessions": ["a"], "productIds": [{}, None], "outer": 1},
    ],
    ids=str,
)
def test_an_answer_of_another_form_is_refused(answer: Any) -> None:
    said: Any = Said(answer)
    active, _, profile = _asking(said, "w")
    for ask in (lambda: viewer.windows(said), active, profile):
        with pytest.raises(NotUnderstood, match="is not understood"):
            ask()


def _asking(session: Session, window: str) -> list[Callable[[], object]]:
    return [
        lambda: viewer.active_selection(session, window),
        lambda: viewer.select(session, window, PRODUCTS),
        lambda: viewer.product_profile(session, window, "m", "p"),
    ]
