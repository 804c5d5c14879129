"""Logging in with Autodesk as a person, as an application with a secret, as a service account."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from autodesk_building import building
from both_ways import hurry
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from takeoff.config import Access, Settings, read_settings
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Quiet
from takeoff.http.auth import OAuthApp, begin_login, code_request
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.jobs.logins import Browser, log_in, who_am_i
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors.autodesk import client


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    building().commit(tmp_path / "served")
    with Sandbox(open_layout(tmp_path / "served"), {"polls": "0"}).start() as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "private" / "tokens.json"
    monkeypatch.setenv("TAKEOFF_TOKENS", str(path))
    hurry(monkeypatch)
    return path


class Person:
    """Somebody with a browser elsewhere, who pastes the address that it ended at."""

    def __init__(self) -> None:
        self.ended_at = ""

    def show(self, url: str) -> None:
        answer = requests.get(url, allow_redirects=False, timeout=10)
        self.ended_at = answer.headers.get("Location", "")

    def browser(self) -> Browser:
        return Browser(self.show, lambda: self.ended_at)


def fetched(settings: Settings) -> None:
    [outcome] = fetch_models(settings, "autodesk", ModelOptions(force=True), Quiet())
    assert outcome.is_new, outcome.error


@pytest.mark.parametrize("kind", ["public", "confidential"])
def test_a_person_logs_in_and_the_login_renews_itself(
    running: Running, store: Path, tmp_path: Path, kind: str
) -> None:
    """A refresh token is good once: the new one is kept each time."""
    service = running.at("autodesk")
    told = service.told
    app = {"client_id": told["client_id"]}
    if kind == "confidential":
        secret = told["service_client_secret"]
        app = {"client_id": told["service_client_id"], "client_secret": secret}
    access = Access(base_url=service.base_url, redirect_uri=told["redirect_uri"], **app)
    settings = Settings(lake=tmp_path / "lake", vendors={"autodesk": access})
    log_in(settings, "autodesk", Person().browser())
    kept = [store.read_bytes()]
    for _ in range(2):
        running.turn(polls="0", fault="401_dead", fault_at="autodesk_job")
        fetched(settings)
        kept.append(store.read_bytes())
    assert len(set(kept)) == 3


def test_a_secret_goes_in_the_header_and_in_no_form() -> None:
    app = client.oauth_app("https://example.org/", "id", "http://localhost:8080/callback", "secret")
    request = code_request(app, begin_login(app), "code")
    pair = base64.b64encode(b"id:secret").decode()
    assert dict(request.headers) == {"Authorization": f"Basic {pair}"}
    assert {"client_id", "client_secret"}.isdisjoint(request.form or {})
    others = OAuthApp("https://example.org/a", "/token", "id", "http://localhost/", (), "secret")
    form = code_request(others, begin_login(others), "code").form or {}
    assert (form["client_id"], form["client_secret"]) == ("id", "secret")


def test_a_service_account_needs_nobody(running: Running, store: Path, tmp_path: Path) -> None:
    """It signs in anew when its token ends; nothing of it is kept."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    service = running.at("autodesk")
    told = service.told
    environ = {
        "TAKEOFF_AUTODESK_BASE_URL": service.base_url,
        "TAKEOFF_AUTODESK_CLIENT_ID": told["service_client_id"],
        "TAKEOFF_AUTODESK_CLIENT_SECRET": told["service_client_secret"],
        "TAKEOFF_AUTODESK_SERVICE_ACCOUNT": told["service_account_id"],
        "TAKEOFF_AUTODESK_KEY_ID": told["service_key_id"],
        "TAKEOFF_AUTODESK_PRIVATE_KEY": private,
    }
    settings = read_settings({"lake": str(tmp_path / "lake")}, {**os.environ, **environ})
    known = {"polls": "0", "autodesk_service_key": public.decode()}
    running.turn(**known, fault="401_dead", fault_at="autodesk_job")
    fetched(settings)
    assert not store.exists()
    [row] = [row for row in _logins(settings) if row["vendor"] == "autodesk"]
    assert (row["login"], row["renews"]) == ("TAKEOFF_AUTODESK_PRIVATE_KEY", True)
    assert private not in repr(settings)


def test_a_service_account_that_lacks_something_is_told_what(tmp_path: Path) -> None:
    access = Access(client_id="id", private_key="-----BEGIN", service_account="account")
    settings = Settings(lake=tmp_path / "lake", vendors={"autodesk": access})
    with pytest.raises(InputRefused, match="TAKEOFF_AUTODESK_KEY_ID"):
        fetched(settings)


def _logins(settings: Settings) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = who_am_i(settings).arrow().to_pylist()
    return rows
