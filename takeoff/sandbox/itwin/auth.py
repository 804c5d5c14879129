"""Log-in as the contract has it: discovery, client credentials, codes with PKCE, API keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from takeoff.sandbox.itwin.answers import Refused, missing
from takeoff.sandbox.switches import Switches

# "scope itwin-platform"; older material of the vendor asks for the insights scopes.
SCOPES = ("itwin-platform", "offline_access", "openid", "profile", "email")
_OLD_SCOPES = ("insights:read", "insights:modify")
_HANDED_OUT_S = 7 * 24 * 3600
_KEY_LIFE = timedelta(days=183)  # "at most 6 months"


@dataclass(frozen=True)
class _Code:
    redirect_uri: str
    challenge: str
    scope: str


@dataclass(frozen=True)
class ApiKey:
    """A key for the feed; `report_id` is null for one that opens every report."""

    id: str
    name: str
    secret: str
    report_id: str | None
    expires: datetime

    @property
    def is_good(self) -> bool:
        return self.expires > datetime.now(UTC)


class Auth:
    """Tokens and keys of one run of the sandbox; safe to share by threads.

    `client_id` with `client_secret` is a service application's; without it, a native one's.
    """

    def __init__(self) -> None:
        self.client_id = f"service-{secrets.token_hex(12)}"
        self.client_secret = secrets.token_urlsafe(32)
        self._lock = threading.Lock()
        self._expiry: dict[str, float] = {}
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, str] = {}
        self._keys: dict[str, ApiKey] = {}

    def issue(self, lifetime_s: int = _HANDED_OUT_S) -> str:
        """A new access token; its claims say when it lapses, its last part is random."""
        expires = time.time() + lifetime_s
        parts = ({"alg": "none", "typ": "JWT"}, {"exp": int(expires)})
        texts = [_base64(json.dumps(part).encode()) for part in parts]
        token = ".".join([*texts, secrets.token_urlsafe(32)])
        with self._lock:
            self._expiry[token] = expires
        return token

    def check(self, header: str | None) -> None:
        """Raises: Refused with 401 unless it is `Bearer` and a token that is good now."""
        if header is None:
            told = "Header Authorization was not found in the request. Access denied."
            raise Refused(401, "HeaderNotFound", told)
        with self._lock:
            expires = self._expiry.get(_credential(header, "bearer"))
        if expires is None or expires <= time.time():
            raise Refused(401, "Unauthorized", "The access token is unknown or has lapsed.")

    def check_feed(self, header: str | None, report_id: str) -> None:
        """As `check`; an API key of the report as `Basic` is good as well.

        The key stands there as it is, or as the password behind any user name.
        """
        given = _credential(header or "", "basic")
        if not given:
            return self.check(header)
        with self._lock:
            keys = list(self._keys.values())
        for key in keys:
            fits = key.report_id in (None, report_id) and key.is_good
            if fits and key.secret in (given, _password(given)):
                return None
        raise Refused(401, "Unauthorized", "The API key is unknown or has lapsed.")

    def kill(self, header: str | None) -> None:
        """The token is unknown from now on."""
        with self._lock:
            self._expiry.pop(_credential(header or "", "bearer"), None)

    def discovery(self, origin: str) -> dict[str, Any]:
        """What clients look up first."""
        return {
            "issuer": origin,
            "authorization_endpoint": f"{origin}/connect/authorize",
            "token_endpoint": f"{origin}/connect/token",
            "jwks_uri": f"{origin}/.well-known/openid-configuration/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": [*SCOPES],
        }

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
        known = _Code(redirect_uri, asked["code_challenge"], asked.get("scope", ""))
        with self._lock:
            self._codes[code] = known
        return f"{redirect_uri}?{urlencode({'code': code, **told})}"

    def exchange(
        self, form: Mapping[str, str], header: str | None, switches: Switches
    ) -> dict[str, Any]:
        """The answer of the token endpoint. Raises: Refused with 400 or 401."""
        grant = form.get("grant_type")
        client_id, secret = _client(form, header)
        if client_id != self.client_id:
            raise Refused(400, "invalid_client", "The client is not known.")
        if grant == "client_credentials":
            if not secrets.compare_digest(secret or "", self.client_secret):
                raise Refused(401, "invalid_client", "The client secret is wrong.")
            return self._answer(_scope(form.get("scope", "itwin-platform")), switches)
        if secret is not None and not secrets.compare_digest(secret, self.client_secret):
            raise Refused(401, "invalid_client", "The client secret is wrong.")
        if grant == "authorization_code":
            return self._answer(self._take(form), switches)
        if grant == "refresh_token":
            with self._lock:
                scope = self._refresh.pop(form.get("refresh_token", ""), None)
            if scope is None:
                raise Refused(400, "invalid_grant", "The refresh token is not good.")
            return self._answer(scope, switches)
        raise Refused(400, "unsupported_grant_type", f"There is no grant type {grant}.")

    def new_key(self, name: str, report_id: str | None) -> ApiKey:
        key_id = secrets.token_hex(16)
        expires = datetime.now(UTC) + _KEY_LIFE
        key = ApiKey(key_id, name, secrets.token_urlsafe(32), report_id, expires)
        with self._lock:
            self._keys[key_id] = key
        return key

    def keys(self) -> list[ApiKey]:
        with self._lock:
            return list(self._keys.values())

    def key(self, key_id: str) -> ApiKey:
        """Raises: Refused with 404."""
        with self._lock:
            found = self._keys.get(key_id)
        if found is None:
            raise missing("ApiKeyNotFound", "ApiKey", "apiKeyId")
        return found

    def revoke_key(self, key_id: str) -> None:
        """Raises: Refused with 404."""
        self.key(key_id)
        with self._lock:
            self._keys.pop(key_id, None)

    def _take(self, form: Mapping[str, str]) -> str:
        """The scope of a code, which is good once."""
        with self._lock:
            known = self._codes.pop(form.get("code", ""), None)
        challenge = _base64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if known is None or known.redirect_uri != form.get("redirect_uri"):
            raise Refused(400, "invalid_grant", "The code is not good for this redirect URI.")
        if not secrets.compare_digest(challenge, known.challenge):
            raise Refused(400, "invalid_grant", "The code verifier does not fit.")
        return known.scope

    def _answer(self, scope: str, switches: Switches) -> dict[str, Any]:
        lifetime_s = switches.number("token_s") or 0
        told: dict[str, Any] = {
            "access_token": self.issue(lifetime_s),
            "token_type": "Bearer",
            "expires_in": lifetime_s,
            "scope": scope,
        }
        if "offline_access" in scope.split():
            refresh = secrets.token_urlsafe(32)
            with self._lock:
                self._refresh[refresh] = scope
            told["refresh_token"] = refresh
        return told


def _authorize_error(asked: Mapping[str, str], switches: Switches) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return "invalid_request"
    if not set(asked.get("scope", "").split()) <= {*SCOPES, *_OLD_SCOPES}:
        return "invalid_scope"
    return "access_denied" if switches["consent"] == "denied" else None


def _scope(asked: str) -> str:
    if not asked or not set(asked.split()) <= {*SCOPES, *_OLD_SCOPES}:
        raise Refused(400, "invalid_scope", "There is no such scope; ask for itwin-platform.")
    return asked


def _client(form: Mapping[str, str], header: str | None) -> tuple[str | None, str | None]:
    """Client id and secret, from the header as Basic or from the form."""
    given = _decoded(_credential(header or "", "basic"))
    if given is None:
        return form.get("client_id"), form.get("client_secret")
    client_id, _, secret = given.partition(":")
    return unquote(client_id), unquote(secret)


def _credential(header: str, scheme: str) -> str:
    given, _, rest = header.partition(" ")
    return rest.strip() if given.lower() == scheme else ""


def _password(given: str) -> str:
    return (_decoded(given) or "").partition(":")[2]


def _decoded(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode() if text else None
    except (binascii.Error, ValueError):
        return None


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
