"""One S3 server for all tests here, each with a prefix of its own, and machines that share it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from s3_server import BUCKET, Server, missing, serving

from takeoff.config import Settings
from takeoff.core.lake_url import LakeUrl


@dataclass
class Machine:
    """Commands on one lake, by a machine with copies of its own; `said` is all that they wrote."""

    url: str
    cache: Path
    server: Server
    said: list[str] = field(default_factory=list)

    @property
    def place(self) -> LakeUrl:
        return LakeUrl(self.url, self.cache / "lakes")

    @property
    def settings(self) -> Settings:
        return Settings(lake=self.place, cache=self.cache)

    @property
    def environ(self) -> dict[str, str]:
        told = {"TAKEOFF_LAKE": self.url, "TAKEOFF_CACHE": str(self.cache)}
        return {**os.environ, **self.server.environ, **told}

    def takeoff(self, *arguments: object, code: int = 0, **environ: str) -> str:
        """What the command writes on stdout; it must end with this exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "takeoff", *map(str, arguments)],
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        self.said += [done.stdout, done.stderr]
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    @property
    def last_words(self) -> str:
        """What the last command wrote on stderr."""
        return self.said[-1]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if (why := missing()) is not None:
        pytest.skip(why)
    with serving() as running:
        yield running


@pytest.fixture
def url(server: Server, tmp_path: Path) -> str:
    """A place without a lake."""
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def here(url: str, server: Server, tmp_path: Path) -> Machine:
    return Machine(url, tmp_path / "here", server)


@pytest.fixture
def there(url: str, server: Server, tmp_path: Path) -> Machine:
    return Machine(url, tmp_path / "there", server)
