"""Runs commands in processes of their own, and says how each ended and how much memory it took.

They are forked from one that has imported everything, so that a command works at once. What it
took is the most that was its own: pages of files that are mapped go when others need the room.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from takeoff import cli
from takeoff.vendors import load

_ROOT = Path(__file__).resolve().parents[2]
_VENDORS = ("ifc", "qonic", "autodesk", "bimplus", "itwin")
_HEAVY = ("duckdb", "pyarrow.parquet", "pyarrow.json", "ifcopenshell", "takeoff.cli.commands")
_PATIENCE_S = 240
_LOOK_S = 0.005
_OWN = re.compile(r"RssAnon:\s+(\d+) kB")


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code (negative: a signal), what it said, MiB that it took."""

    code: int
    out: str
    err: str
    took_mib: float


class Commands:
    """Use it in a `with`; one command at a time."""

    def __enter__(self) -> Commands:
        self._folder = TemporaryDirectory(prefix="takeoff-commands-")
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"{__package__}.commands"],
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
        self._folder.cleanup()

    def run(
        self, *arguments: object, environ: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Done:
        """`takeoff` with these arguments, in an environment that says nothing else of takeoff."""
        out, err = (Path(self._folder.name) / name for name in ("out", "err"))
        asked = {
            "arguments": [str(argument) for argument in arguments],
            "environ": dict(environ or {}),
            "cwd": None if cwd is None else str(cwd),
            "out": str(out),
            "err": str(err),
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(asked) + "\n")
        self._server.stdin.flush()
        said = json.loads(self._server.stdout.readline())
        words = [path.read_text("utf-8", "replace") for path in (out, err)]
        return Done(said["code"], *words, said["took_mib"])


def main() -> None:
    """Serve until stdin ends: a command a line, how it ended a line."""
    for vendor in _VENDORS:
        load(vendor)
    for name in _HEAVY:
        importlib.import_module(name)
    said = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        said.write(json.dumps(_done(json.loads(line))) + "\n")
        said.flush()


def _done(asked: Mapping[str, Any]) -> dict[str, Any]:
    child = os.fork()
    if child == 0:
        _do(asked)
    watch = _Watch(child)
    watch.start()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    watch.over.set()
    watch.join()
    return {"code": code, "took_mib": watch.most_kib / 1024}


def _do(asked: Mapping[str, Any]) -> None:
    """The command, in this process, which ends with it."""
    code = 70
    try:
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(asked[name], os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
        for name in [name for name in os.environ if name.startswith("TAKEOFF_")]:
            del os.environ[name]
        os.environ.update(asked["environ"])
        os.chdir(asked["cwd"] or os.getcwd())
        signal.alarm(_PATIENCE_S)
        code = _ended(asked["arguments"])
    except BaseException:  # noqa: BLE001 - a fork must not go on as its parent
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ended(arguments: Sequence[str]) -> int:
    try:
        return cli.main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


class _Watch(threading.Thread):
    """Looks again and again at how much memory of its own a process has."""

    def __init__(self, process: int) -> None:
        super().__init__()
        self._status = Path(f"/proc/{process}/status")
        self.most_kib = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(_LOOK_S):
            with suppress(OSError):
                found = _OWN.search(self._status.read_text())
                self.most_kib = max(self.most_kib, int(found[1]) if found else 0)


if __name__ == "__main__":
    main()
