"""Answers written byte by byte: each framing of HTTP/1.1, whole or cut off in the middle."""

from __future__ import annotations

import gzip
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_CHUNK = 16_384
_CHANGED = ("content-length", "connection", "transfer-encoding", "content-encoding")


class Framed(Response):
    """`answer` framed as told: length, close or chunked, after gzip_ compressed as well.

    Cut, half of the body is sent; then the connection ends as if the server had died.
    """

    def __init__(self, answer: Response, framing: str, *, cut: bool) -> None:
        super().__init__(answer.get_data(), answer.status, answer.headers.to_wsgi_list())
        self._framing = framing
        self._cut = cut

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        connection: socket.socket = environ["werkzeug.socket"]
        connection.sendall(self._bytes())
        _end(connection)

    def _bytes(self) -> bytes:
        body = self.get_data()
        headers = [(k, v) for k, v in self.headers.items() if k.lower() not in _CHANGED]
        if self._framing.startswith("gzip_"):
            body = gzip.compress(body, 1, mtime=0)
            headers.append(("Content-Encoding", "gzip"))
        sent = body[: len(body) // 2] if self._cut else body
        framing = self._framing.removeprefix("gzip_")
        if framing == "length":
            headers.append(("Content-Length", str(len(body))))
        if framing == "chunked":
            headers.append(("Transfer-Encoding", "chunked"))
            sent = _chunked(sent, is_ended=not self._cut)
        headers.append(("Connection", "close"))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return f"HTTP/1.1 {self.status}\r\n{head}\r\n".encode("latin-1") + sent


class Reset(Response):
    """No answer: the connection is reset."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        connection: socket.socket = environ["werkzeug.socket"]
        at_once = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        _end(connection)


def _end(connection: socket.socket) -> NoReturn:
    """The connection is over, if the client has not ended it before."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError  # the server takes it for a client that went away


def _chunked(body: bytes, *, is_ended: bool) -> bytes:
    pieces = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    return b"".join(chunks) + (b"0\r\n\r\n" if is_ended else b"")
