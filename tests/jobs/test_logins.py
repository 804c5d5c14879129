"""Logging in with a browser, keeping the login, renewing it; and nothing secret shown anywhere."""

from __future__ import annotations

import json
import logging
import os
import stat
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from small_lakes import Model

from takeoff.config import Access, Settings, read_settings
from takeoff.core.errors import InputRefused, LakeUnusable, NotUnderstood, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.http.auth import Tokens, begin_login
from takeoff.http.session import Session
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.jobs.logins import Browser, client_of, log_in, log_out, vendor_session, who_am_i
from takeoff.jobs.token_store import FileStore, open_store
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox

_REDIRECT = "http://localhost:8974/callback"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "private" / "tokens.json"
    monkeypatch.setenv("TAKEOFF_TOKENS", str(path))
    return path


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    Model("house").commit(tmp_path / "served")
    switches = {"redirect_uris": _REDIRECT, "polls": "0"}
    with Sandbox(open_layout(tmp_path / "served"), switches).start() as sandbox:
        yield sandbox


@pytest.fixture
def settings(running: Running, tmp_path: Path) -> Settings:
    service = running.at("qonic")
    access = Access(
        base_url=service.base_url, client_id=service.told["client_id"], redirect_uri=_REDIRECT
    )
    return Settings(lake=tmp_path / "lake", vendors={"qonic": access})


class Person:
    """Somebody with a browser elsewhere, who pastes the address that it ended at."""

    def __init__(self) -> None:
        self.url = self.ended_at = ""

    def show(self, url: str) -> None:
        self.url = url
        answer = requests.get(url, allow_redirects=False, timeout=10)
        self.ended_at = answer.headers.get("Location", "")

    def browser(self) -> Browser:
        return Browser(self.show, lambda: self.ended_at)


def test_a_login_is_kept_for_you_alone_and_used(settings: Settings, store: Path) -> None:
    assert log_in(settings, "qonic", Person().browser()) == str(store)
    if os.name == "posix":
        assert stat.S_IMODE(store.stat().st_mode) == 0o600
    [outcome] = fetch_models(settings, "qonic", ModelOptions(), Quiet())
    assert outcome.outcome == "new", outcome.error


def test_the_browser_comes_back_to_this_machine(settings: Settings, store: Path) -> None:
    """Other requests, such as for an icon of the page, do not end the waiting."""

    def visit(url: str) -> None:
        def walk() -> None:
            requests.get("http://127.0.0.1:8974/favicon.ico", timeout=10)
            requests.get(url, timeout=10)

        Thread(target=walk).start()

    assert log_in(settings, "qonic", Browser(visit)) == str(store)


def test_a_login_asks_to_read_unless_it_is_told_to_write(settings: Settings, store: Path) -> None:
    person = Person()
    asked = []
    for writes in (False, True):
        log_in(settings, "qonic", person.browser(), writes=writes)
        [scope] = parse_qs(urlsplit(person.url).query)["scope"]
        asked.append(scope.split())
    read, both = asked
    assert read == ["projects:read", "models:read", "libraries:read"]
    assert both == [*read, "projects:write", "models:write", "libraries:write"]


def test_where_nothing_is_changed_no_right_to_is_asked_for(store: Path) -> None:
    settings = Settings(vendors={"autodesk": Access(client_id="c")})
    with pytest.raises(InputRefused, match="changes nothing at Autodesk"):
        log_in(settings, "autodesk", Person().browser(), writes=True)


@pytest.mark.parametrize(
    ("said", "kept"), [("Bearer", "BimPlus"), ("Own", "Own"), (None, "BimPlus")]
)
def test_a_token_goes_with_the_vendors_own_word(
    store: Path, monkeypatch: pytest.MonkeyPatch, said: str | None, kept: str
) -> None:
    """An authority says Bearer by habit; the word that Bimplus is known to take is its own."""
    answer = {"access_token": "t0", "expires_in": 3600, "token_type": said}
    monkeypatch.setattr(Session, "ask_json", lambda self, request: answer)
    access = Access(client_id="c", redirect_uri=_REDIRECT)
    settings = Settings(vendors={"bimplus": access})
    begun: list[str] = []

    def come_back() -> str:
        [state] = parse_qs(urlsplit(begun[0]).query)["state"]
        return f"{_REDIRECT}?code=c0&state={state}"

    log_in(settings, "bimplus", Browser(begun.append, come_back))
    [tokens] = json.loads(store.read_text()).values()
    assert (tokens["scheme"], tokens["access_token"]) == (kept, "t0")


@pytest.mark.parametrize("vendor", ["autodesk", "bimplus", "itwin"])
def test_a_code_is_what_the_login_page_is_asked_for(vendor: str) -> None:
    """RFC 6749 wants it said. Qonic's own clients do not say it, so ours does not either."""
    app = client_of(vendor).oauth_app("https://login.example", "c", _REDIRECT)
    asked = parse_qs(urlsplit(begin_login(app).url).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])


def test_nobody_comes_back(settings: Settings, store: Path) -> None:
    with pytest.raises(VendorRefused, match="in time"):
        log_in(settings, "qonic", Browser(lambda url: None, wait_s=0.2))
    assert not store.exists()


def test_the_answer_to_another_login_is_refused(settings: Settings, store: Path) -> None:
    person = Person()
    log_in(settings, "qonic", person.browser())
    earlier = person.ended_at
    with pytest.raises(NotUnderstood, match="another login"):
        log_in(settings, "qonic", Browser(person.show, lambda: earlier))


def test_consent_that_is_denied(settings: Settings, store: Path, running: Running) -> None:
    running.turn(consent="denied")
    with pytest.raises(VendorRefused, match="login was refused"):
        log_in(settings, "qonic", Person().browser())
    assert not store.exists()


def test_a_login_that_ends_in_the_middle_is_renewed_and_kept(
    settings: Settings, store: Path, running: Running
) -> None:
    log_in(settings, "qonic", Person().browser())
    before = json.loads(store.read_text())
    running.turn(fault="401_dead", fault_at="properties", fault_skip="0")
    [outcome] = fetch_models(settings, "qonic", ModelOptions(), Quiet())
    assert outcome.outcome == "new", outcome.error
    [old], [new] = before.values(), json.loads(store.read_text()).values()
    assert new["access_token"] != old["access_token"]


def test_a_token_of_the_environment_is_renewed_if_it_can_be(
    settings: Settings, store: Path, running: Running
) -> None:
    log_in(settings, "qonic", Person().browser())
    [known] = json.loads(store.read_text()).values()
    store.unlink()
    access = replace(settings.vendors["qonic"], token="ended", refresh_token=known["refresh_token"])
    settings = replace(settings, vendors={"qonic": access})
    [outcome] = fetch_models(settings, "qonic", ModelOptions(), Quiet())
    assert outcome.outcome == "new", outcome.error
    assert not store.exists()


def test_without_an_application_there_is_no_login(settings: Settings, store: Path) -> None:
    access = replace(settings.vendors["qonic"], client_id=None)
    with pytest.raises(InputRefused, match="TAKEOFF_QONIC_CLIENT_ID"):
        log_in(replace(settings, vendors={"qonic": access}), "qonic", Person().browser())


def test_without_a_login_nothing_is_asked(settings: Settings, store: Path) -> None:
    with (
        pytest.raises(VendorRefused, match="takeoff login qonic"),
        vendor_session(settings, "qonic"),
    ):
        pass


def test_tokens_of_one_service_never_reach_another(
    settings: Settings, store: Path, running: Running
) -> None:
    log_in(settings, "qonic", Person().browser())
    elsewhere = replace(settings.vendors["qonic"], base_url="https://other.example/v1")
    with (
        pytest.raises(VendorRefused, match="no login"),
        vendor_session(replace(settings, vendors={"qonic": elsewhere}), "qonic"),
    ):
        pass


def test_logging_out_forgets(settings: Settings, store: Path) -> None:
    log_in(settings, "qonic", Person().browser())
    assert log_out(settings, "qonic") is True
    assert log_out(settings, "qonic") is False
    assert "access_token" not in store.read_text()


def test_who_am_i_shows_no_token(settings: Settings, store: Path) -> None:
    log_in(settings, "qonic", Person().browser())
    rows = {row["vendor"]: row for row in who_am_i(settings).table.to_pylist()}
    assert rows["qonic"]["login"] == str(store)
    assert rows["qonic"]["renews"] is True
    assert rows["qonic"]["ends_at"] is not None
    [known] = json.loads(store.read_text()).values()
    assert known["access_token"] not in repr(rows)


def test_no_log_and_no_repr_shows_a_token(
    settings: Settings, store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = Person()
    log_in(settings, "qonic", person.browser())
    with vendor_session(settings, "qonic") as session:
        shown = repr(session) + repr(session.__dict__)
    [known] = json.loads(store.read_text()).values()
    code = person.ended_at.partition("code=")[2].partition("&")[0]
    for secret in (known["access_token"], known["refresh_token"], code):
        assert len(secret) > 10
        assert secret not in caplog.text + shown


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_file_that_others_may_read_is_refused(store: Path) -> None:
    FileStore(store).write("a", Tokens("t"))
    store.chmod(0o640)
    with pytest.raises(InputRefused, match="chmod 600"):
        FileStore(store).read("a")
    with pytest.raises(InputRefused, match="chmod 600"):
        FileStore(store).write("a", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "\x00",
        '{"a": "s3cret-of-mine"}',
        '{"a": {"token": "s3cret-of-mine"}}',
        '{"a": {"access_token": ["s3cret-of-mine"], "refresh_token": null, "expires_at": null}}',
        '{"a": {"access_token": "t", "refresh_token": null, "expires_at": "s3cret-of-mine"}}',
    ],
)
def test_a_file_that_holds_no_logins_is_refused(store: Path, text: str) -> None:
    FileStore(store).write("a", Tokens("t"))
    store.write_text(text)
    with pytest.raises(InputRefused, match="log in again") as refusal:
        FileStore(store).read("a")
    assert "s3cret" not in "".join(traceback.format_exception(refusal.value))


def test_a_place_that_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((LakeUnusable, InputRefused)):
        FileStore(tmp_path / "file" / "tokens.json").write("a", Tokens("t"))


def test_the_keyring_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backend import KeyringBackend

    class InMemory(KeyringBackend):
        priority = 1  # type: ignore[assignment]
        known: dict[tuple[str, str], str] = {}  # noqa: RUF012

        def get_password(self, service: str, username: str) -> str | None:
            return self.known.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.known[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.known[service, username]

    monkeypatch.setattr("keyring.get_keyring", InMemory)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(f"keyring.{name}", getattr(InMemory(), name))
    store = open_store({})
    assert "InMemory" in store.where
    tokens = Tokens("t", "r", None, "BimPlus")
    store.write("a", tokens)
    assert store.read("a") == tokens
    store.write("a", None)
    assert store.read("a") is None
    store.write("a", None)
    InMemory.known["takeoff", "a"] = '"s3cret-of-mine"'
    with pytest.raises(InputRefused, match="log in again"):
        store.read("a")


def test_settings_of_a_vendor_come_from_file_and_environment(tmp_path: Path) -> None:
    (tmp_path / "takeoff.toml").write_text(
        '[vendors.itwin]\nclient_id = "from file"\nauthority = "https://login.example"\n'
    )
    environ = {"TAKEOFF_ITWIN_CLIENT_ID": "from here", "TAKEOFF_ITWIN_CLIENT_SECRET": "s3cret"}
    settings = read_settings({"config": str(tmp_path / "takeoff.toml")}, environ)
    access = settings.vendors["itwin"]
    assert (access.client_id, access.authority) == ("from here", "https://login.example")
    assert access.client_secret == "s3cret"
    assert "s3cret" not in repr(settings)
    (tmp_path / "takeoff.toml").write_text('[vendors.itwin]\ntoken = "t"\n')
    with pytest.raises(InputRefused, match="holds token"):
        read_settings({"config": str(tmp_path / "takeoff.toml")}, {})


@pytest.mark.parametrize(
    "base_url",
    [
        "https://me:s3cret@example.org/v1",
        "https://me:s3/cret@example.org/v1",
        "https://example.org/v1?token=s3cret",
        "https://example.org/v1#s3cret",
    ],
)
def test_a_login_in_an_address_is_not_shown(store: Path, base_url: str) -> None:
    settings = Settings(vendors={"qonic": Access(base_url=base_url, authority=base_url)})
    shown = {row["vendor"]: row["base_url"] for row in who_am_i(settings).table.to_pylist()}
    assert shown["qonic"] == "no usable address"
    assert shown["itwin"] == "https://api.bentley.com"
    for secret in ("s3cret", "s3/cret"):
        assert secret not in repr(settings)
    with pytest.raises(InputRefused, match="without login and query"):
        Session(base_url, None, name="Qonic")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[vendors]\nqonic = "s3cret"\n', "qonic must be a table, such as [takeoff], not a text."),
        ('[vendors.qonic]\nbase_url = ["s3cret"]\n', "base_url must be a text, not a list."),
        ("[takeoff]\nlake = 7\n", "lake must be a text, not a whole number."),
        ("[takeoff]\nlake = 7.5\n", "lake must be a text, not a value of another kind."),
    ],
)
def test_a_value_in_the_wrong_place_is_not_shown(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "takeoff.toml").write_text(text)
    with pytest.raises(InputRefused) as refusal:
        read_settings({"config": str(tmp_path / "takeoff.toml")}, {})
    assert str(refusal.value).endswith(said)
    assert "s3cret" not in str(refusal.value)


def test_sources_in_the_settings_are_not_shown() -> None:
    """A token that somebody has put there is refused by name, but only by a fetch."""
    settings = Settings(models=[{"vendor": "qonic", "token": "s3cret"}])
    assert "s3cret" not in repr(settings)
