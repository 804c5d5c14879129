"""Logging in to the iTwin platform as a service and as a person, and renewing in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from both_ways import hurry
from qonic_building import SLABS, WALLS, building

from takeoff.config import Access, Settings
from takeoff.core.errors import TakeoffError, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.http.auth import app_request, tokens_of
from takeoff.http.clock import Clock
from takeoff.http.session import Session
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.jobs.logins import Browser, log_in, who_am_i
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors.itwin import client, login

REDIRECT = "http://localhost:8975/callback"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    building().commit(tmp_path / "served")
    switches = {"redirect_uris": REDIRECT}
    with Sandbox(open_layout(tmp_path / "served"), switches).start() as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "private" / "tokens.json"
    monkeypatch.setenv("TAKEOFF_TOKENS", str(path))
    hurry(monkeypatch)
    return path


def settings(running: Running, lake: Path, *, secret: bool = False, **more: str) -> Settings:
    service = running.at("itwin")
    known = {"client_id": service.told["client_id"], **more}
    if secret:
        known.setdefault("client_secret", service.told["client_secret"])
    access = Access(
        base_url=service.base_url, authority=service.base_url, redirect_uri=REDIRECT, **known
    )
    return Settings(lake=lake, vendors={"itwin": access})


def fetched(settings: Settings) -> None:
    [outcome] = fetch_models(settings, "itwin", ModelOptions(force=True), Quiet())
    assert outcome.snapshot is not None, outcome.error
    assert outcome.snapshot.rows("elements") >= WALLS + SLABS


def logins(running: Running) -> int:
    return sum(one.endpoint == "itwin_token" for one in running.seen())


def test_a_service_logs_in_by_itself(running: Running, store: Path, tmp_path: Path) -> None:
    """Nothing is kept: its secret is all it needs."""
    here = settings(running, tmp_path / "lake", secret=True)
    fetched(here)
    assert logins(running) == 1
    assert not store.exists()
    [row] = [row for row in who_am_i(here).table.to_pylist() if row["vendor"] == "itwin"]
    assert (row["login"], row["renews"]) == ("TAKEOFF_ITWIN_CLIENT_SECRET", True)


@pytest.mark.parametrize(
    "place", ["itwin_mappings", "itwin_run", "itwin_status", "itwin_partition"]
)
def test_a_token_that_ends_in_the_middle_of_a_fetch_is_renewed_once(
    running: Running, tmp_path: Path, place: str
) -> None:
    running.turn(itwin_extracted="no", fault="401_dead", fault_at=place)
    fetched(settings(running, tmp_path / "lake", secret=True))
    assert logins(running) == 2
    refused = [one for one in running.seen() if one.status == 401]
    assert refused
    assert {one.endpoint for one in refused} == {place}


def test_tokens_that_are_about_to_end_are_renewed_before_they_do(
    running: Running, tmp_path: Path
) -> None:
    running.turn(token_s="30")
    fetched(settings(running, tmp_path / "lake", secret=True))
    assert logins(running) > 2
    assert [one for one in running.seen() if one.status == 401] == []


def test_a_service_asks_for_no_right_to_renew(running: Running) -> None:
    """Its scope is the platform's; what a person may ask for beside it is refused by some."""
    told = running.at("itwin").told
    app = client.oauth_app(
        running.at("itwin").base_url, told["client_id"], REDIRECT, told["client_secret"]
    )
    assert dict(app_request(app).form or {})["scope"] == "itwin-platform"


@pytest.mark.parametrize("ask", [login.by_form, login.by_basic], ids=["form", "basic"])
def test_a_secret_goes_in_the_form_or_as_basic(running: Running, ask: object) -> None:
    service = running.at("itwin")
    with Session(service.base_url, None, name="iTwin") as session:
        request = ask(service.told["client_id"], service.told["client_secret"])  # type: ignore[operator]
        tokens = tokens_of(session.ask_json(request), Clock())
    assert (tokens.scheme, tokens.refresh_token) == ("Bearer", None)
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    assert requests.get(f"{service.base_url}/itwins", headers=headers, timeout=20).ok


def test_a_wrong_secret_is_refused_without_showing_it(running: Running, tmp_path: Path) -> None:
    wrong = "Zm9yZ290dGVuLXNlY3JldA"
    with pytest.raises(TakeoffError) as refused:
        fetched(settings(running, tmp_path / "lake", client_secret=wrong))
    assert isinstance(refused.value, VendorRefused)
    assert wrong not in str(refused.value)


def test_a_person_logs_in_and_the_login_renews_itself(running: Running, tmp_path: Path) -> None:
    here = settings(running, tmp_path / "lake")
    ended_at = []

    def show(url: str) -> None:
        answer = requests.get(url, allow_redirects=False, timeout=20)
        ended_at.append(answer.headers["Location"])

    log_in(here, "itwin", Browser(show, lambda: ended_at[0]))
    running.turn(fault="401_dead", fault_at="itwin_groups")
    fetched(here)
    assert logins(running) == 2
    running.turn(fault="none")
    fetched(here)
    assert logins(running) == 2
