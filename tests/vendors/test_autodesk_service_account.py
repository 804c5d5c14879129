"""Signing in as a service account, and the login of people."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from takeoff.core.errors import InputRefused
from takeoff.vendors.autodesk import client
from takeoff.vendors.autodesk.service_account import GRANT, ServiceAccount, token_request

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "https://developer.api.autodesk.com/"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_signed_token_says_who_for_whom_and_how_long(key: rsa.RSAPrivateKey) -> None:
    account = ServiceAccount("client", "account", "key-1", _pem(key))
    request = token_request(account, BASE, NOW)
    assert (request.method, request.path, request.with_auth) == (
        "POST",
        "/authentication/v2/token",
        False,
    )
    assert request.form is not None
    assert request.form["grant_type"] == GRANT
    assert request.form["client_id"] == "client"
    signed = request.form["assertion"]
    assert jwt.get_unverified_header(signed) == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    claims = jwt.decode(
        signed,
        key.public_key(),
        algorithms=["RS256"],
        audience="https://developer.api.autodesk.com/authentication/v2/token",
        options={"verify_exp": False},
    )
    assert (claims["iss"], claims["sub"], claims["scope"]) == ("client", "account", ["data:read"])
    assert claims["exp"] == int(NOW.timestamp()) + 300


def test_application_with_a_secret_says_so_in_the_header(key: rsa.RSAPrivateKey) -> None:
    account = ServiceAccount("client", "account", "key-1", _pem(key), "secret")
    request = token_request(account, BASE, NOW)
    assert dict(request.headers) == {"Authorization": "Basic Y2xpZW50OnNlY3JldA=="}
    assert "client_id" not in (request.form or {})


def test_nothing_of_the_key_is_shown(key: rsa.RSAPrivateKey) -> None:
    account = ServiceAccount("client", "account", "key-1", _pem(key), "secret")
    shown = repr(account) + repr(token_request(account, BASE, NOW))
    assert "PRIVATE" not in shown
    assert "secret" not in shown
    assert "Basic" not in shown


def test_other_keys_are_refused() -> None:
    for pem in ("no key", _pem(ec.generate_private_key(ec.SECP256R1()))):
        with pytest.raises(InputRefused, match="private key 'key-1' cannot sign"):
            token_request(ServiceAccount("client", "account", "key-1", pem), BASE, NOW)


def test_a_package_that_is_missing_is_not_taken_for_a_wrong_key(
    key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyJWT that was installed without cryptography knows no RS256."""
    monkeypatch.setitem(sys.modules, "cryptography", None)
    account = ServiceAccount("client", "account", "key-1", _pem(key))
    with pytest.raises(InputRefused, match="needs the packages pyjwt and cryptography"):
        token_request(account, BASE, NOW)


def test_login_of_people_begins_at_the_service() -> None:
    app = client.oauth_app(BASE, "client", "http://127.0.0.1:8080/back")
    assert app.authorize_url == "https://developer.api.autodesk.com/authentication/v2/authorize"
    assert (app.token_path, app.scopes) == ("/authentication/v2/token", ("data:read",))
