"""A server on 127.0.0.1 that answers byte by byte as it is told, also wrongly; and a fake clock."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from takeoff.http.clock import Clock


@dataclass(frozen=True)
class Seen:
    """One request as it came over the wire; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer. `framing`: length, chunked or none; `cut` sends only so many bytes of the body
    as it travels, negative ones counted from its end; null sends all.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    framing: str = "length"
    packed: bool = False
    cut: int | None = None

    def wire(self) -> tuple[bytes, bytes]:
        """Head and body as they travel."""
        body = gzip.compress(self.body) if self.packed else self.body
        headers = {"Content-Type": "application/json", "Connection": "close", **self.headers}
        if self.packed:
            headers["Content-Encoding"] = "gzip"
        if self.framing == "length":
            headers["Content-Length"] = str(len(body))
        if self.framing == "chunked":
            headers["Transfer-Encoding"] = "chunked"
            pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
            chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""]]
            body = b"".join(chunks)
        lines = [f"HTTP/1.1 {self.status} X", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1"), body[: self.cut]


class Server:
    """Answers each request, each on its own connection, with what `script` makes of it."""

    def __init__(self, script: Callable[[Seen], Reply | None]) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        """From now on connections are refused; a second time does nothing."""
        if self._socket.fileno() == -1:
            return
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._accepting.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(ConnectionError), connection, connection.makefile("rb") as stream:
            seen = read_request(stream)
            if seen is None:
                return
            self.seen.append(seen)
            reply = self.script(seen)
            if reply is not None:
                connection.sendall(b"".join(reply.wire()))


def read_request(stream: BinaryIO) -> Seen | None:
    """The next request of a connection; null if none comes, or something else."""
    line = stream.readline().decode("latin-1").split()
    if len(line) != 3 or not line[2].startswith("HTTP/"):
        return None
    headers = {}
    while (text := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Seen(line[0], line[1], headers, body)


@contextmanager
def serving(script: Callable[[Seen], Reply | None]) -> Iterator[Server]:
    server = Server(script)
    try:
        yield server
    finally:
        server.stop()


def in_turn(*replies: Reply | None) -> Callable[[Seen], Reply | None]:
    """The replies one after the other, the last one for ever."""
    left = list(replies)
    return lambda seen: left.pop(0) if len(left) > 1 else left[0]


class FakeClock(Clock):
    """Time that passes only while somebody sleeps."""

    START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

    def __init__(self, chance: float = 0.0, off_by_s: float = 0.0) -> None:
        self.slept: list[float] = []
        self._lock = threading.Lock()
        self._chance = chance
        self._off_by_s = off_by_s
        self._at = 1000.0

    @property
    def spent_s(self) -> float:
        return self._at - 1000.0

    def monotonic(self) -> float:
        return self._at

    def now(self) -> datetime:
        return self.START + timedelta(seconds=self.spent_s + self._off_by_s)

    def jump_to(self, off_by_s: float) -> None:
        """From now on the time of day, and it alone, is wrong by so much."""
        self._off_by_s = off_by_s

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._at += seconds

    def chance(self) -> float:
        return self._chance
