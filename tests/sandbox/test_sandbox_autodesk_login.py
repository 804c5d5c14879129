"""Tokens of users and of apps: who may ask what, and how tokens are renewed."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from autodesk_wire import TIMEOUT_S, AutodeskWire, Turned

REDIRECT = "http://localhost:8080/callback"
VERIFIER = "v" * 43
READ = "data:read"
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


CHALLENGE = encoded(hashlib.sha256(VERIFIER.encode()).digest())


def authorize(wire: AutodeskWire, **changes: str) -> requests.Response:
    asked = {
        "response_type": "code",
        "client_id": wire.service.told["client_id"],
        "redirect_uri": REDIRECT,
        "scope": READ,
        "state": "s 1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    given = {name: value for name, value in asked.items() if value}
    return wire.get("/authentication/v2/authorize", params=given, headers={})


def told_back(answer: requests.Response) -> dict[str, str]:
    """What the redirect tells the app."""
    assert answer.status_code == 302, answer.text
    parts = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in parts.items()}


def token(wire: AutodeskWire, auth: tuple[str, str] | None = None, **form: str) -> Any:
    url = f"{wire.base}/authentication/v2/token"
    return requests.post(url, data=form, auth=auth, timeout=TIMEOUT_S)


def redeemed(wire: AutodeskWire, **changes: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": told_back(authorize(wire))["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": wire.service.told["client_id"],
        **changes,
    }
    return token(wire, **form)


def refreshed(wire: AutodeskWire, refresh_token: str) -> Any:
    client_id = wire.service.told["client_id"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": client_id}
    return token(wire, **form)


def service(wire: AutodeskWire) -> tuple[str, str]:
    told = wire.service.told
    return told["service_client_id"], told["service_client_secret"]


def index_status(wire: AutodeskWire, access_token: str) -> int:
    headers = {"Authorization": f"Bearer {access_token}"}
    return wire.batch({"versionUrn": wire.urns[-1]}, headers=headers).status_code


def test_a_code_becomes_a_token_that_may_index(autodesk: Turned) -> None:
    wire = autodesk()
    assert told_back(authorize(wire))["state"] == "s 1"
    answer = redeemed(wire)
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json()
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
    assert index_status(wire, told["access_token"]) == 200


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "w" * 43}, {"redirect_uri": "http://localhost:1/"}, {"code": "another"}],
)
def test_a_code_that_does_not_fit(autodesk: Turned, changes: dict[str, str]) -> None:
    answer = redeemed(autodesk(), **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_good_once(autodesk: Turned) -> None:
    wire = autodesk()
    code = told_back(authorize(wire))["code"]
    assert redeemed(wire, code=code).status_code == 200
    assert redeemed(wire, code=code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "data:fly"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_what_cannot_be_authorized(autodesk: Turned, changes: dict[str, str], error: str) -> None:
    assert told_back(authorize(autodesk(), **changes)) == {"error": error, "state": "s 1"}


def test_nobody_is_sent_to_an_address_that_is_not_known(autodesk: Turned) -> None:
    wire = autodesk()
    assert authorize(wire, redirect_uri="http://localhost:666/").status_code == 400
    assert authorize(wire, client_id="another").status_code == 400
    assert told_back(authorize(autodesk(consent="denied")))["error"] == "access_denied"


def test_a_refresh_token_is_good_once(autodesk: Turned) -> None:
    wire = autodesk()
    first = redeemed(wire).json()["refresh_token"]
    second = refreshed(wire, first).json()
    assert index_status(wire, second["access_token"]) == 200
    assert refreshed(wire, first).json()["error"] == "invalid_grant"
    assert refreshed(wire, second["refresh_token"]).status_code == 200


def test_an_app_needs_its_secret(autodesk: Turned) -> None:
    wire = autodesk()
    assert token(wire, grant_type="client_credentials", scope=READ).status_code == 401
    wrong = (service(wire)[0], "wrong")
    answer = token(wire, auth=wrong, grant_type="client_credentials", scope=READ)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    answer = token(wire, auth=service(wire), grant_type="password", scope=READ)
    assert answer.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_token_without_a_user_may_list_but_not_index(autodesk: Turned, status: str) -> None:
    wire = autodesk(autodesk_two_legged=status)
    answer = token(wire, auth=service(wire), grant_type="client_credentials", scope=READ)
    told = answer.json()
    assert "refresh_token" not in told
    assert index_status(wire, told["access_token"]) == int(status)
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    assert wire.get("/project/v1/hubs", headers=headers).status_code == 200


def test_a_token_needs_the_scope_to_read(autodesk: Turned) -> None:
    wire = autodesk()
    code = told_back(authorize(wire, scope="viewables:read"))["code"]
    assert index_status(wire, redeemed(wire, code=code).json()["access_token"]) == 403


def test_without_a_good_token_nothing_is_shown(autodesk: Turned) -> None:
    wire = autodesk()
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}):
        assert wire.get("/project/v1/hubs", headers=headers).status_code == 401
        assert wire.get(f"{wire.index}/indexes/x", headers=headers).status_code == 401


def test_tokens_lapse(autodesk: Turned) -> None:
    wire = autodesk(token_s="0")
    assert index_status(wire, redeemed(wire).json()["access_token"]) == 401


class Signer:
    """A key pair made for a test: too short for anything else."""

    def __init__(self) -> None:
        dice = random.Random(7)
        primes = [_prime(dice), _prime(dice)]
        self.n, self.e = primes[0] * primes[1], 65537
        self._d = pow(self.e, -1, (primes[0] - 1) * (primes[1] - 1))

    @property
    def jwk(self) -> str:
        numbers = {"n": self.n, "e": self.e}
        parts = {name: encoded(_bytes(number)) for name, number in numbers.items()}
        return json.dumps({"kty": "RSA", **parts})

    @property
    def pem(self) -> str:
        key = _der(0x30, _whole(self.n) + _whole(self.e))
        algorithm = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
        info = _der(0x30, algorithm + _der(0x03, b"\x00" + key))
        body = base64.encodebytes(info).decode()
        return f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n"

    def assertion(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        digest = SHA256 + hashlib.sha256(signed.encode()).digest()
        size = (self.n.bit_length() + 7) // 8
        padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
        number = pow(int.from_bytes(padded, "big"), self._d, self.n)
        return f"{signed}.{encoded(number.to_bytes(size, 'big'))}"


def _prime(dice: random.Random) -> int:
    while True:
        number = dice.getrandbits(512) | (3 << 510) | 1
        if all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7, 11)):
            return number


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _whole(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + content


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


def claims(wire: AutodeskWire, **changes: Any) -> dict[str, Any]:
    told = wire.service.told
    given = {
        "iss": told["service_client_id"],
        "sub": told["service_account_id"],
        "aud": "https://developer.api.autodesk.com/authentication/v2/token",
        "exp": int(time.time()) + 300,
        "scope": [READ],
    }
    return {**given, **changes}


def asserted(wire: AutodeskWire, assertion: str) -> Any:
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return token(wire, auth=service(wire), grant_type=grant, assertion=assertion)


@pytest.mark.parametrize("form", ["jwk", "pem"])
def test_a_service_account_is_a_user(autodesk: Turned, signer: Signer, form: str) -> None:
    wire = autodesk(autodesk_service_key=getattr(signer, form))
    header = {"alg": "RS256", "kid": wire.service.told["service_key_id"]}
    told = asserted(wire, signer.assertion(header, claims(wire))).json()
    assert index_status(wire, told["access_token"]) == 200


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        ({"alg": "none"}, {}),
        ({"kid": "another"}, {}),
        ({}, {"iss": "another"}),
        ({}, {"sub": "another"}),
        ({}, {"aud": "https://elsewhere.example"}),
        ({}, {"exp": 1}),
        ({}, {"exp": int(time.time()) + 3600 * 24}),
        ({}, {"scope": READ}),
    ],
)
def test_an_assertion_that_does_not_fit(
    autodesk: Turned, signer: Signer, header: dict[str, str], changes: dict[str, Any]
) -> None:
    wire = autodesk(autodesk_service_key=signer.jwk)
    header = {"alg": "RS256", "kid": wire.service.told["service_key_id"], **header}
    answer = asserted(wire, signer.assertion(header, claims(wire, **changes)))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_assertion_of_another(autodesk: Turned, signer: Signer) -> None:
    wire = autodesk(autodesk_service_key=signer.jwk)
    header = {"alg": "RS256", "kid": wire.service.told["service_key_id"]}
    head, body, signature = signer.assertion(header, claims(wire)).split(".")
    for assertion in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body}.AAAA", "x", "a.b.c"):
        assert asserted(wire, assertion).json()["error"] == "invalid_grant"
    wire = autodesk()
    assert "cannot be read" in asserted(wire, "a.b.c").json()["error_description"]
