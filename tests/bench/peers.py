"""Peers' scripts as others wrote them, in ../shared/bench beside the repository: used as they are.

Such a script runs one option with `--child NAME ARGUMENTS`, under `perf-out/` in the folder where
it starts, and prints one line with its cost. Where the folder or a library is absent, the way says
so and is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.race import ROOT, Cost, Way

_SCRIPTS = ROOT.parent / "shared" / "bench"
_MARK = "@@"
_FIND = (
    "import sys; from importlib.util import find_spec; "
    "print(*[name for name in sys.argv[1:] if find_spec(name) is None])"
)


def peer(
    name: str,
    script: str,
    option: str,
    arguments: Sequence[object],
    *,
    needs: Sequence[str],
    files: Mapping[str, Path] | None = None,
    python: str = sys.executable,
) -> Way:
    """An option of a script, run by `python`, which must have the modules it `needs`."""
    path = _SCRIPTS / script
    command = (python, str(path), "--child", option, json.dumps(list(arguments)))
    missing = _missing(path, needs, python)
    return Way(name, command, dict(files) if files is not None else {}, _cost, missing)


def _missing(script: Path, needs: Sequence[str], python: str) -> str | None:
    if not script.is_file():
        return f"skipped: ../shared/bench/{script.name} is not beside the repository"
    try:
        asked = subprocess.run(
            [python, "-c", _FIND, *needs], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return f"skipped: {Path(python).name} does not run"
    absent = asked.stdout.strip()
    return f"skipped: {absent} is not installed" if absent else None


def _cost(said: str) -> Cost:
    told = json.loads(said.removeprefix(_MARK))
    came = told["r"]
    return Cost(told["t"], told["cpu"], told["rss"], came if isinstance(came, dict) else {})
