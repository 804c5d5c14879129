"""One function as a way: `python -m tests.bench.inside MODULE:FUNCTION ARGUMENTS`, as JSON.

What it needs is imported before the clock starts, so that imports are not timed as work. It works
in the folder where the process was started; its cost is printed as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import isgeneratorfunction
from pathlib import Path
from typing import Any

from tests.bench.needs import NEEDED, Function


def peak_mib() -> float:
    """The most memory that this process has held, and the largest of its children beside it."""
    return _own_peak_mib() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _own_peak_mib() -> float:
    """A child's ru_maxrss starts at its parent's."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cost(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module, function = name.split(":")
    way: Function = getattr(import_module(module), function)
    for needed in NEEDED[name]:
        import_module(needed)
    work = _ready(way, arguments)
    began_s, began_cpu_s = time.perf_counter(), _cpu_s()
    rows = work()
    wall_s, cpu_s = time.perf_counter() - began_s, _cpu_s() - began_cpu_s
    return {"wall_s": wall_s, "cpu_s": cpu_s, "peak_mib": peak_mib(), "rows": rows}


def _cpu_s() -> float:
    """Of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _ready(way: Function, arguments: dict[str, Any]) -> Callable[[], Any]:
    if not isgeneratorfunction(way):
        return partial(way, Path.cwd(), **arguments)
    steps = way(Path.cwd(), **arguments)
    next(steps)
    return partial(next, steps)


if __name__ == "__main__":
    print(json.dumps(_cost(sys.argv[1], json.loads(sys.argv[2]))))  # noqa: T201 - told so
