"""Log-in as the contract has it: code with PKCE, refreshing, client credentials, assertions."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from takeoff.sandbox.autodesk.answers import OAuthRefused, Refused
from takeoff.sandbox.autodesk.signed import BadAssertion, read_assertion, read_key
from takeoff.sandbox.switches import Switches

SCOPES = ("data:read", "data:write", "data:create", "data:search", "account:read", "viewables:read")
_READ = "data:read"
_HANDED_OUT_S = 7 * 24 * 3600
_CODE_S = 5 * 60
_REFRESH_S = 15 * 24 * 3600
_ASSERTION_S = 5 * 60
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_TOKEN_PATH = "/authentication/v2/token"
_ASSERTED = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class _Token:
    expires: float
    scopes: frozenset[str]
    is_of_user: bool


@dataclass(frozen=True)
class _Grant:
    """What a code or a refresh token stands for; `challenge` and `redirect_uri` are a code's."""

    client_id: str
    scopes: frozenset[str]
    expires: float
    redirect_uri: str = ""
    challenge: str | None = None


class Auth:
    """Apps and tokens of one run of the sandbox; safe to share by threads.

    `client_id` is a public app's, which has no secret; `service_client_id` and
    `service_client_secret` are those of an app that has one and owns the service account.
    """

    def __init__(self) -> None:
        self.client_id = secrets.token_hex(16)
        self.service_client_id = secrets.token_hex(16)
        self.service_client_secret = secrets.token_hex(8)
        self.service_account_id = secrets.token_hex(6).upper()
        self.service_key_id = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}
        self._codes: dict[str, _Grant] = {}
        self._refresh: dict[str, _Grant] = {}

    def issue(
        self,
        lifetime_s: int = _HANDED_OUT_S,
        scopes: frozenset[str] = frozenset({_READ}),
        *,
        is_of_user: bool = True,
    ) -> str:
        """A new access token."""
        token = secrets.token_urlsafe(48)
        with self._lock:
            self._tokens[token] = _Token(time.time() + lifetime_s, scopes, is_of_user)
        return token

    def check(self, header: str | None, *, needs_user: bool, two_legged: int) -> None:
        """Raises: Refused with 401 unless it is `Bearer` and a token that is good now.

        With 403 if it may not read; with `two_legged` if a user is needed and it is an app's own.
        """
        with self._lock:
            token = self._tokens.get(_bearer(header))
        if token is None or token.expires <= time.time():
            raise Refused(401, "Unauthorized", "The access token is missing, unknown or lapsed.")
        if needs_user and not token.is_of_user:
            what = "This API needs a token of a user (3-legged), not of an app (2-legged)."
            raise Refused(two_legged, "Unauthorized" if two_legged == 401 else "Forbidden", what)
        if _READ not in token.scopes:
            raise Refused(403, "Forbidden", f"The access token lacks the scope {_READ}.")

    def kill(self, header: str | None) -> None:
        """The token is unknown from now on."""
        with self._lock:
            self._tokens.pop(_bearer(header), None)

    def authorize(self, asked: Mapping[str, str], switches: Switches) -> str:
        """Where to send the user: the redirect URI, with a code or an error, and the state.

        Raises: Refused with 400 if the redirect URI or the app is not known, so that nobody is
        sent anywhere.
        """
        redirect_uri, client_id = asked.get("redirect_uri", ""), asked.get("client_id")
        if client_id not in (self.client_id, self.service_client_id):
            raise OAuthRefused(400, "invalid_client", "The client is not known.")
        if redirect_uri not in switches["redirect_uris"].split(","):
            raise OAuthRefused(400, "invalid_request", "The redirect URI is not one that is known.")
        told = {"state": asked["state"]} if "state" in asked else {}
        error = _authorize_error(asked, switches, is_public=client_id == self.client_id)
        if error is not None:
            return f"{redirect_uri}?{urlencode({'error': error, **told})}"
        code = secrets.token_urlsafe(24)
        grant = _Grant(
            client_id,
            frozenset(asked["scope"].split()),
            time.time() + _CODE_S,
            redirect_uri,
            asked.get("code_challenge"),
        )
        with self._lock:
            self._codes[code] = grant
        return f"{redirect_uri}?{urlencode({'code': code, **told})}"

    def exchange(
        self, form: Mapping[str, str], basic: tuple[str, str] | None, host: str, switches: Switches
    ) -> dict[str, Any]:
        """The answer of the token endpoint; `basic` are the app's id and secret, if it told them.

        Raises: OAuthRefused with 400 or 401.
        """
        client_id = self._client(form, basic)
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._answer(self._redeemed(form, client_id), switches)
        if grant == "refresh_token":
            return self._answer(self._refreshed(form, client_id), switches)
        if grant == "client_credentials":
            self._must_have_secret(basic)
            scopes = _scopes(form.get("scope", ""))
            return self._told(self._for(switches, scopes, is_of_user=False), switches)
        if grant == _ASSERTED:
            self._must_have_secret(basic)
            scopes = self._asserted(form.get("assertion", ""), host, switches)
            return self._told(self._for(switches, scopes, is_of_user=True), switches)
        raise OAuthRefused(400, "unsupported_grant_type", f"There is no grant type {grant}.")

    def _client(self, form: Mapping[str, str], basic: tuple[str, str] | None) -> str:
        """The app that asks. Raises: OAuthRefused with 401 unless it is one and proves it."""
        if basic is None:
            if form.get("client_id") == self.client_id and "client_secret" not in form:
                return self.client_id
            raise OAuthRefused(401, "invalid_client", "The client is not known, or needs Basic.")
        client_id, secret = basic
        is_known = secrets.compare_digest(client_id.encode(), self.service_client_id.encode())
        is_right = secrets.compare_digest(secret.encode(), self.service_client_secret.encode())
        if not (is_known and is_right):
            raise OAuthRefused(401, "invalid_client", "The client id or its secret is wrong.")
        return client_id

    def _must_have_secret(self, basic: tuple[str, str] | None) -> None:
        if basic is None:
            raise OAuthRefused(401, "invalid_client", "Only an app with a secret may ask so.")

    def _redeemed(self, form: Mapping[str, str], client_id: str) -> _Grant:
        """What a code stands for; it is good once."""
        with self._lock:
            grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or grant.expires <= time.time() or grant.client_id != client_id:
            raise OAuthRefused(400, "invalid_grant", "The code is not good.")
        if grant.redirect_uri != form.get("redirect_uri"):
            raise OAuthRefused(400, "invalid_grant", "The code is for another redirect URI.")
        if grant.challenge is not None:
            verifier = form.get("code_verifier", "")
            digest = hashlib.sha256(verifier.encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            is_right = secrets.compare_digest(challenge.encode(), grant.challenge.encode())
            if not (_VERIFIER.fullmatch(verifier) and is_right):
                raise OAuthRefused(400, "invalid_grant", "The code verifier does not fit.")
        return grant

    def _refreshed(self, form: Mapping[str, str], client_id: str) -> _Grant:
        """What a refresh token stands for; it is good once."""
        with self._lock:
            grant = self._refresh.pop(form.get("refresh_token", ""), None)
        if grant is None or grant.expires <= time.time() or grant.client_id != client_id:
            raise OAuthRefused(400, "invalid_grant", "The refresh token is used or not known.")
        scopes = _scopes(form["scope"]) if form.get("scope") else grant.scopes
        if not scopes <= grant.scopes:
            raise OAuthRefused(400, "invalid_scope", "A refresh token cannot gain scopes.")
        return _Grant(client_id, scopes, grant.expires)

    def _asserted(self, assertion: str, host: str, switches: Switches) -> frozenset[str]:
        """The scopes of an assertion of the service account."""
        try:
            key = read_key(switches["autodesk_service_key"])
            header, claims = read_assertion(assertion, key)
        except BadAssertion as error:
            raise OAuthRefused(400, "invalid_grant", str(error)) from error
        now, until = time.time(), claims.get("exp")
        audience = claims.get("aud")
        endings = (f"https://developer.api.autodesk.com{_TOKEN_PATH}", f"{host}{_TOKEN_PATH}")
        facts = (
            (header.get("kid") == self.service_key_id, "kid is no key of the account"),
            (claims.get("iss") == self.service_client_id, "iss is not the client id"),
            (claims.get("sub") == self.service_account_id, "sub is not the account"),
            (audience in endings, "aud is not the address of the token endpoint"),
            (isinstance(until, int | float) and now < until, "exp is missing or past"),
            (
                isinstance(until, int | float) and until <= now + _ASSERTION_S + 5,
                "exp is more than 5 minutes away",
            ),
            (isinstance(claims.get("scope"), list), "scope is no list"),
        )
        for is_so, what in facts:
            if not is_so:
                raise OAuthRefused(400, "invalid_grant", f"The assertion's {what}.")
        return _scopes(" ".join(str(one) for one in claims["scope"]))

    def _for(self, switches: Switches, scopes: frozenset[str], *, is_of_user: bool) -> str:
        return self.issue(switches.number("token_s") or 0, scopes, is_of_user=is_of_user)

    def _told(self, token: str, switches: Switches) -> dict[str, Any]:
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": switches.number("token_s") or 0,
        }

    def _answer(self, grant: _Grant, switches: Switches) -> dict[str, Any]:
        """With a refresh token: a new one every time."""
        refresh = secrets.token_urlsafe(32)
        renewed = _Grant(grant.client_id, grant.scopes, time.time() + _REFRESH_S)
        with self._lock:
            self._refresh[refresh] = renewed
        token = self._for(switches, grant.scopes, is_of_user=True)
        return {**self._told(token, switches), "refresh_token": refresh}


def _authorize_error(
    asked: Mapping[str, str], switches: Switches, *, is_public: bool
) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    scopes = asked.get("scope", "").split()
    if not scopes or not set(scopes) <= set(SCOPES):
        return "invalid_scope"
    challenge = asked.get("code_challenge")
    if is_public and not challenge:
        return "invalid_request"
    if challenge and asked.get("code_challenge_method") != "S256":
        return "invalid_request"
    return "access_denied" if switches["consent"] == "denied" else None


def _scopes(text: str) -> frozenset[str]:
    scopes = frozenset(text.split())
    if not scopes or not scopes <= set(SCOPES):
        raise OAuthRefused(400, "invalid_scope", "The scopes are missing or not known.")
    return scopes


def _bearer(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
