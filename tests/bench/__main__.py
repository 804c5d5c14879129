"""`python -m tests.bench`: race the ways, print one table, write bench.json.

`--quick` races few products once; its figures mean nothing, it shows that everything runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import models, race, service, ways
from tests.bench.race import Line, Race

_QUICK_ROWS = 2 * models.PAGE_ROWS
_WAYS = ("user", "takeoff")
_BESIDES = ("user_threads", "spool")


def main(arguments: list[str]) -> int:
    """Race as asked; 1 if takeoff is slower than `--refuse` allows."""
    asked = _parser().parse_args(arguments)
    rows = [_QUICK_ROWS] if asked.quick else asked.rows
    rounds = 1 if asked.quick else asked.rounds
    with tempfile.TemporaryDirectory(prefix="takeoff-bench-") as folder:
        data = Path(folder) if asked.data is None else asked.data
        lines = [
            line
            for count in rows
            for delay_ms in asked.delay_ms
            for line in _raced(data, count, delay_ms, rounds, asked.all)
        ]
    machine = f"{os.cpu_count()} cores, {_memory_gib():.0f} GiB, {platform.system()}, Python "
    machine += f"{platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    sys.stdout.write(f"{race.table(lines)}\n\nMedians of {rounds} on {machine}.\n")
    content = {"machine": machine, "lines": race.as_json(lines)}
    asked.out.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return 1 if any(line.wall_ratio < asked.refuse for line in _ours(lines)) else 0


def _raced(data: Path, rows: int, delay_ms: int, rounds: int, with_all: bool) -> list[Line]:
    """From a service with its pages ready and, if no page is to be delayed, from the sandbox."""
    folder = data / f"qonic-{rows}"
    models.make(folder, rows)
    pages = -(-rows // models.PAGE_ROWS)
    name = f"{rows:,} products x 40 fields"
    with (
        service.recorded(folder, delay_ms) as recorded,
        tempfile.TemporaryDirectory(dir=data) as work,
    ):
        every = _WAYS + (_BESIDES if with_all else ())
        asked = Race(f"{name}, {delay_ms} ms", recorded, pages, every)
        lines = race.run(asked, rounds, Path(work), _tell)
        if delay_ms:
            return lines
        ways.takeoff(recorded, pages, Path(work))
        with service.sandbox(Path(work) / "lake") as sandbox:
            asked = Race(f"{name}, sandbox", sandbox, pages, _WAYS)
            return lines + race.run(asked, rounds, Path(work), _tell)


def _ours(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.way == "takeoff"]


def _tell(said: str) -> None:
    sys.stderr.write(f"{said}\n")


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000], help="in full pages")
    parser.add_argument("--delay-ms", type=int, nargs="+", default=[0], help="of each page")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each way, in turn")
    parser.add_argument("--all", action="store_true", help="more peers, and the limit of a fetch")
    parser.add_argument("--quick", action="store_true", help="few products, once")
    parser.add_argument("--refuse", type=float, default=0, help="least ratio of wall times")
    parser.add_argument("--data", type=Path, help="folder that keeps the made-up models")
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="where to write")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
