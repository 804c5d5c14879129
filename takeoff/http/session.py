"""The one door to the network: limit, authorise, send, judge, wait and repeat.

Names and passwords of `.netrc` are never used: they would replace our token. Proxies and
certificates of the environment are. Cookies are not kept, redirects not followed unasked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from takeoff.core import json_text
from takeoff.core.errors import NotUnderstood, TryLater, VendorRefused
from takeoff.core.plain import harmless
from takeoff.http import download, problems
from takeoff.http.addresses import (
    checked_base,
    host_of,
    is_loopback,
    must_be_safe,
)
from takeoff.http.auth import Auth
from takeoff.http.clock import Clock
from takeoff.http.judge import (
    LINK_ENDED,
    Passing,
    hint,
    may_pass,
    retry_after_s,
    stated_time,
)
from takeoff.http.limiter import Limiter
from takeoff.http.messages import Answer, Into, Knock, Limits, Request
from takeoff.http.redact import hide, redact
from takeoff.http.wire import (
    PublicAdapter,
    as_it_is,
    is_web_page,
    plain_session,
    raw_chunks,
    reason,
    redact_libraries,
    redirected,
    start_of,
)

MAX_HOPS = 5

_MOST_IN_MEMORY = 64 << 20
_QUOTED = 200
_NOT_MODIFIED = 304
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_KEPT_HEADERS = ("content-type", "content-length", "date", "etag", "last-modified", "retry-after")
_PUBLIC_FORM_FIELDS = ("grant_type", "client_id", "redirect_uri", "scope")

T = TypeVar("T")


class LinkEnded(VendorRefused):
    """Storage no longer knows a signed link; whoever gave it may give another one."""


@dataclass(frozen=True)
class _Link:
    """Where an answer lies instead; the address itself opens it, so it is shown nowhere."""

    url: str = field(repr=False)


class Session:
    """Requests to one vendor, under one base URL, with one login; safe to use from threads.

    `name` is the vendor's name in errors, `hints` what to do about a status (as a clause), `auth`
    null for what needs no login; `keep_headers` are those of answers, in lower case, that the
    vendor's client reads beside the usual ones. The base URL is https, or http on this machine:
    then, and only then, links to results may lead to this machine, too. Use it in `with`, or
    `close` it.
    Raises: InputRefused for another base URL.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth | None,
        *,
        name: str,
        hints: Mapping[int, str] | None = None,
        keep_headers: Sequence[str] = (),
        limits: Limits | None = None,
        clock: Clock | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        self._base_url, self._is_local = checked_base(base_url, name)
        self._auth = auth
        self._name = name
        self._hints = {} if hints is None else hints
        self._kept_headers = (*_KEPT_HEADERS, *keep_headers)
        self.limits = Limits() if limits is None else limits
        self.clock = Clock() if clock is None else clock
        self._log = logging.getLogger("takeoff.http") if log is None else log
        self._api = plain_session(HTTPAdapter, self.limits.parallel)
        self._storage = plain_session(PublicAdapter, self.limits.parallel)
        self._api_turns = Limiter(self.limits.parallel, self.clock)
        self._login_turns = Limiter(self.limits.parallel, self.clock)
        self._storage_turns = Limiter(self.limits.parallel, self.clock)
        redact_libraries()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._api.close()
        self._storage.close()

    def ask(self, request: Request, into: Into) -> Answer:
        """Ask, and write the content of the answer to `into`, complete or not at all.

        A path is left without a file if this fails. What does not go to a path is held in memory,
        so at most 64 MiB. An answer 401 renews the login once; what may pass is waited for and
        asked again, if the request may be repeated.
        Raises: VendorRefused; TryLater; NotUnderstood for a redirect, a web page, or bytes out of
        bounds; LakeUnusable if `into` cannot be written.
        """
        taken = self._asked(request, into)
        if isinstance(taken, Answer):
            return taken
        raise NotUnderstood(
            f"{self._name} answered {_words(request)} with a redirect, where data was expected; "
            "check the base URL."
        )

    def knock(self) -> Knock:
        """Whether anybody answers under the base URL: asked once, without login, for nothing.

        Any status is an answer. Raises: TryLater if there is none; NotUnderstood.
        """
        try:
            with self._send(self._api, "HEAD", self._base_url, {}, None) as response:
                return Knock(response.status_code, stated_time(response.headers))
        except Passing as passing:
            raise TryLater(f"{self._name} {passing.problem}.", passing.status) from None

    def ask_json(self, request: Request) -> Any:
        """Ask for something small, and parse it. Raises what `ask` raises; NotUnderstood."""
        content = BytesIO()
        self.ask(request, content)
        try:
            return json_text.read(content.getvalue().decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise NotUnderstood(
                f"{self._name} answered {_words(request)} with something that is no JSON"
                f"{self._quoted(request, content.getvalue())}."
            ) from error

    def download(self, request: Request, into: Into) -> Answer:
        """Ask for a result that comes as the answer itself, or from where it redirects to.

        Only a redirect to an address under our base URL is followed with our login.
        A link that has ended is asked for again, once. Raises what `ask` and `follow` raise;
        LinkEnded if the new link has ended, too.
        """
        try:
            return self._downloaded(request, into)
        except LinkEnded:
            self._log.info("%s: the link of %s has ended", self._name, _words(request))
            return self._downloaded(request, into)

    def follow(self, location: str, into: Into) -> Answer:
        """Fetch a signed link with none of our headers, over at most 5 hops.

        Raises: LinkEnded; VendorRefused; TryLater; NotUnderstood for a link that is not https to a
        public address, for a redirect loop, or for bytes out of bounds; LakeUnusable.
        """
        return self._patiently(
            f"the link to {host_of(location)}",
            self._storage_turns,
            True,
            lambda: self._followed(location, into),
        )

    def link(self, href: str) -> Request:
        """The request for an address under our base URL that the vendor gave in an answer.

        Raises: NotUnderstood if it leads elsewhere: our login must not go there.
        """
        base = urlsplit(self._base_url)
        try:
            parts = urlsplit(urljoin(f"{self._base_url}/", href))
            is_ours = (parts.scheme, parts.hostname, parts.port) == (
                base.scheme,
                base.hostname,
                base.port,
            )
        except ValueError:
            is_ours = False
        if not is_ours or "@" in parts.netloc or not _is_under(base.path, parts.path):
            raise NotUnderstood(
                f"{self._name} gave a link to {host_of(href)} where one of its own was expected; "
                "it is not followed, because the login would go there."
            )
        params = tuple(parse_qsl(parts.query, keep_blank_values=True))
        return Request("GET", parts.path[len(base.path) :] or "/", params=params)

    def upload(self, url: str, source: Path, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Put a file to a signed link, with `headers` and none of ours; the link is shown nowhere.

        The same bytes at the same place: what may pass is tried again.
        Raises: LinkEnded; VendorRefused; TryLater; NotUnderstood for a link that is not safe.
        """
        must_be_safe(url, self._name, is_local=self._is_local)

        def attempt() -> None:
            with (
                source.open("rb") as content,
                self._send(self._storage, "PUT", url, dict(headers), content) as response,
            ):
                self._judge_storage(f"the upload to {host_of(url)}", response)

        self._patiently(f"the upload to {host_of(url)}", self._storage_turns, True, attempt)

    def _asked(self, request: Request, into: Into) -> Answer | _Link:
        # A request that waits for a new login must not keep the place that the login needs.
        turns = self._api_turns if request.with_auth else self._login_turns
        return self._patiently(
            _words(request),
            turns,
            request.may_repeat,
            lambda: self._once(request, into),
            yields=request.yields,
        )

    def _quoted(self, request: Request, content: bytes) -> str:
        """The beginning of an answer; nothing of one to a form or without a login, for a login may
        be what is answered.
        """
        if request.form is not None or not request.with_auth:
            return ""
        start = redact(content[:_QUOTED].decode("utf-8", "replace"), self._secrets(request))
        return f": '{start}'"

    def _downloaded(self, request: Request, into: Into) -> Answer:
        """An answer that lies elsewhere under our base URL is asked for with our login."""
        taken, hops = self._asked(request, into), 0
        while isinstance(taken, _Link) and self._is_ours(taken.url):
            hops += 1
            if hops > MAX_HOPS:
                raise NotUnderstood(
                    f"{self._name} redirects {_words(request)} more than {MAX_HOPS} times."
                )
            there = replace(self.link(taken.url), headers=request.headers, yields=request.yields)
            taken = self._asked(there, into)
        return taken if isinstance(taken, Answer) else self.follow(taken.url, into)

    def _is_ours(self, url: str) -> bool:
        try:
            self.link(url)
        except NotUnderstood:
            return False
        return True

    def _patiently(
        self,
        what: str,
        turns: Limiter,
        may_repeat: bool,
        attempt: Callable[[], T],
        *,
        yields: bool = False,
    ) -> T:
        """`attempt`, again and again while it fails with what may pass, within the limits."""
        began, tries = self.clock.monotonic(), 0
        while True:
            tries += 1
            try:
                with turns.turn(yields=yields):
                    return attempt()
            except Passing as passing:
                if not may_repeat:
                    raise self._not_repeated(what, passing) from None
                wait_s = self._pause_s(passing, tries)
                spent_s = self.clock.monotonic() - began
                if (
                    tries == self.limits.attempts
                    or wait_s > self.limits.longest_wait_s
                    or spent_s + wait_s > self.limits.total_s
                ):
                    raise self._given_up(what, passing, tries, wait_s) from None
                self._log.info(
                    "%s %s (%s); waiting %.1f s", self._name, passing.problem, what, wait_s
                )
                if passing.is_for_all:
                    turns.pause(wait_s)
                else:
                    self.clock.sleep(wait_s)

    def _pause_s(self, passing: Passing, tries: int) -> float:
        """Doubling and jittered, and never shorter than what the vendor asks for."""
        own_s: float = min(_FIRST_PAUSE_S * 2 ** (tries - 1), _LONGEST_PAUSE_S)
        asked_s = 0 if passing.wait_s is None else passing.wait_s
        return max(own_s, asked_s) + own_s * self.clock.chance()

    def _once(self, request: Request, into: Into) -> Answer | _Link:
        with self._authorised(request) as response:
            self._log.debug("%s: %s -> %d", self._name, _words(request), response.status_code)
            target = redirected(response, response.url)
            if target is not None:
                return _Link(target)
            secrets = self._secrets(request)
            self._judge(_words(request), response, secrets, is_conditional=_is_conditional(request))
            if is_web_page(response):
                raise NotUnderstood(
                    f"{self._name} answered {_words(request)} with a web page instead of data; "
                    "check the base URL, and whether a proxy wants a login."
                )
            return self._taken(f"The answer to {_words(request)}", response, into)

    def _authorised(self, request: Request) -> requests.Response:
        """The answer to the request as it is; after a renewed login if it was refused."""
        if self._auth is None or not request.with_auth:
            return self._sent(request, None)
        value = self._authorization(self._auth)
        response = self._sent(request, value)
        if response.status_code != 401 or not self._auth.renew(value):
            return response
        response.close()
        return self._sent(request, self._authorization(self._auth))

    def _authorization(self, auth: Auth) -> str:
        """The header's value, which from now on is in no text."""
        value = auth.authorization()
        hide(auth.secrets())
        return value

    def _sent(self, request: Request, authorization: str | None) -> requests.Response:
        headers = {"Accept": "application/json", **dict(request.headers)}
        if authorization is not None:
            headers["Authorization"] = authorization
        if request.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif request.json_body is not None:
            headers["Content-Type"] = "application/json"
        url = self._base_url + request.target
        return self._send(self._api, request.method, url, headers, request.body)

    def _followed(self, location: str, into: Into) -> Answer:
        url = location
        for _ in range(MAX_HOPS + 1):
            must_be_safe(url, self._name, is_local=self._is_local)
            with self._send(self._storage, "GET", url, {}, None) as response:
                target = redirected(response, url)
                if target is None:
                    return self._taken_from_storage(response, into)
            url = target
        raise NotUnderstood(
            f"A link that {self._name} gave redirects more than {MAX_HOPS} times; "
            "the last one leads to " + host_of(url) + "."
        )

    def _taken_from_storage(self, response: requests.Response, into: Into) -> Answer:
        what = f"the link to {host_of(response.url)}"
        self._judge_storage(what, response)
        return self._taken(f"What {what} brought", response, into)

    def _judge_storage(self, what: str, response: requests.Response) -> None:
        self._log.debug("%s: %s -> %d", self._name, what, response.status_code)
        if response.status_code in LINK_ENDED:
            raise LinkEnded(
                f"A link that {self._name} gave, to {host_of(response.url)}, has ended "
                f"({response.status_code}); fetch again to get a new one.",
                response.status_code,
            )
        self._judge(what, response, ())

    def _send(
        self,
        http: requests.Session,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | BinaryIO | None,
    ) -> requests.Response:
        """The answer's head; its body is still to be read. Never quotes the library's own words:
        they hold the whole address.
        """
        host = urlsplit(url).hostname or ""
        try:
            return http.request(
                method,
                url,
                headers=headers,
                data=body,
                auth=as_it_is,
                stream=True,
                allow_redirects=False,
                timeout=(self.limits.connect_s, self.limits.read_s),
                proxies={"no_proxy": host} if is_loopback(host) else None,
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise self._translated(error, host) from None

    def _translated(self, error: Exception, host: str) -> Exception:
        if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE" in str(error):
            return TryLater(
                f"{host} does not prove who it is: its certificate is not trusted; if a proxy "
                "stands between, name its certificates in REQUESTS_CA_BUNDLE."
            )
        if isinstance(error, requests.exceptions.ProxyError):
            return Passing("cannot be reached: the proxy refuses or does not answer")
        if isinstance(error, requests.exceptions.ConnectTimeout):
            return Passing(f"cannot be reached within {self.limits.connect_s:g} s")
        if isinstance(error, requests.exceptions.Timeout):
            return Passing(f"did not answer within {self.limits.read_s:g} s")
        if isinstance(error, requests.exceptions.ConnectionError):
            return Passing(f"cannot be reached ({reason(error)})")
        return NotUnderstood(
            f"{self._name} cannot be asked at {host} ({type(error).__name__}); check the base URL."
        )

    def _judge(
        self,
        what: str,
        response: requests.Response,
        secrets: tuple[str, ...],
        *,
        is_conditional: bool = False,
    ) -> None:
        """Return if there is an answer to take. Raises: Passing; VendorRefused."""
        status = response.status_code
        if 200 <= status < 300 or (status == _NOT_MODIFIED and is_conditional):
            return
        said = problems.words(start_of(response), secrets)
        answered = f"{status}: {said}" if said else str(status)
        if may_pass(status, response.headers):
            wait_s = retry_after_s(response.headers, self.clock.now())
            raise Passing(f"answered {answered}", status, wait_s)
        raise VendorRefused(
            f"{self._name} refused {what} ({answered}); {hint(status, self._hints)}.", status
        )

    def _taken(self, name: str, response: requests.Response, into: Into) -> Answer:
        raw: urllib3.HTTPResponse = response.raw
        limits = self.limits
        if not isinstance(into, Path):
            limits = replace(limits, max_bytes=min(limits.max_bytes, _MOST_IN_MEMORY))
        with download.opened(into) as target:
            try:
                body = download.stream(
                    self._chunks(raw),
                    target,
                    name=name,
                    encoding=response.headers.get("content-encoding", "").strip().lower(),
                    has_length=raw.chunked or raw.length_remaining is not None,
                    is_json="json" in response.headers.get("content-type", "").lower(),
                    limits=limits,
                )
            except download.CutOff as cut:
                raise Passing(f"gave an answer that {cut}", response.status_code) from cut
        return Answer(
            status=response.status_code,
            headers={
                key: response.headers[key] for key in self._kept_headers if key in response.headers
            },
            bytes=body.bytes,
            sha256=body.sha256,
            path=into if isinstance(into, Path) else None,
            wait_s=retry_after_s(response.headers, self.clock.now()),
            is_framed=body.is_framed,
        )

    def _chunks(self, raw: urllib3.HTTPResponse) -> Iterator[bytes]:
        """The body as it travels, still packed."""
        began, came = self.clock.monotonic(), 0
        try:
            for chunk in raw_chunks(raw):
                came += len(chunk)
                allowed_s = self.limits.total_s + came / self.limits.slowest_bytes_per_s
                if self.clock.monotonic() - began > allowed_s:
                    raise Passing("answered too slowly")
                yield chunk
        except urllib3.exceptions.HTTPError:
            raise Passing("broke off in the middle of an answer") from None

    def _secrets(self, request: Request) -> tuple[str, ...]:
        sent = [value for key, value in _told(request) if key not in _PUBLIC_FORM_FIELDS]
        return (*sent, *(() if self._auth is None else self._auth.secrets()))

    def _not_repeated(self, what: str, passing: Passing) -> TryLater:
        return TryLater(
            f"{self._name} {passing.problem} ({what}); it was not asked again, because that could "
            "do the same thing twice. Look at what has become of it before you try again.",
            passing.status,
        )

    def _given_up(self, what: str, passing: Passing, tries: int, wait_s: float) -> TryLater:
        asked = ""
        if passing.wait_s is not None and wait_s > self.limits.longest_wait_s:
            asked = f" and asks for a pause of {passing.wait_s:,.0f} s"
        times = "once" if tries == 1 else f"{tries} times"
        return TryLater(
            f"{self._name} {passing.problem}{asked} ({what}, asked {times}); "
            "run the same command later: it goes on with what has come so far.",
            passing.status,
        )


def _is_under(base: str, path: str) -> bool:
    """Whether a path leads below `base`, and does not climb out again, however that is spelt."""
    steps = unquote(path).replace("\\", "/").split("/")
    return (path == base or path.startswith(f"{base}/")) and ".." not in steps


def _is_conditional(request: Request) -> bool:
    """Whether 304, nothing new, is an answer to it."""
    return any(name.lower() == "if-none-match" for name, _ in request.headers)


def _told(request: Request) -> list[tuple[str, str]]:
    """What a request tells that may be secret: a form, a key of its own in place of the login, or
    the body that a login is asked for by.
    """
    told = {} if request.form is None else dict(request.form)
    told |= {n: one.rpartition(" ")[2] for n, one in request.headers if n == "Authorization"}
    if not request.with_auth and isinstance(request.json_body, dict):
        told |= {str(key): one for key, one in request.json_body.items() if isinstance(one, str)}
    return list(told.items())


def _words(request: Request) -> str:
    """Method and path, never the query."""
    return f"{request.method} {harmless(request.path)}"
