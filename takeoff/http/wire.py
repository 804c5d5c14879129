"""The library requests as we use it: it follows, keeps, guesses and tells nothing by itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy

from takeoff.core.version import __version__
from takeoff.http.addresses import Meanings, PublicPool
from takeoff.http.judge import REDIRECTS
from takeoff.http.redact import Redacting

_CHUNK = 1 << 18
_MOST_OF_A_PROBLEM = 64 << 10


class PublicAdapter(HTTPAdapter):
    """HTTPS to public addresses only: of direct connections, and as far as is known of others."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._meanings = Meanings()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {**pools, "https": PublicPool}

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str,
        proxies: dict[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> urllib3.HTTPConnectionPool:
        """Raises: NotUnderstood before a proxy hears of a name that is known to be private."""
        url = request.url or ""
        if select_proxy(url, proxies) is not None:
            self._meanings.must_be_public(urlsplit(url).hostname or "")
        return super().get_connection_with_tls_context(request, verify, proxies, cert)


class _Plain(requests.Session):
    """Follows nothing, not even to look: the library would read a redirect's body unbounded."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def plain_session(adapter: type[HTTPAdapter], parallel: int) -> requests.Session:
    """A session without cookies, with our name, whose HTTPS goes through such an adapter."""
    session = _Plain()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.headers.update(
        {"User-Agent": f"takeoff/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip"}
    )
    session.mount("https://", adapter(pool_maxsize=parallel + 1))
    session.mount("http://", HTTPAdapter(pool_maxsize=parallel + 1))
    return session


def is_web_page(response: requests.Response) -> bool:
    """Whether it is one by its type, which says nothing of nothing, as after a deletion."""
    is_html = "text/html" in response.headers.get("content-type", "").lower()
    return is_html and response.raw.length_remaining != 0


def as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Given as `auth`, so that the library does not look for a password in .netrc."""
    return prepared


def redirected(response: requests.Response, url: str) -> str | None:
    """The absolute address that the answer redirects to; null if it does not."""
    location = response.headers.get("location")
    if response.status_code not in REDIRECTS or not location:
        return None
    location = location.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def start_of(response: requests.Response) -> bytes:
    """The beginning of a problem's body, as far as it comes."""
    try:
        return response.raw.read(_MOST_OF_A_PROBLEM, decode_content=True) or b""
    except urllib3.exceptions.HTTPError:
        return b""


def raw_chunks(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    """Whatever has come at once, so that a slow answer is noticed while it comes."""
    if raw.chunked:
        return raw.stream(_CHUNK, decode_content=False)
    return iter(lambda: raw.read1(_CHUNK, decode_content=False), b"")


def reason(error: BaseException) -> str:
    """The operating system's words at the root of a library's error."""
    seen: list[BaseException] = []
    at: object = error
    while isinstance(at, BaseException) and at not in seen:
        seen.append(at)
        if isinstance(at, OSError) and at.strerror:
            return at.strerror
        reason = getattr(at, "reason", None)
        at = reason or at.__cause__ or at.__context__ or (at.args[0] if at.args else None)
    return "the connection broke"


def redact_libraries() -> None:
    """At level DEBUG the library logs each request with its query; once is enough."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, Redacting) for known in logger.filters):
            logger.addFilter(Redacting())
