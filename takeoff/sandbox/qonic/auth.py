"""Log-in as the contract has it: authorization code with PKCE, at once approved, and tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from takeoff.sandbox.qonic.answers import Refused
from takeoff.sandbox.switches import Switches

SCOPES = (
    "projects:read",
    "projects:write",
    "models:read",
    "models:write",
    "issues:read",
    "libraries:read",
    "libraries:write",
)
_HANDED_OUT_S = 7 * 24 * 3600


@dataclass(frozen=True)
class _Code:
    client_id: str
    redirect_uri: str
    challenge: str
    scope: str


class Auth:
    """Tokens of one run of the sandbox; safe to share by threads. `client_id` is a public app's.

    No token is ever part of a text that a person or a log sees.
    """

    def __init__(self) -> None:
        self.client_id = secrets.token_hex(12)
        self._lock = threading.Lock()
        self._expiry: dict[str, float] = {}
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._scopes: dict[str, str] = {}

    def issue(self, lifetime_s: int = _HANDED_OUT_S, scope: str = " ".join(SCOPES)) -> str:
        """A new access token; its claims say when it lapses, its last part is random."""
        expires = time.time() + lifetime_s
        parts = ({"alg": "none", "typ": "JWT"}, {"exp": int(expires)})
        texts = [_base64(json.dumps(part).encode()) for part in parts]
        token = ".".join([*texts, secrets.token_urlsafe(32)])
        with self._lock:
            self._expiry[token] = expires
            self._scopes[token] = scope
            self._ids[secrets.token_hex(8)] = token
        return token

    def check(self, header: str | None) -> None:
        """Raises: Refused with 401 unless it is `Bearer` and a token that is good now."""
        token = _bearer(header)
        with self._lock:
            expires = self._expiry.get(token)
        if expires is None or expires <= time.time():
            raise Refused(401, "Unauthorized", "The access token is missing, unknown or lapsed.")

    def must_allow(self, header: str | None, scope: str) -> None:
        """Raises: Refused with 403 unless the token was given out for this scope as well."""
        with self._lock:
            allowed = self._scopes.get(_bearer(header), "").split()
        if scope not in allowed:
            raise Refused(403, "InsufficientScope", f"The login lacks the scope {scope}.")

    def kill(self, header: str | None) -> None:
        """The token is unknown from now on."""
        with self._lock:
            self._expiry.pop(_bearer(header), None)

    def ids(self) -> list[str]:
        """Of the tokens that are good."""
        with self._lock:
            return [one for one, token in self._ids.items() if token in self._expiry]

    def revoke(self, token_id: str) -> None:
        """Raises: Refused with 404."""
        with self._lock:
            token = self._ids.pop(token_id, None)
            if token is None:
                raise Refused(404, "TokenNotFound", "There is no such token.")
            self._expiry.pop(token, None)

    def withdraw(self, app_id: str) -> None:
        """The user's consent to the app: it can refresh nothing any more. Raises: Refused, 404."""
        if app_id != self.client_id:
            raise Refused(404, "ConsentNotFound", "There is no such consent.")
        with self._lock:
            self._refresh.clear()

    def authorize(self, asked: Mapping[str, str], switches: Switches) -> str:
        """Where to send the user: the redirect URI, with a code or an error, and the state.

        Raises: Refused with 400 if the redirect URI or the app is not known, so that nobody is
        sent anywhere.
        """
        redirect_uri = asked.get("redirect_uri", "")
        if redirect_uri not in switches["redirect_uris"].split(","):
            raise Refused(400, "invalid_request", "The redirect URI is not one that is allowed.")
        if asked.get("client_id") != self.client_id:
            raise Refused(400, "invalid_client", "The client is not known.")
        told = {"state": asked["state"]} if "state" in asked else {}
        error = _authorize_error(asked, switches)
        if error is not None:
            return f"{redirect_uri}?{urlencode({'error': error, **told})}"
        code = secrets.token_urlsafe(24)
        known = _Code(self.client_id, redirect_uri, asked["code_challenge"], asked["scope"])
        with self._lock:
            self._codes[code] = known
        return f"{redirect_uri}?{urlencode({'code': code, **told})}"

    def exchange(self, form: Mapping[str, str], switches: Switches) -> dict[str, Any]:
        """The answer of the token endpoint. Raises: Refused with 400."""
        if form.get("client_id") != self.client_id:
            raise Refused(400, "invalid_client", "The client is not known.")
        if "client_secret" in form:
            raise Refused(400, "invalid_client", "A public client must not send a secret.")
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._answer(self._take(form), switches)
        if grant == "refresh_token":
            with self._lock:
                scope = self._refresh.pop(form.get("refresh_token", ""), None)
            if scope is None:
                raise Refused(400, "invalid_grant", "The refresh token is not good.")
            return self._answer(scope, switches)
        raise Refused(400, "unsupported_grant_type", f"There is no grant type {grant}.")

    def _take(self, form: Mapping[str, str]) -> str:
        """The scope of a code, which is good once."""
        with self._lock:
            known = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = _base64(hashlib.sha256(verifier.encode()).digest())
        if known is None or known.redirect_uri != form.get("redirect_uri"):
            raise Refused(400, "invalid_grant", "The code is not good for this redirect URI.")
        if not secrets.compare_digest(challenge, known.challenge):
            raise Refused(400, "invalid_grant", "The code verifier does not fit.")
        return known.scope

    def _answer(self, scope: str, switches: Switches) -> dict[str, Any]:
        lifetime_s = switches.number("token_s") or 0
        token = self.issue(lifetime_s, scope)
        if switches["token_answer"] == "bare":
            return {"access_token": token}
        refresh = secrets.token_urlsafe(32)
        with self._lock:
            self._refresh[refresh] = scope
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": lifetime_s,
            "refresh_token": refresh,
            "scope": scope,
        }


def _authorize_error(asked: Mapping[str, str], switches: Switches) -> str | None:
    scopes = asked.get("scope", "").split()
    if not scopes or not set(scopes) <= set(SCOPES):
        return "invalid_scope"
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return "invalid_request"
    return "access_denied" if switches["consent"] == "denied" else None


def _bearer(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
