"""Who we are at a vendor: a token handed in, a login that is kept, an account or application."""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType
from urllib.parse import urlsplit

import pyarrow as pa

from takeoff.config import Access, Settings
from takeoff.core.errors import InputRefused, VendorRefused
from takeoff.core.results import Result, listing
from takeoff.http.addresses import shown_base
from takeoff.http.auth import (
    Auth,
    Bearer,
    Login,
    OAuthApp,
    Refreshing,
    Tokens,
    app_request,
    begin_login,
    claims_of,
    code_of,
    code_request,
    refresh_request,
    tokens_of,
)
from takeoff.http.clock import Clock
from takeoff.http.messages import Request
from takeoff.http.session import Session
from takeoff.jobs.token_store import TokenStore, open_store
from takeoff.vendors import load, names

REDIRECT_URI = "http://localhost:8080/callback"
_MEANINGS = {
    "vendor": "the vendor",
    "login": "where the login comes from; null if there is none",
    "base_url": "the service that it is for",
    "ends_at": "when the access token ends, UTC; null if nobody says",
    "renews": "whether it is renewed by itself",
    "scopes": "the rights that the token says it gives, by spaces; null if it says nothing of them",
}


@contextmanager
def vendor_session(settings: Settings, vendor: str) -> Iterator[Session]:
    """A session with the vendor's service, logged in as the settings or an earlier login say.

    Raises: InputRefused for what has no service; VendorRefused if there is no login.
    """
    client = client_of(vendor)
    access = settings.vendors.get(vendor, Access())
    with Session(
        access.base_url or client.BASE_URL,
        _auth(vendor, client, access),
        name=client.NAME,
        hints=client.HINTS,
        keep_headers=getattr(client, "HEADERS", ()),
    ) as session:
        yield session


def client_of(vendor: str) -> ModuleType:
    """The vendor's client. Raises: InputRefused if it has no service to ask, or is none."""
    client: ModuleType = load(vendor).client
    if not hasattr(client, "models"):
        raise InputRefused(f"'{vendor}' has no service to ask; it is read from files.")
    return client


@dataclass(frozen=True)
class Browser:
    """How a person gets to the vendor's login page and back.

    `show` gets the page's address. `answer` gives the address that the browser was sent back to;
    null waits for it at the redirect URI on this machine.
    """

    show: Callable[[str], object] = webbrowser.open
    answer: Callable[[], str] | None = None
    wait_s: float = 300


def log_in(settings: Settings, vendor: str, browser: Browser, *, writes: bool = False) -> str:
    """Log in with the vendor in a browser and keep the login; where it is kept.

    The login may read only, unless `writes` asks for the rights to change things, too.
    Raises: InputRefused if the vendor has no such login or no client id is set; VendorRefused;
    TryLater; NotUnderstood; LakeUnusable if it cannot be kept.
    """
    client = client_of(vendor)
    access = settings.vendors.get(vendor, Access())
    app = _app(vendor, client, access)
    if writes:
        app = _writing(client, app)
    login = begin_login(app)
    redirected = _redirected(app, login, browser)
    tokens = _asked(client, access, code_request(app, login, code_of(login, redirected)))
    store = open_store()
    store.write(_kept_as(vendor, client, access), tokens)
    return store.where


def log_out(settings: Settings, vendor: str) -> bool:
    """Forget the login that is kept; whether there was one."""
    client, store = client_of(vendor), open_store()
    name = _kept_as(vendor, client, settings.vendors.get(vendor, Access()))
    known = store.read(name)
    store.write(name, None)
    return known is not None


def who_am_i(settings: Settings) -> Result:
    """One row a vendor: where its login comes from, and until when. No token is shown."""
    store = open_store()
    services = [name for name in names() if hasattr(load(name).client, "models")]
    rows = [_row(settings, vendor, store) for vendor in services]
    types = {"ends_at": pa.timestamp("s", tz="UTC"), "renews": pa.bool_()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in _MEANINGS])
    return listing("Logins", pa.Table.from_pylist(rows, schema), _MEANINGS)


def _auth(vendor: str, client: ModuleType, access: Access) -> Auth:
    """What proves who we are, the nearest first: a token, a login kept, an account, an app."""
    scheme = _scheme(client)
    if access.token is not None and access.refresh_token is None:
        return Bearer(access.token, scheme)
    name, store = _kept_as(vendor, client, access), open_store()
    kept = store.read(name) if access.token is None else None
    if access.token is not None:
        kept = Tokens(access.token, access.refresh_token, None, scheme)
    if kept is not None:
        if kept.refresh_token is None or access.client_id is None:
            return Bearer(kept.access_token, kept.scheme)
        app = _app(vendor, client, access)
        keep = (lambda tokens: None) if access.token is not None else partial(store.write, name)
        return Refreshing(kept, lambda old: _refreshed(client, access, app, old), keep=keep)
    if access.private_key is not None and hasattr(client, "account_request"):
        sign = partial(_signed_in, vendor, client, access)
        return Refreshing(sign(), lambda old: sign(), needs_none=True)
    if access.client_secret is not None and getattr(client, "APP_MAY_LOG_IN", False):
        app = _app(vendor, client, access)
        first = _asked(client, access, app_request(app))
        renew = partial(_asked, client, access, app_request(app))
        return Refreshing(first, lambda old: renew(), needs_none=True)
    raise VendorRefused(
        f"There is no login for {client.NAME}; set TAKEOFF_{vendor.upper()}_TOKEN to a token, "
        f"or run: takeoff login {vendor}."
    )


def _redirected(app: OAuthApp, login: Login, browser: Browser) -> str:
    """The address that the browser was sent back to."""
    if browser.answer is not None:
        browser.show(login.url)
        return browser.answer()
    waiting = _Callback(app.redirect_uri)
    try:
        browser.show(login.url)
        return waiting.wait(browser.wait_s)
    finally:
        waiting.close()


def _refreshed(client: ModuleType, access: Access, app: OAuthApp, old: Tokens) -> Tokens:
    return _asked(client, access, refresh_request(app, old), old)


def _signed_in(vendor: str, client: ModuleType, access: Access) -> Tokens:
    """The tokens of a service account, which signs anew each time."""
    missing = [
        name for name in ("client_id", "service_account", "key_id") if not _has(access, name)
    ]
    if missing:
        raise InputRefused(
            f"A service account of {client.NAME} needs {', '.join(missing)} as well; set "
            f"TAKEOFF_{vendor.upper()}_{missing[0].upper()}, or {missing[0]} under "
            f"[vendors.{vendor}]."
        )
    request: Request = client.account_request(
        _authority(client, access),
        client_id=access.client_id,
        client_secret=access.client_secret,
        account_id=access.service_account,
        key_id=access.key_id,
        private_key=access.private_key,
        now=Clock().now(),
    )
    return _asked(client, access, request)


def _has(access: Access, name: str) -> bool:
    return getattr(access, name) is not None


def _asked(
    client: ModuleType, access: Access, request: Request, old: Tokens | None = None
) -> Tokens:
    """The tokens that the vendor's authority gives, asked in a session of its own.

    Authorities say Bearer by habit; the word that goes before a token is then the vendor's own.
    """
    with Session(_authority(client, access), None, name=client.NAME) as session:
        tokens = tokens_of(session.ask_json(request), Clock(), old)
    return replace(tokens, scheme=_scheme(client)) if tokens.scheme == "Bearer" else tokens


def _app(vendor: str, client: ModuleType, access: Access) -> OAuthApp:
    if not hasattr(client, "oauth_app"):
        raise InputRefused(
            f"{client.NAME} has no login that takeoff knows; set TAKEOFF_{vendor.upper()}_TOKEN."
        )
    if access.client_id is None:
        raise InputRefused(
            f"A login with {client.NAME} needs the id of an application registered there; set "
            f"TAKEOFF_{vendor.upper()}_CLIENT_ID, or client_id under [vendors.{vendor}]."
        )
    app: OAuthApp = client.oauth_app(
        _authority(client, access),
        access.client_id,
        access.redirect_uri or REDIRECT_URI,
        access.client_secret,
    )
    return app


def _writing(client: ModuleType, app: OAuthApp) -> OAuthApp:
    """The same application, asking for the rights to change things as well."""
    scopes: Sequence[str] = getattr(client, "WRITE_SCOPES", ())
    if not scopes:
        raise InputRefused(
            f"takeoff changes nothing at {client.NAME}; log in without asking to write."
        )
    return replace(app, scopes=(*app.scopes, *scopes))


def _scheme(client: ModuleType) -> str:
    """The vendor's word before a token in the header Authorization."""
    scheme: str = getattr(client, "SCHEME", "Bearer")
    return scheme


def _authority(client: ModuleType, access: Access) -> str:
    """Where logins are made: the vendor's own place for them, else its service."""
    own: str = getattr(client, "AUTHORITY", client.BASE_URL)
    if access.authority is None and access.base_url is not None and own == client.BASE_URL:
        return access.base_url
    return access.authority or own


def _kept_as(vendor: str, client: ModuleType, access: Access) -> str:
    """A login is for one service: another base URL never gets its tokens."""
    return f"{vendor} {access.base_url or client.BASE_URL}"


def _row(settings: Settings, vendor: str, store: TokenStore) -> dict[str, object]:
    client = client_of(vendor)
    access = settings.vendors.get(vendor, Access())
    base_url = shown_base(access.base_url or client.BASE_URL)
    row: dict[str, object] = {"vendor": vendor, "base_url": base_url}
    if access.token is not None:
        renews = access.refresh_token is not None and access.client_id is not None
        said = {"ends_at": claims_of(access.token).expires_at, "scopes": _scopes(access.token)}
        return {**row, "login": f"TAKEOFF_{vendor.upper()}_TOKEN", "renews": renews, **said}
    kept = store.read(_kept_as(vendor, client, access))
    if kept is not None:
        renews = kept.refresh_token is not None and access.client_id is not None
        said = {"ends_at": kept.expires_at, "scopes": _scopes(kept.access_token)}
        return {**row, "login": store.where, "renews": renews, **said}
    if access.private_key is not None and hasattr(client, "account_request"):
        return {**row, "login": f"TAKEOFF_{vendor.upper()}_PRIVATE_KEY", "renews": True}
    if access.client_secret is not None and getattr(client, "APP_MAY_LOG_IN", False):
        return {**row, "login": f"TAKEOFF_{vendor.upper()}_CLIENT_SECRET", "renews": True}
    return row


def _scopes(token: str) -> str | None:
    scopes = claims_of(token).scopes
    return None if scopes is None else " ".join(sorted(scopes))


class _Callback:
    """Waits on this machine for the browser to come back from the login page."""

    def __init__(self, redirect_uri: str) -> None:
        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or parts.hostname not in ("localhost", "127.0.0.1"):
            raise InputRefused(
                f"The redirect URI {redirect_uri} is not on this machine; log in with --paste."
            )
        self._path, self._came = parts.path, ""
        try:
            self._server = HTTPServer(("127.0.0.1", parts.port or 80), self._handler())
        except OSError as error:
            raise InputRefused(
                f"Port {parts.port} for the redirect URI is taken; close what uses it, "
                "or log in with --paste."
            ) from error

    def wait(self, wait_s: float) -> str:
        """The address that the browser was sent to. Raises: VendorRefused if it does not come."""
        ends_at_s = time.monotonic() + wait_s
        while not self._came:
            self._server.timeout = ends_at_s - time.monotonic()
            if self._server.timeout <= 0:
                raise VendorRefused("Nobody has logged in in time; run the command again.")
            self._server.handle_request()
        return self._came

    def close(self) -> None:
        """Free the port."""
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        callback = self

        class Handler(BaseHTTPRequestHandler):
            """Takes the one address that is meant, and says nothing of it in any log."""

            def do_GET(self) -> None:
                is_ours = urlsplit(self.path).path == callback._path
                if is_ours:
                    callback._came = f"http://localhost{self.path}"
                self.send_response(200 if is_ours else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.end_headers()
                self.wfile.write(b"Done: go back to where you called takeoff." * is_ours)

            def log_message(self, format: str, *args: object) -> None:
                """The address holds the code."""

        return Handler
