"""`python -m tests.bench`: race the lines, print them, their goals and growth, write JSON.

Each figure is a ratio of medians of ways that ran in turn. With `--small` the sizes are tiny: it
shows that everything runs, and fails where a ratio that means something there is not half as good
as its goal. Otherwise it fails where a goal is refused, or a way failed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import lines, race
from tests.bench.race import Outcome
from tests.bench.room import Room

_SMALL_ROUNDS = 3
_ROUNDS = 5


def main(arguments: list[str]) -> int:
    """Race as asked; 1 if a goal is missed by too much."""
    asked = _parser().parse_args(arguments)
    usual = _SMALL_ROUNDS if asked.small else _ROUNDS
    rounds = usual if asked.rounds is None else asked.rounds
    with tempfile.TemporaryDirectory(prefix="takeoff-bench-") as folder:
        work = Path(folder)
        data = (work / "data" if asked.data is None else asked.data).resolve()
        data.mkdir(parents=True, exist_ok=True)
        room = Room(data, work, asked.small, asked.large, asked.dlt_python)
        outcomes = list(_raced(room, asked.only or lines.names(), rounds))
    machine = f"{os.cpu_count()} cores, {_memory_gib():.0f} GiB, {platform.system()}, Python "
    machine += f"{platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    tables = filter(None, [race.table(outcomes), race.goals(outcomes), race.growth(outcomes)])
    sys.stdout.write("\n\n".join([*tables, f"Medians of {rounds} on {machine}.\n"]))
    content = {"machine": machine, "rounds": rounds, **race.as_json(outcomes)}
    asked.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return 1 if any(outcome.is_bad(asked.small) for outcome in outcomes) else 0


def _raced(room: Room, names: Sequence[str], rounds: int) -> Iterator[Outcome]:
    for name in names:
        for one in lines.line(name).races(room):
            yield race.run(one, rounds, room.work, _tell)


def _tell(said: str) -> None:
    sys.stderr.write(f"{said}\n")


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _rounds(text: str) -> int:
    if (rounds := int(text)) < 1:
        raise ValueError("a median needs a run")
    return rounds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    known = lines.names()
    only = f"this line; repeatable: {', '.join(known)}"
    parser.add_argument("--only", action="append", choices=known, metavar="NAME", help=only)
    parser.add_argument("--rounds", type=_rounds, help=f"runs of each way, in turn ({_ROUNDS})")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--small", action="store_true", help="tiny sizes, three rounds")
    sizes.add_argument("--large", action="store_true", help="1e6 products and 1e7 elements, too")
    parser.add_argument("--data", type=Path, help="folder that keeps what is made up")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where to write")
    parser.add_argument("--dlt-python", default=sys.executable, help="the Python that has dlt")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
