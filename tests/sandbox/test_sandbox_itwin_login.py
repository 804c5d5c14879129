"""Log-in at the iTwin platform over raw HTTP: discovery, tokens in every way, API keys."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from itwin_wire import Itwin
from wire import TIMEOUT_S, Serve, fetch

VERIFIER = "a-verifier-that-is-long-enough-to-be-one-of-43-characters"
CALLBACK = "http://localhost:8080/callback"


@pytest.fixture
def wire(serve: Serve, house_lake: Path) -> Itwin:
    return Itwin(serve(house_lake))


def _token(wire: Itwin, **asked: Any) -> requests.Response:
    discovered = fetch(f"{wire.base_url}/.well-known/openid-configuration").json()
    return requests.post(discovered["token_endpoint"], timeout=TIMEOUT_S, **asked)


def _works(wire: Itwin, token: str) -> bool:
    answer = fetch(f"{wire.base_url}/itwins", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


def _code(wire: Itwin, **changes: str) -> dict[str, list[str]]:
    """The query that the user is sent back with."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": wire.service.told["client_id"],
        "redirect_uri": CALLBACK,
        "scope": "itwin-platform offline_access",
        "state": "s 1",
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    answer = fetch(f"{wire.base_url}/connect/authorize", params=asked | changes)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{CALLBACK}?")
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def _exchange(wire: Itwin, code: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": wire.service.told["client_id"],
        "redirect_uri": CALLBACK,
        "code": code,
        "code_verifier": VERIFIER,
    }
    return _token(wire, data=form | changes)


def test_discovery_has_what_the_vendors_library_insists_on(wire: Itwin) -> None:
    told = fetch(f"{wire.base_url}/.well-known/openid-configuration").json()
    assert told["issuer"] == wire.base_url
    for key in (
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    ):
        assert told[key], key
    assert fetch(told["jwks_uri"]).json() == {"keys": []}


@pytest.mark.parametrize("is_basic", [True, False])
def test_client_credentials_by_form_and_by_basic(wire: Itwin, is_basic: bool) -> None:
    told = wire.service.told
    form = {"grant_type": "client_credentials", "scope": "itwin-platform"}
    asked: dict[str, Any] = {"auth": (told["client_id"], told["client_secret"]), "data": form}
    if not is_basic:
        secret = {"client_id": told["client_id"], "client_secret": told["client_secret"]}
        asked = {"data": form | secret}
    answer = _token(wire, **asked)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)
    assert "refresh_token" not in answer.json()
    assert _works(wire, answer.json()["access_token"])


def test_a_wrong_secret_gives_no_token(wire: Itwin) -> None:
    form = {"grant_type": "client_credentials", "scope": "itwin-platform"}
    answer = _token(wire, auth=(wire.service.told["client_id"], "guess"), data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    scope = {"scope": "everything"}
    auth = (wire.service.told["client_id"], wire.service.told["client_secret"])
    assert _token(wire, auth=auth, data=form | scope).json()["error"] == "invalid_scope"


def test_a_code_with_its_verifier_is_good_once(wire: Itwin) -> None:
    back = _code(wire)
    assert back["state"] == ["s 1"]
    answer = _exchange(wire, back["code"][0])
    assert _works(wire, answer.json()["access_token"])
    assert _exchange(wire, back["code"][0]).json()["error"] == "invalid_grant"


def test_a_code_is_nothing_without_its_verifier(wire: Itwin) -> None:
    answer = _exchange(wire, _code(wire)["code"][0], code_verifier="another")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_only_s256(wire: Itwin) -> None:
    assert _code(wire, code_challenge_method="plain")["error"] == ["invalid_request"]


def test_the_user_may_say_no(serve: Serve, house_lake: Path) -> None:
    assert _code(Itwin(serve(house_lake, consent="denied")))["error"] == ["access_denied"]


def test_nobody_is_sent_to_a_place_that_is_not_known(wire: Itwin) -> None:
    asked = {"client_id": wire.service.told["client_id"], "redirect_uri": "http://elsewhere"}
    answer = fetch(f"{wire.base_url}/connect/authorize", params=asked)
    assert answer.status_code == 400


def test_refresh_needs_offline_access_and_changes(wire: Itwin) -> None:
    without = _exchange(wire, _code(wire, scope="itwin-platform")["code"][0]).json()
    assert "refresh_token" not in without
    first = _exchange(wire, _code(wire)["code"][0]).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": wire.service.told["client_id"]}
    second = _token(wire, data=form | {"refresh_token": first}).json()
    assert _works(wire, second["access_token"])
    again = _token(wire, data=form | {"refresh_token": first})
    assert again.json()["error"] == "invalid_grant", "a refresh token is good once"


def test_tokens_lapse(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, token_s="0"))
    token = _exchange(wire, _code(wire)["code"][0]).json()["access_token"]
    assert not _works(wire, token)


@pytest.mark.parametrize(
    ("header", "code"),
    [(None, "HeaderNotFound"), ("Bearer made-up", "Unauthorized"), ("Basic eA==", "Unauthorized")],
)
def test_without_a_token_nothing_is_told(wire: Itwin, header: str | None, code: str) -> None:
    answer = wire.get("/itwins", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)


def test_refusals_of_401_in_every_shape(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, itwin_401="unwrapped"))
    answer = wire.get("/itwins", headers={"Authorization": None})
    assert set(answer.json()) == {"code", "message"}
    wire = Itwin(serve(house_lake, itwin_401="empty"))
    answer = wire.get("/itwins", headers={"Authorization": None})
    assert (answer.status_code, answer.content) == (401, b"")


def test_api_keys_open_feeds_and_nothing_else(serve_new: Serve, house_lake: Path) -> None:
    own = Itwin(serve_new(house_lake))
    [report] = own.every("reports", f"/insights/reporting/reports?iTwinId={own.itwin_id}")
    feed = report["_links"]["odata"]["href"]
    key = own.made("/insights/reporting/keys", {"displayName": "K", "reportId": report["id"]})
    user = base64.b64encode(f"anybody:{key['apiKey']}".encode()).decode()
    for given in (key["apiKey"], user):
        headers = {"Authorization": f"Basic {given}"}
        assert fetch(feed, headers=headers).status_code == 200
        assert fetch(f"{feed}/$metadata", headers=headers).status_code == 200
        assert fetch(f"{own.base_url}/itwins", headers=headers).status_code == 401
    [listed] = own.every("keys", "/insights/reporting/keys")
    assert "apiKey" not in listed
    path = f"/insights/reporting/keys/{key['id']}"
    assert own.json(path)["key"] == listed
    assert own.ask("DELETE", path).status_code == 204
    assert fetch(feed, headers={"Authorization": f"Basic {key['apiKey']}"}).status_code == 401
    assert own.get(path).status_code == 404


def test_secrets_are_not_among_what_was_seen(wire: Itwin) -> None:
    _exchange(wire, _code(wire)["code"][0])
    told = wire.service.told
    seen = repr(wire.running.seen())
    assert wire.service.token not in seen
    assert told["client_secret"] not in seen
    assert wire.service.token not in repr(wire.service)
