"""Links and redirects to everywhere: nothing of ours arrives where it does not belong.

What is judged is what the other side was sent, not what we believe to have sent. Once the service
is real as far as takeoff can tell - https, by name, through a proxy -, once on this machine, which
is the only case where links may lead to this machine.
"""

from __future__ import annotations

import posixpath
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from loopback import FakeClock, Reply

from takeoff.core.errors import NotUnderstood, TakeoffError
from takeoff.http.auth import Bearer
from takeoff.http.messages import Limits, Request
from takeoff.http.session import MAX_HOPS, Session

from .origins import Came, Internet, Listening, connections, make_certificate, origin, surroundings
from .planted import SIGNED, Planted
from .tally import Part, Sizes, Tally, each

STATUSES = (301, 302, 303, 307, 308)
_CONTENT = b'{"Count":12}'
_API, _STORAGE = "api.vendor.example", "results.example"
_HOSTS = (
    _API,
    _STORAGE,
    "evil.example",
    f"v1.{_API}",
    f"{_API}.evil.example",
)
# All that a stranger may be told by a header.
FOR_ANYBODY = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}
_STEP = re.compile(r"step=(\d+)")
# Where a link may lead: to be followed without anything of ours unless it is below the base URL.
_GOOD = (
    "/v1/next?step={n}",
    "next?step={n}",
    "?step={n}",
    "../../../outside?step={n}",
    "{api}/v1/next?step={n}",
    "{api}/outside?step={n}",
    "{api}/v1/../outside?step={n}",
    "{api}/v1/%2e%2e/outside?step={n}",
    "{api}/v1/a/..%2f..%2f..%2foutside?step={n}",
    "{api}/v1/..\\outside?step={n}",
    "{storage}/r?step={n}&signature=abc",
    "{other_port}/v1/next?step={n}",
    "//{storage_host}/r?step={n}",
    "{storage}/r?step={n}#@{api_host}/v1/",
    "{storage}?@{api_host}/v1/&step={n}",
    "{scheme}:next?step={n}",
    "\\\\{storage_host}/r?step={n}",
    "/\\{storage_host}/r?step={n}",
)
# Where no link may lead, whoever gives it.
_HOSTILE = (
    "{scheme}://user:word@{storage_host}/r?step={n}",
    "{api}@{storage_host}/r?step={n}",
    "{api}%2f@{storage_host}/r?step={n}",
    "{storage}\\@{api_host}/v1/next?step={n}",
    "{api}\\@{storage_host}/v1/next?step={n}",
    "file:///etc/passwd?step={n}",
    "ftp://{storage_host}/r?step={n}",
    "data:application/json,%7B%7D?step={n}",
    "javascript:alert({n})",
    "{scheme}://[::1?step={n}",
    "{scheme}://{storage_host}:99999/r?step={n}",
    "https://127.0.0.1:{port}/r?step={n}",
    "https://localhost:{port}/r?step={n}",
    "https://127.1:{port}/r?step={n}",
    "https://2130706433:{port}/r?step={n}",
    "https://0x7f000001:{port}/r?step={n}",
    "https://[::1]:{port}/r?step={n}",
    "https://[::ffff:127.0.0.1]:{port}/r?step={n}",
    "https://169.254.169.254/latest/meta-data/?step={n}",
    "https://[::ffff:a9fe:a9fe]/latest/meta-data/?step={n}",
    "https://10.1.2.3/r?step={n}",
    "https://metadata.google.internal/computeMetadata/v1/?step={n}",
    "https://intranet/r?step={n}",
    "https://printer.local:{port}/r?step={n}",
    "http://169.254.169.254/latest/meta-data/?step={n}",
    "http://192.168.1.1/r?step={n}",
    "http://0.0.0.0:{port}/r?step={n}",
    "http://127.1:{port}/r?step={n}",
    "http://2130706433:{port}/r?step={n}",
    "http://evil.example/r?step={n}",
)


@dataclass(frozen=True)
class _World:
    """The origins of one kind of service, and what only there is good or hostile."""

    api: str
    storage: str
    other_port: str
    port: int
    good: tuple[str, ...]
    hostile: tuple[str, ...]

    @property
    def base_url(self) -> str:
        return f"{self.api}/v1"

    def written(self, template: str, step: int) -> str:
        scheme, _, api_host = self.api.partition("://")
        return template.format(
            n=step,
            scheme=scheme,
            api=self.api,
            api_host=api_host,
            storage=self.storage,
            storage_host=self.storage.partition("://")[2],
            other_port=self.other_port,
            port=self.port,
        )

    def is_below_base(self, came: Came) -> bool:
        """Whether it is asked of the service itself, wherever its path means to lead."""
        path = unquote(came.seen.target.partition("?")[0]).replace("\\", "/")
        return came.origin.removesuffix(":443") == self.api and (
            posixpath.normpath(path) + "/"
        ).startswith("/v1/")


_REAL = _World(
    f"https://{_API}",
    f"https://{_STORAGE}",
    f"https://{_API}:8443",
    0,
    good=(
        f"https://{_API.upper()}/v1/next?step={{n}}",
        f"https://{_API}:443/v1/next?step={{n}}",
        f"https://v1.{_API}/v1/next?step={{n}}",
        f"https://{_API}.evil.example/v1/next?step={{n}}",
        "https://evil.example:4433/r?step={n}",
    ),
    hostile=(
        "http://{storage_host}/r?step={n}",
        "http://{api_host}/v1/next?step={n}",
        "http://127.0.0.1:{port}/r?step={n}",
        "http://localhost:{port}/r?step={n}",
    ),
)


@dataclass(frozen=True)
class _Case:
    """Where each answer redirects to; the last of the links leads to the content."""

    way: str
    links: tuple[str, ...]
    statuses: tuple[int, ...]
    hostile_at: int | None

    def reply(self, came: Came) -> Reply:
        found = _STEP.search(came.seen.target)
        step = 0 if found is None else int(found[1])
        if step >= len(self.links):
            return Reply(body=_CONTENT)
        return Reply(self.statuses[step], headers={"Location": self.links[step]})


@dataclass
class _Stage:
    """A service and strangers, and all that they were sent."""

    world: _World
    came: list[Came]
    connected: list[tuple[str, int]]
    case: _Case = field(default_factory=lambda: _Case("ask", (), (), None))

    def reply(self, came: Came) -> Reply:
        return self.case.reply(came)


@contextmanager
def _real(folder: Path) -> Iterator[_Stage]:
    certificate = folder / "certificate.pem"
    make_certificate(certificate, _HOSTS)
    came: list[Came] = []
    with connections() as connected:
        stage = _Stage(_REAL, came, connected)
        proxy = Internet(stage.reply, came, certificate)
        try:
            with surroundings(folder, proxy.url, certificate):
                stage.world = replace(_REAL, port=proxy.port)
                yield stage
        finally:
            proxy.stop()


@contextmanager
def _local(folder: Path) -> Iterator[_Stage]:
    came: list[Came] = []
    with surroundings(folder), connections() as connected:
        stage = _Stage(_REAL, came, connected)
        servers = [Listening(stage.reply, came) for _ in range(3)]
        try:
            urls = [server.url for server in servers]
            on_name = f"http://localhost:{servers[2].port}/r?step={{n}}"
            stage.world = _World(*urls, servers[1].port, good=(on_name,), hostile=())
            yield stage
        finally:
            for server in servers:
                server.stop()


Ask = Callable[[Session, Request, str, Path], object]
_QUESTION = {"is_question": True, "json_body": {"filters": []}}
# How something is asked for; of these only a download may be answered from elsewhere.
_WAYS: Mapping[str, tuple[Ask, str, Mapping[str, object]]] = {
    "download": (lambda s, r, link, path: s.download(r, path), "GET", {}),
    "download by POST": (lambda s, r, link, path: s.download(r, path), "POST", _QUESTION),
    "follow": (lambda s, r, link, path: s.follow(link, path), "GET", {}),
    "ask": (lambda s, r, link, path: s.ask(r, path), "GET", {}),
    "ask by POST": (lambda s, r, link, path: s.ask(r, BytesIO()), "POST", _QUESTION),
    "change": (lambda s, r, link, path: s.ask(r, BytesIO()), "POST", {"json_body": {"a": 1}}),
    "knock": (lambda s, r, link, path: s.knock(), "GET", {}),
    "upload": (lambda s, r, link, path: s.upload(link, path.with_suffix(".ifc")), "GET", {}),
    "log in": (lambda s, r, link, path: s.ask_json(r), "POST", {"with_auth": False}),
}
_FOLLOWING = ("download", "download by POST", "follow")


def _drawn(world: _World, seed: int, chance: random.Random) -> _Case:
    """One to five links, or too many; in most of the runs one is hostile, each in its turn."""
    hostile, way = (*_HOSTILE, *world.hostile), chance.choice((*_FOLLOWING, *_FOLLOWING, *_WAYS))
    count = 13 if chance.random() < 0.1 else chance.randint(1, MAX_HOPS)
    templates = [chance.choice((*_GOOD, *world.good)) for _ in range(count)]
    hostile_at = chance.randrange(min(count, MAX_HOPS)) if chance.random() < 0.6 else None
    if hostile_at is not None:
        templates[hostile_at] = hostile[seed % len(hostile)]
    if way in ("follow", "upload") and hostile_at != 0:
        templates[0] = "{storage}/r?step={n}&signature=abc"
    links = tuple(world.written(one, at + 1) for at, one in enumerate(templates))
    return _Case(way, links, tuple(chance.choices(STATUSES, k=count)), hostile_at)


def _once(stage: _Stage, seed: int, folder: Path) -> str:
    chance, planted = random.Random(seed), Planted(SIGNED)
    stage.case = case = _drawn(stage.world, seed, chance)
    stage.came.clear()
    stage.connected.clear()
    ours = {name: planted.secret(name, chance) for name in ("token", "session", "key", "client")}
    path = folder / f"{seed}.json"
    path.with_suffix(".ifc").write_bytes(b"ISO-10303-21;")
    outcome = _asked(stage, case, ours, path)
    if isinstance(outcome, Exception):
        planted.say("the error", str(outcome), repr(outcome))
        planted.must_not_be_said()
        assert not path.exists(), "half an answer is left"
    _must_be_unseen(stage, planted, f"Bearer {ours['token']}")
    _must_be_right(stage, case, path, outcome)
    return "refused" if isinstance(outcome, Exception) else "answered"


def _asked(stage: _Stage, case: _Case, ours: Mapping[str, str], path: Path) -> object:
    """What came of it: an answer, or one of our errors."""
    ask, method, more = _WAYS[case.way]
    headers = (("X-Client-Session-Id", ours["session"]), ("X-Api-Key", ours["key"]))
    request = Request(method, "/operations/1/result", headers=headers, **more)  # type: ignore[arg-type]
    if case.way == "log in":
        request = replace(request, form={"client_secret": ours["client"]}, headers=())
    limits = Limits(attempts=1, connect_s=5, read_s=5)
    auth = Bearer(ours["token"])
    with Session(
        stage.world.base_url, auth, name="Qonic", limits=limits, clock=FakeClock()
    ) as session:
        try:
            return ask(session, request, case.links[0], path)
        except TakeoffError as error:
            return error


def _must_be_unseen(stage: _Stage, planted: Planted, proof: str) -> None:
    """Strangers are told nothing, hostile places are not even connected to."""
    world, case = stage.world, stage.case
    for came in stage.came:
        if not world.is_below_base(came):
            where = f"{came.seen.method} {came.origin}{came.seen.target}"
            more = set(came.seen.headers) - FOR_ANYBODY
            assert not more, f"{sorted(more)} reached {where}"
            planted.must_not_be_in(where, came.content.replace(SIGNED.encode(), b""))
            assert came.seen.method in ("GET", "PUT"), where
            assert came.seen.method == "PUT" or not came.seen.body, where
        elif case.way not in ("knock", "log in") and came.origin == stage.came[0].origin:
            assert came.seen.headers.get("authorization") in (proof, None), "not our own token"
        if came is stage.came[0] and case.way.startswith(("ask", "change", "download")):
            assert came.seen.headers.get("authorization") == proof, "the service was not told"
        found = _STEP.search(came.seen.target)
        is_past = found is not None and case.hostile_at is not None
        assert not is_past or int(found[1]) <= case.hostile_at, f"{came.origin} was asked"  # type: ignore[index,operator]
    ports = {int(came.origin.rpartition(":")[2]) for came in stage.came} | {world.port}
    others = [
        one
        for one in stage.connected
        if one[0] not in ("127.0.0.1", "::1") or (world.api[:5] != "https" and one[1] not in ports)
    ]
    assert not others, f"{others} were connected to"
    assert len(stage.came) <= 2 * (MAX_HOPS + 1), f"{len(stage.came)} requests"


def _must_be_right(stage: _Stage, case: _Case, path: Path, outcome: object) -> None:
    """All of it, or an error; what is no download is answered where it is asked, or not at all."""
    first = 1 if case.way in ("follow", "upload") else 0
    if case.way not in _FOLLOWING:
        is_refused = isinstance(outcome, Exception)
        if case.way == "knock":
            assert not is_refused, f"{outcome}"
        elif case.way != "upload" or len(case.links) > 1 or case.hostile_at == 0:
            assert is_refused, f"a redirect was taken for an answer: {outcome}"
        most = 0 if case.way == "upload" and case.hostile_at == 0 else 1
        assert len(stage.came) == most, f"{len(stage.came)} requests"
    elif case.hostile_at is not None or len(case.links) > 2 * (MAX_HOPS + 1):
        assert isinstance(outcome, NotUnderstood), f"{type(outcome).__name__}: {outcome}"
    else:
        assert not isinstance(outcome, Exception), f"{outcome}"
        assert path.read_bytes() == _CONTENT, "something else came"
        asked = [came.origin for came in stage.came]
        assert asked == _origins(stage.world, case)[first:], f"{asked} were asked"


def _origins(world: _World, case: _Case) -> list[str]:
    """Of the service, and of all that the links lead to."""
    places = [f"{world.base_url}/operations/1/result"]
    for link in case.links:
        places.append(urljoin(places[-1], link))
    return [origin(*urlsplit(place.replace("localhost", "127.0.0.1"))[:2]) for place in places]


def _run(seeds: Sequence[int], folder: Path) -> Tally:
    """Two runs of three as with a real service."""
    with _real(folder) as real:
        told = each([seed for seed in seeds if seed % 3], _noted(real, folder))
    with _local(folder) as local:
        others = each([seed for seed in seeds if not seed % 3], _noted(local, folder))
    return Tally(told.ended + others.ended, told.findings + others.findings)


def _noted(stage: _Stage, folder: Path) -> Callable[[int], str]:
    def once(seed: int) -> str:
        try:
            return _once(stage, seed, folder)
        except Exception as error:
            error.add_note(f"{stage.case.way} over {stage.case.links}")
            raise

    return once


PARTS = (
    Part(
        "redirects",
        "nothing of ours on the wire to another origin, no private or hostile place connected to, "
        "all of the answer or an error",
        Sizes(few=20, short=600, full=10_000),
        _run,
    ),
)
