"""Machines that have a lake on an object store in common."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from s3_server import Server

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
