"""Starts processes on jobs of `victim` and kills them while a phase lasts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 120

Job = dict[str, Any]


class Victims:
    """Use it in a `with`; one job at a time."""

    def __enter__(self) -> Victims:
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"{__package__}.victim"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "tests")])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.communicate()

    def whole(self, job: Job) -> dict[str, float]:
        """Do the job to its end; seconds that each phase lasted."""
        self._start(job)
        phases, names = {}, []
        while "ended" not in (said := self._hear()):
            names.append((said["phase"], time.monotonic()))
        assert said["ended"] == 0, f"{job['verb']} undisturbed ended in {said['ended']}"
        ends = [*(began for _, began in names[1:]), time.monotonic()]
        for (name, began), end in zip(names, ends, strict=True):
            phases[name] = end - began
        return phases

    def kill(self, job: Job, phase: str, after_s: float) -> bool:
        """Kill it so long after the phase began; whether it was killed before it had ended."""
        child = self._start(job)
        while (said := self._hear()).get("phase") != phase and "ended" not in said:
            pass
        if "ended" not in said:
            time.sleep(after_s)
            os.kill(child, signal.SIGKILL)
        while "ended" not in said:
            said = self._hear()
        assert said["ended"] in (0, -signal.SIGKILL), f"{job['verb']} ended in {said['ended']}"
        return bool(said["ended"])

    def _start(self, job: Job) -> int:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        child: int = self._hear()["child"]
        self._last = threading.Timer(_PATIENCE_S, os.kill, (child, signal.SIGKILL))
        self._last.daemon = True
        self._last.start()
        return child

    def _hear(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        said: dict[str, Any] = json.loads(self._server.stdout.readline())
        if "ended" in said:
            self._last.cancel()
        return said
