"""Log-in over raw HTTP, and that nothing secret is told to anyone."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from wire import TIMEOUT_S, Serve, Wire, fetch

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")


def _authorize(wire: Wire, **changes: str) -> requests.Response:
    asked = {
        "client_id": wire.running.at("qonic").told["client_id"],
        "redirect_uri": wire.running.at("qonic").told["redirect_uri"],
        "scope": "projects:read models:read",
        "state": "st&te",
        "code_challenge": CHALLENGE.decode(),
        "code_challenge_method": "S256",
    }
    return wire.get("/auth/authorize", params=asked | changes, headers={})


def _sent_back(answer: requests.Response) -> dict[str, str]:
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def _exchange(wire: Wire, **changes: str) -> requests.Response:
    form = {
        "client_id": wire.running.at("qonic").told["client_id"],
        "redirect_uri": wire.running.at("qonic").told["redirect_uri"],
        "code_verifier": VERIFIER,
        "grant_type": "authorization_code",
    }
    url = f"{wire.running.at('qonic').base_url}/auth/token"
    return requests.post(url, data=form | changes, timeout=TIMEOUT_S)


def _new_token(wire: Wire) -> dict[str, str]:
    told: dict[str, str] = _exchange(wire, code=_sent_back(_authorize(wire))["code"]).json()
    return told


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic {}", "{}"])
def test_without_a_good_bearer_token_401(house_wire: Wire, header: str | None) -> None:
    token = house_wire.running.at("qonic").token
    headers = {} if header is None else {"Authorization": header.format(token)}
    for path in ("/projects", "/operations/none", f"{house_wire.project}/locations", "/nowhere"):
        assert house_wire.get(path, headers=headers).status_code == 401


def test_the_whole_log_in(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    answer = _authorize(wire)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(
        f"{wire.running.at('qonic').told['redirect_uri']}?code="
    )
    back = _sent_back(answer)
    assert back["state"] == "st&te"
    told = _exchange(wire, code=back["code"]).json()
    assert told["token_type"] == "Bearer"
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    assert wire.get("/projects", headers=headers).status_code == 200
    assert _exchange(wire, code=back["code"]).status_code == 400


def test_the_token_says_when_it_lapses_and_does(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, token_s="1")
    token = _new_token(wire)["access_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert abs(claims["exp"] - time.time()) < 3
    time.sleep(1.1)
    headers = {"Authorization": f"Bearer {token}"}
    assert wire.get("/projects", headers=headers).status_code == 401


def test_refresh_is_good_once(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    refresh = {"grant_type": "refresh_token", "refresh_token": _new_token(wire)["refresh_token"]}
    token = _exchange(wire, **refresh).json()["access_token"]
    assert wire.get("/projects", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert _exchange(wire, **refresh).status_code == 400


def test_bare_answer(serve: Serve, house_lake: Path) -> None:
    assert set(_new_token(serve(house_lake, token_answer="bare"))) == {"access_token"}


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": "http://localhost:8080/callback/"}, {"client_id": "other"}]
)
def test_nobody_is_sent_to_an_unknown_place(house_wire: Wire, changes: dict[str, str]) -> None:
    answer = _authorize(house_wire, **changes)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "everything"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_errors_come_back_with_the_state(
    house_wire: Wire, changes: dict[str, str], error: str
) -> None:
    assert _sent_back(_authorize(house_wire, **changes)) == {"error": error, "state": "st&te"}


def test_a_user_may_decline(serve: Serve, house_lake: Path) -> None:
    assert _sent_back(_authorize(serve(house_lake, consent="denied")))["error"] == "access_denied"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": "s"},
        {"code_verifier": "w" * 43},
        {"redirect_uri": "http://localhost:8080/other"},
        {"grant_type": "client_credentials"},
        {"client_id": "other"},
    ],
)
def test_exchanges_that_are_refused(house_wire: Wire, changes: dict[str, str]) -> None:
    code = _sent_back(_authorize(house_wire))["code"]
    answer = _exchange(house_wire, **{"code": code, **changes})
    assert answer.status_code == 400
    assert "errorDetails" in answer.json()


def test_the_token_endpoint_takes_a_form_only(house_wire: Wire) -> None:
    body = {"grant_type": "authorization_code"}
    assert house_wire.post("/auth/token", body, headers={}).status_code == 400


def test_what_needs_no_log_in(house_wire: Wire) -> None:
    scopes = house_wire.get("/auth/scopes", headers={}).json()["scopes"]
    assert {"models:read", "projects:read"} < {scope["name"] for scope in scopes}
    apps = house_wire.get("/public-api-applications/config", headers={}).json()
    assert apps["api_python_sample"] == house_wire.running.at("qonic").told["client_id"]


def test_tokens_can_be_listed_and_revoked(serve_new: Serve, house_lake: Path) -> None:
    wire = serve_new(house_lake)
    [only] = wire.get("/auth/tokens").json()
    url = f"{wire.running.at('qonic').base_url}/auth/tokens/{only['id']}"
    assert requests.delete(url, headers=wire.headers, timeout=TIMEOUT_S).status_code == 204
    assert wire.get("/projects").status_code == 401


def test_nothing_secret_is_shown_or_logged(
    serve_new: Serve,
    house_lake: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    wire = serve_new(house_lake, polls="0")
    told = _new_token(wire)
    location = wire.location("quantities", wire.start("quantities", {"calculators": ["Count"]}))
    fetch(location)
    out, err = capfd.readouterr()
    of_ours = [r.getMessage() for r in caplog.records if not r.name.startswith("urllib3")]
    shown = "\n".join([repr(wire.running), repr(wire.running.seen()), out, err, *of_ours])
    signature = location.partition("signature=")[2]
    secrets = (
        wire.running.at("qonic").token,
        told["access_token"],
        told["refresh_token"],
        signature,
    )
    assert "/auth/token" in shown
    assert [secret for secret in secrets if secret in shown] == []
