"""Links to addresses that only this machine can reach, spelt in every way that something reads."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from loopback import FakeClock

from takeoff.core.errors import NotUnderstood, TakeoffError
from takeoff.http.auth import Bearer
from takeoff.http.messages import Limits
from takeoff.http.session import Session

from .origins import connections, surroundings
from .tally import Part, Sizes, Tally, each

_IPV4 = (
    "127.0.0.1/32",
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "169.254.169.254/32",
    "100.64.0.0/10",
    "0.0.0.0/8",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
_IPV6 = (
    "::1/128",
    "::/128",
    "fe80::/10",
    "fc00::/7",
    "fd00:ec2::254/128",
    "fec0::/10",
    "ff02::/16",
    "2001:db8::/32",
)
# A name that no resolver knows but ours here.
_NAME = "results.example"
_PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")


def _parts(address: IPv4Address, kept: int) -> tuple[list[int], int]:
    """The first so many bytes, and the rest as one number."""
    return list(address.packed[:kept]), int.from_bytes(address.packed[kept:], "big")


def _mixed(address: IPv4Address) -> str:
    first, *middle, last = address.packed
    return f"0x{first:x}.{'.'.join(map(oct, middle)).replace('0o', '0')}.{last}"


def _short(address: IPv4Address, kept: int) -> str:
    first, rest = _parts(address, kept)
    return ".".join(map(str, [*first, rest]))


def _within(address: IPv4Address, network: str) -> str:
    """The address inside of one of IPv6: in the last bytes, or after the first two."""
    base = IPv6Address(network)
    shift = 80 if network == "2002::" else 0
    return f"[{IPv6Address(int(base) | int(address) << shift)}]"


# How an IPv4 address may be written as a host.
_SPELT: Mapping[str, Callable[[Any], str]] = {
    "dotted": str,
    "one number": lambda a: str(int(a)),
    "hex": lambda a: hex(int(a)),
    "hex in capitals": lambda a: f"0X{int(a):08X}",
    "octal": lambda a: f"0{int(a):o}",
    "octal parts": lambda a: ".".join(f"0{byte:o}" for byte in a.packed),
    "hex parts": lambda a: ".".join(f"0x{byte:02x}" for byte in a.packed),
    "mixed parts": _mixed,
    "three parts": lambda a: _short(a, 2),
    "two parts": lambda a: _short(a, 1),
    "a dot behind": lambda a: f"{a}.",
    "number, a dot behind": lambda a: f"{int(a)}.",
    "leading zeros": lambda a: ".".join(f"{byte:03d}" for byte in a.packed),
    "wide digits": lambda a: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in str(a)),
    "circled digits": lambda a: str(a).replace("1", "\u2460").replace("2", "\u2461"),
    "ideographic dots": lambda a: str(a).replace(".", "\u3002"),
    "percent-encoded": lambda a: "".join(f"%{ord(c):02x}" for c in str(a)),
    "percent-encoded dots": lambda a: str(a).replace(".", "%2e"),
    "mapped": lambda a: f"[::ffff:{a}]",
    "mapped in hex": lambda a: _within(a, "::ffff:0:0"),
    "mapped, whole": lambda a: f"[{IPv6Address(f'::ffff:{a}').exploded}]",
    "compatible": lambda a: f"[::{a}]",
    "translated": lambda a: _within(a, "64:ff9b::"),
    "tunnelled": lambda a: _within(a, "2002::"),
    "mapped, in a zone": lambda a: f"[::ffff:{a}%25lo]",
    "a backslash behind": lambda a: f"{a}\\.{_NAME}",
}
_SPELT_V6: Mapping[str, Callable[[Any], str]] = {
    "short": lambda a: f"[{a}]",
    "whole": lambda a: f"[{a.exploded}]",
    "in capitals": lambda a: f"[{str(a).upper()}]",
    "in a zone": lambda a: f"[{a}%25lo]",
    "percent in a zone": lambda a: f"[{a}%lo]",
}
_DOORS = ("follow", "upload")
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class _Case:
    """A link; and what the name in it means, the first time and each time after."""

    words: str
    host: str
    first: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


def _written() -> list[tuple[str, str]]:
    """Every network with every spelling, in an order that has some of each among the first few."""
    every = [*product(_IPV4, _SPELT), *product(_IPV6, _SPELT_V6)]
    random.Random(0).shuffle(every)
    return every


_WRITTEN = _written()


def _drawn(seed: int, chance: random.Random) -> _Case:
    """An address as a host, each network and spelling in its turn; of a third as a name's."""
    network, spelling = _WRITTEN[seed % len(_WRITTEN)]
    address = _one_of(ip_network(network), chance)
    if chance.random() < 0.65:
        host = _SPELT_V6[spelling] if isinstance(address, IPv6Address) else _SPELT[spelling]
        return _Case(f"{address}, {spelling}", host(address))
    private, public = (str(address),), tuple(chance.sample(_PUBLIC, 1))
    meanings = {
        "a name": (private, private),
        "a name among others": (public + private, public + private),
        "a name of both": (private + public, private + public),
    }
    if address.is_loopback:
        meanings = {"a name a moment later": (public, ("127.0.0.1",))}
    words = chance.choice(list(meanings))
    return _Case(f"{address}, {words}", _NAME, *meanings[words])


def _one_of(network: IPv4Network | IPv6Network, chance: random.Random) -> Address:
    return network[chance.randrange(network.num_addresses)]


@contextmanager
def _resolving(case: _Case) -> Iterator[None]:
    """Our name means this; all others what they always mean."""
    asked = socket.getaddrinfo
    meanings = [case.first]

    def resolved(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        if host != _NAME:
            return asked(host, port, *args, **more)
        found = meanings.pop() if meanings else case.later
        return [one for meant in found for one in asked(meant, port, 0, socket.SOCK_STREAM)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", resolved)
        yield


def _run(seeds: Sequence[int], folder: Path) -> Tally:
    source = folder / "a.ifc"
    source.write_bytes(b"ISO-10303-21;")
    with surroundings(folder), socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)

        def once(seed: int) -> str:
            chance = random.Random(seed)
            case = _drawn(seed, chance)
            port = listening.getsockname()[1]
            is_here = chance.random() < 0.2
            base = f"http://127.0.0.1:{port}/v1" if is_here else "https://api.vendor.example/v1"
            link = f"https://{case.host}:{port}/latest/meta-data/?signature=abc"
            door = chance.choice(_DOORS)
            try:
                _must_be_refused(base, link, door, case, source)
                _must_be_silent(listening, is_rebound=case.first != case.later)
            except AssertionError as error:
                error.add_note(f"{case.words}: {door} {link}")
                raise
            return "as names" if case.first else "as addresses"

        return each(seeds, once)


def _must_be_refused(base: str, link: str, door: str, case: _Case, source: Path) -> None:
    """By name of what it is; no connection but to what a name has come to mean meanwhile."""
    limits = Limits(attempts=1, connect_s=2, read_s=2)
    target = source.with_suffix(".part")
    with (
        Session(base, Bearer("token"), name="Qonic", limits=limits, clock=FakeClock()) as session,
        _resolving(case),
        connections() as connected,
    ):
        outcome = _outcome(session, link, door, source, target)
    assert isinstance(outcome, NotUnderstood), f"{type(outcome).__name__}: {outcome}"
    assert "not followed" in str(outcome), f"{outcome}"
    assert "signature" not in str(outcome), f"{outcome}"
    assert not target.exists()
    assert case.first != case.later or not connected, f"{connected} were connected to"


def _outcome(session: Session, link: str, door: str, source: Path, target: Path) -> object:
    try:
        return session.follow(link, target) if door == "follow" else session.upload(link, source)
    except TakeoffError as error:
        return error


def _must_be_silent(listening: socket.socket, *, is_rebound: bool) -> None:
    """Nobody has come, or somebody who said nothing."""
    try:
        connection, _ = listening.accept()
    except BlockingIOError:
        assert not is_rebound, "nobody came although the name meant this machine"
        return
    with connection:
        assert is_rebound, "somebody came"
        assert connection.recv(100) == b"", "something was sent"


PARTS = (
    Part(
        "private addresses",
        "however spelt or named: refused, and not connected to",
        Sizes(few=50, short=1_000, full=20_000),
        _run,
    ),
)
