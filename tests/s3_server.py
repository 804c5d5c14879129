"""A local S3 server, moto, in a process of its own, and the environment that leads there."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

BUCKET = "lakes"
# A login that must be found nowhere: not in what is said, nor in what is kept.
SECRET = "hush0123456789"
_PATIENCE_S = 60


@dataclass(frozen=True)
class Server:
    """`environ` is all that a process needs to find the server and to log in."""

    address: str

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": f"AKIA{SECRET}",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }


def missing() -> str | None:
    """Why there can be no server here; null if there can."""
    lacking = [name for name in ("moto", "s3fs") if importlib.util.find_spec(name) is None]
    return f"{' and '.join(lacking)} not installed" if lacking else None


@contextmanager
def serving() -> Iterator[Server]:
    """A server with the one empty bucket; it ends with the `with`, within which it is found."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            _make_bucket(f"{address}/{BUCKET}")
            server = Server(address)
            with _found(server):
                yield server
        finally:
            process.kill()


@contextmanager
def _found(server: Server) -> Iterator[None]:
    """This process finds the server; what it has found of another one is forgotten."""
    from s3fs import S3FileSystem

    before = {name: os.environ.get(name) for name in server.environ}
    S3FileSystem.clear_instance_cache()
    os.environ.update(server.environ)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _make_bucket(url: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
