"""Who we say we are: a token handed in, or one that renews itself; and how OAuth gets the first."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from takeoff.core import json_text
from takeoff.core.errors import InputRefused, NotUnderstood, VendorRefused
from takeoff.http import problems
from takeoff.http.clock import Clock
from takeoff.http.messages import Request
from takeoff.http.redact import redact

# A token is renewed this long before it ends, so that no request is on its way when it does.
MARGIN_S = 60


class Auth(Protocol):
    """Gives the header Authorization. Safe to call from several threads; never shown in `repr`."""

    def authorization(self) -> str:
        """The header's value as it is now, such as `Bearer <token>`."""

    def renew(self, refused: str) -> bool:
        """The value `refused` was answered with 401: whether there is now another one."""

    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any text."""


class Bearer:
    """A token handed in, as it is, until it is refused. `scheme` is the vendor's word for it.

    Raises: InputRefused if it cannot be a token.
    """

    def __init__(self, token: str, scheme: str = "Bearer") -> None:
        self._token = _checked(token)
        self._scheme = scheme

    def __repr__(self) -> str:
        return f"Bearer({self._scheme} ***)"

    def authorization(self) -> str:
        """See Auth."""
        return f"{self._scheme} {self._token}"

    def renew(self, refused: str) -> bool:
        """Never: nobody knows another one."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """See Auth."""
        return (self._token,)


@dataclass(frozen=True)
class Tokens:
    """What a token endpoint gave. `expires_at` is UTC, null if nobody says; then 401 says it."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    scheme: str = "Bearer"


class Refreshing:
    """Tokens that are exchanged for new ones shortly before they end, or once they are refused.

    `exchange` turns old tokens into new ones; `keep` is told the new ones, so that they can be
    stored: many vendors take a refresh token only once. Without a refresh token there is nothing
    to exchange, unless `needs_none` says that the application proves itself.
    """

    def __init__(
        self,
        tokens: Tokens,
        exchange: Callable[[Tokens], Tokens],
        *,
        keep: Callable[[Tokens], None] = lambda tokens: None,
        needs_none: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._clock = Clock() if clock is None else clock
        self._exchange = exchange
        self._keep = keep
        self._needs_none = needs_none
        self._lock = Lock()
        self._hold(tokens)

    def __repr__(self) -> str:
        return f"Refreshing({self._tokens.scheme} ***)"

    def authorization(self) -> str:
        """See Auth. Raises what the exchange raises."""
        with self._lock:
            is_ending = self._good_until is not None and (
                self._clock.monotonic() >= self._good_until
            )
            if is_ending and self._may_exchange():
                self._refresh()
            return self._value()

    def renew(self, refused: str) -> bool:
        """See Auth; of several threads that were refused, one asks for new tokens."""
        with self._lock:
            if self._value() != refused:
                return True
            if not self._may_exchange():
                return False
            self._refresh()
            return True

    def secrets(self) -> tuple[str, ...]:
        """See Auth."""
        tokens = self._tokens
        return tuple(filter(None, (tokens.access_token, tokens.refresh_token)))

    def _may_exchange(self) -> bool:
        return self._needs_none or self._tokens.refresh_token is not None

    def _value(self) -> str:
        return f"{self._tokens.scheme} {self._tokens.access_token}"

    def _refresh(self) -> None:
        tokens = self._exchange(self._tokens)
        self._hold(tokens)
        self._keep(tokens)

    def _hold(self, tokens: Tokens) -> None:
        """Wall time ends here: from now on the clock that nobody sets back counts."""
        self._tokens = tokens
        self._good_until = None
        if tokens.expires_at is not None:
            left_s = (tokens.expires_at - self._clock.now()).total_seconds()
            self._good_until = self._clock.monotonic() + left_s - MARGIN_S


@dataclass(frozen=True)
class OAuthApp:
    """How an application is known to a vendor. A public one has no secret and must not send one.

    `authorize_url` is opened in a browser; `token_path` is asked in the session of whoever gives
    tokens. `extra` are parameters that this vendor wants beside the usual ones. With
    `is_secret_in_header` the id and secret go as HTTP Basic, else in the form.
    """

    authorize_url: str
    token_path: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    client_secret: str | None = field(default=None, repr=False)
    extra: tuple[tuple[str, str], ...] = ()
    is_secret_in_header: bool = False


@dataclass(frozen=True)
class Login:
    """One login under way: the address for the browser, and what proves that it was ours."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def begin_login(app: OAuthApp) -> Login:
    """A new login with PKCE (RFC 7636, S256); every one has its own state and verifier."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    params = (
        ("client_id", app.client_id),
        ("redirect_uri", app.redirect_uri),
        ("scope", " ".join(app.scopes)),
        ("state", state),
        ("code_challenge", base64.urlsafe_b64encode(digest).rstrip(b"=").decode()),
        ("code_challenge_method", "S256"),
        *app.extra,
    )
    return Login(f"{app.authorize_url}?{urlencode(params)}", state, verifier)


def code_of(login: Login, redirected: str) -> str:
    """The code in the address that the browser was sent back to.

    Raises: VendorRefused if it carries an error; NotUnderstood if it belongs to another login or
    has no code.
    """
    answer = {name: values[0] for name, values in parse_qs(urlsplit(redirected).query).items()}
    if not secrets.compare_digest(answer.get("state", "").encode(), login.state.encode()):
        raise NotUnderstood("This answer belongs to another login; log in again.")
    if "error" in answer:
        said = redact(": ".join((answer["error"], answer.get("error_description", ""))))
        raise VendorRefused(f"The login was refused ({said.rstrip(': ')}).")
    if not answer.get("code"):
        raise NotUnderstood("The login was answered without a code; log in again.")
    return answer["code"]


def code_request(app: OAuthApp, login: Login, code: str) -> Request:
    """The request that changes a code into tokens; a code works once, so it is never repeated."""
    return _token_request(
        app,
        grant_type="authorization_code",
        code=code,
        redirect_uri=app.redirect_uri,
        code_verifier=login.verifier,
    )


def app_request(app: OAuthApp) -> Request:
    """The request for tokens of the application itself, without a person (client credentials)."""
    return _token_request(app, grant_type="client_credentials", scope=" ".join(app.scopes))


def refresh_request(app: OAuthApp, tokens: Tokens) -> Request:
    """The request that changes old tokens into new ones; also never repeated by itself.

    Raises: VendorRefused if there is no refresh token, so that a new login is needed.
    """
    if tokens.refresh_token is None:
        raise VendorRefused("The login has ended and cannot be renewed; log in again.", 401)
    return _token_request(app, grant_type="refresh_token", refresh_token=tokens.refresh_token)


def tokens_of(answer: Any, clock: Clock, old: Tokens | None = None) -> Tokens:
    """The tokens in a token endpoint's JSON. What a refresh leaves out stays as in `old`.

    The end is `expires_in`, else the `exp` of an access token that is a JWT, else unknown.
    Raises: VendorRefused if it says what is wrong instead, whatever its status was; NotUnderstood
    if there is no access token. Nothing else of the answer is quoted.
    """
    answer = answer if isinstance(answer, dict) else {}
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        if said := problems.words_in(answer):
            raise VendorRefused(f"The login was refused ({said}); log in again.", 401)
        raise NotUnderstood("The answer to the login holds no access token; log in again.")
    refresh = answer.get("refresh_token")
    kept = None if old is None else old.refresh_token
    scheme = answer.get("token_type")
    return Tokens(
        access_token=_checked(access),
        refresh_token=refresh if isinstance(refresh, str) and refresh else kept,
        expires_at=_expires_at(answer, access, clock),
        scheme="Bearer" if not isinstance(scheme, str) or scheme.lower() == "bearer" else scheme,
    )


def _token_request(app: OAuthApp, **form: str) -> Request:
    if app.client_secret is not None and app.is_secret_in_header:
        header = ("Authorization", basic(app.client_id, app.client_secret))
        return Request("POST", app.token_path, form=form, with_auth=False, headers=(header,))
    form["client_id"] = app.client_id
    if app.client_secret is not None:
        form["client_secret"] = app.client_secret
    return Request("POST", app.token_path, form=form, with_auth=False)


def basic(client_id: str, client_secret: str) -> str:
    """The header Authorization of an application that proves itself by HTTP Basic."""
    return f"Basic {base64.b64encode(f'{client_id}:{client_secret}'.encode()).decode()}"


def _checked(token: str) -> str:
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise InputRefused(
            "The token is empty or holds characters that no token has; "
            "give the token alone, without 'Bearer' and without quotes."
        )
    return token


def _expires_at(answer: Mapping[str, Any], access: str, clock: Clock) -> datetime | None:
    try:
        return clock.now() + timedelta(seconds=float(answer["expires_in"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return claims_of(access).expires_at


@dataclass(frozen=True)
class Claims:
    """What a token says of itself, its signature unchecked: when it ends and what it may.

    Null is what it does not say; most tokens that are no JWT say nothing.
    """

    expires_at: datetime | None = None
    scopes: frozenset[str] | None = None


def claims_of(token: str) -> Claims:
    """What an access token says if it is a JWT: `exp`, and `scope` or `scp`, a text or a list."""
    parts = token.split(".")
    if len(parts) != 3:
        return Claims()
    try:
        said = json_text.read(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return Claims()
    return Claims(_end(said), _scopes(said)) if isinstance(said, dict) else Claims()


def _end(claims: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _scopes(claims: Mapping[str, Any]) -> frozenset[str] | None:
    said = claims.get("scope", claims.get("scp"))
    if isinstance(said, str):
        return frozenset(said.split())
    is_list = isinstance(said, list) and all(isinstance(one, str) for one in said)
    return frozenset(said) if is_list else None
