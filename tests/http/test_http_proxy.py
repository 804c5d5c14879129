"""Links behind a proxy, which finds the addresses itself: private names are not asked for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from loopback import Reply, Seen

from takeoff.core.errors import NotUnderstood, TryLater
from takeoff.http.auth import Bearer
from takeoff.http.messages import Limits, Request
from takeoff.http.session import Session

LIMITS = Limits(attempts=1, connect_s=5, read_s=5)
API, STORAGE, INSIDE = "api.vendor.example", "results.example", "wiki.vendor.example"
SIGNED = "signature-that-nobody-may-see"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    """What names mean to this machine, as a test fills it in; no other is known."""
    known: dict[str, tuple[str, ...]] = {}

    def resolved(host: str, port: int | None, *args: object, **more: object) -> list[object]:
        if host not in known and host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        meant = known.get(host, (host,))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in meant]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    return known


@pytest.fixture
def proxy(serve, monkeypatch, names) -> Iterator[list[str]]:
    """The hosts that the proxy of the environment was asked for; it connects to none."""
    asked: list[str] = []

    def refused(seen: Seen) -> Reply:
        asked.append(f"{seen.method} {seen.target}")
        return Reply(502)

    server = serve(refused)
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    monkeypatch.setenv("HTTP_PROXY", server.url)
    return asked


@pytest.fixture
def session(open_session) -> Session:
    return open_session(f"https://{API}/v1", Bearer("token"), limits=LIMITS)


def follow(session: Session, link: str, folder: Path) -> None:
    session.follow(link, folder / "part")


def upload(session: Session, link: str, folder: Path) -> None:
    source = folder / "a.ifc"
    source.write_bytes(b"ISO-10303-21;")
    session.upload(link, source)


DOORS = pytest.mark.parametrize("door", [follow, upload])


@DOORS
@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost", "metadata.google.internal", "intranet", "127.1", "[::1]"]
)
def test_private_name_or_address_is_not_asked_of_the_proxy(
    proxy, session, tmp_path, host, door: Callable[[Session, str, Path], None]
) -> None:
    with pytest.raises(NotUnderstood, match="is not followed") as raised:
        door(session, f"https://{host}:8443/latest?sig={SIGNED}", tmp_path)
    assert SIGNED not in str(raised.value)
    assert proxy == []


@DOORS
@pytest.mark.parametrize(
    "meant", [("127.0.0.1",), ("169.254.169.254",), ("93.184.215.14", "10.1.2.3"), ("fd00::1",)]
)
def test_name_that_means_a_private_address_here_is_not_asked_of_the_proxy(
    proxy, names, session, tmp_path, meant, door: Callable[[Session, str, Path], None]
) -> None:
    names[INSIDE] = meant
    with pytest.raises(NotUnderstood, match=f"{INSIDE}, which means {meant[-1]} here") as raised:
        door(session, f"https://{INSIDE}/x?sig={SIGNED}", tmp_path)
    assert SIGNED not in str(raised.value)
    assert proxy == []


@pytest.mark.parametrize("meant", [(), ("93.184.215.14",)])
def test_name_that_only_the_proxy_knows_is_asked_of_it(
    proxy, names, session, tmp_path, meant
) -> None:
    """Inside of companies names of the internet often mean nothing."""
    if meant:
        names[STORAGE] = meant
    with pytest.raises(TryLater, match="the proxy refuses"):
        follow(session, f"https://{STORAGE}/x", tmp_path)
    assert proxy == [f"CONNECT {STORAGE}:443"]


def test_base_url_may_be_private_because_the_user_names_it(proxy, names, open_session) -> None:
    names[INSIDE] = ("10.1.2.3",)
    session = open_session(f"https://{INSIDE}/v1", limits=LIMITS)
    with pytest.raises(TryLater, match="the proxy refuses"):
        session.ask_json(Request("GET", "/projects"))
    assert proxy == [f"CONNECT {INSIDE}:443"]


def test_what_no_proxy_excepts_is_refused_by_its_address(
    proxy, names, session, monkeypatch
) -> None:
    monkeypatch.setenv("NO_PROXY", INSIDE)
    names[INSIDE] = ("127.0.0.1",)
    with pytest.raises(NotUnderstood, match="leads to 127.0.0.1, which is not on the public"):
        session.follow(f"https://{INSIDE}/x", BytesIO())
    assert proxy == []


def test_each_name_is_looked_up_once(proxy, session, tmp_path, monkeypatch) -> None:
    """A network without names of the internet may take its time to say so."""
    asked: list[str] = []

    def unknown(host: str, *args: object, **more: object) -> list[object]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    here = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **more: (here if host == "127.0.0.1" else unknown)(host, *args, **more),
    )

    def once() -> None:
        with pytest.raises(TryLater):
            session.follow(f"https://{STORAGE}/x", BytesIO())

    threads = [threading.Thread(target=once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [STORAGE]
    assert len(proxy) == 4
