"""Services on this machine that answer as Qonic's would, each in a process of its own.

`recorded` has its pages ready in memory, makes nothing while it is asked, ends every operation at
once, and wants no login: what it measures is the client. `sandbox` is the sandbox as people start
it, over a lake that holds the same model. `python -m tests.bench.service FOLDER [delay_ms]` prints
the port of the first and serves until stopped.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.bench import models
from tests.bench.models import Model

_HOST = "127.0.0.1"
_MODEL = "/v1/projects/1/models/1"
_LISTS: dict[str, Any] = {
    "/v1/projects": {"projects": [{"id": 1, "name": "Bench"}]},
    "/v1/projects/1/models": {"models": [{"id": 1, "name": "Bench"}]},
    "/v1/projects/1/codifications": {"codificationLibraries": []},
    "/v1/projects/1/material-libraries": {"materialProperties": []},
    "/v1/projects/1/locations": {"locationViews": []},
    "/v1/projects/1/customProperties": {"sets": []},
    f"{_MODEL}/products/dynamic-properties/available-data": {"fields": [], "totalCount": 0},
}


@dataclass(frozen=True)
class Service:
    """Where it answers, and the token that it wants; its model is 1 in project 1."""

    base_url: str
    token: str


@contextmanager
def recorded(folder: Path, delay_ms: int = 0) -> Iterator[Service]:
    """A service of the model in `folder`, each answer of which takes `delay_ms`."""
    with _started("tests.bench.service", str(folder), str(delay_ms)) as port:
        yield Service(f"http://{_HOST}:{port}/v1", "none-wanted")


@contextmanager
def sandbox(lake: Path, vendor: str = "qonic") -> Iterator[Service]:
    """The sandbox over a lake of one model, as this vendor's."""
    with _started("takeoff", "sandbox", "--lake", str(lake)) as said:
        at = json.loads(said)[vendor]
        yield Service(at["base_url"], at["token"])


@contextmanager
def _started(*command: str) -> Iterator[str]:
    """What a module's process says in its first line; it ends with the block."""
    argv = [sys.executable, "-m", *command]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    model: Model
    delay_s: float

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.endswith("/result"):
            self._answer(302, b"", location=f"http://{self.headers['Host']}/storage")
        elif path == "/storage":
            self._answer(200, b'{"Count":null}')
        elif path == f"{_MODEL}/products/properties/available-data":
            fields = self.model.fields
            self._answer(200, _json({"fields": fields, "totalCount": len(fields)}))
        elif path in _LISTS:
            self._answer(200, _json(_LISTS[path]))
        else:
            self._answer(404, b"{}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        if parts.path == f"{_MODEL}/products/properties/query":
            self._answer(200, self._page({key: v[0] for key, v in parse_qs(parts.query).items()}))
        else:
            self._answer(200, b'{"id":"op","kind":"CalculateQuantities","status":"Ready"}')

    def _page(self, asked: dict[str, str]) -> bytes:
        """The page that was asked for; one of a single row is asked for its total only."""
        number, pages = int(asked.get("page", "1")), self.model.pages
        if asked.get("pageSize") != "1" and number <= len(pages):
            return pages[number - 1]
        return _json({"totalCount": self.model.rows, "page": number, "pageSize": 1, "result": []})

    def _answer(self, status: int, content: bytes, location: str | None = None) -> None:
        time.sleep(self.delay_s)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if location is not None:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _serve(folder: Path, delay_ms: int) -> None:
    _Handler.model, _Handler.delay_s = models.read(folder), delay_ms / 1000
    server = ThreadingHTTPServer((_HOST, 0), _Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)  # noqa: T201 - this is how its port is told
    server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
