"""Ways raced in turn: each run a process of its own, one after the other, round after round."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.service import Service


@dataclass(frozen=True)
class Cost:
    """What one run took. `rows` are those that came out, by table."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    rows: dict[str, int]


@dataclass(frozen=True)
class Line:
    """One way's medians. The ratios are the peer's median to this one's: above 1 is better."""

    race: str
    way: str
    runs: int
    wall_s: float
    least_wall_s: float
    most_wall_s: float
    cpu_s: float
    peak_mib: float
    wall_ratio: float
    cpu_ratio: float
    peak_ratio: float
    rows: dict[str, int]


@dataclass(frozen=True)
class Race:
    """Ways from one service; all are compared with the first, the peer."""

    name: str
    service: Service
    pages: int
    ways: Sequence[str]


def run(race: Race, rounds: int, folder: Path, tell: Callable[[str], None]) -> list[Line]:
    """The lines of a race. Every way runs once to warm up, then once a round, A B A B."""
    costs: dict[str, list[Cost]] = {way: [] for way in race.ways}
    for number in range(rounds + 1):
        for way in race.ways:
            cost = _once(race, way, folder)
            tell(f"{race.name}, {number or 'warming up'}: {way} {cost.wall_s:.2f} s")
            if number:
                costs[way].append(cost)
    peer = costs[race.ways[0]]
    return [_line(race.name, way, costs[way], peer) for way in race.ways]


def table(lines: Sequence[Line]) -> str:
    """The lines as a Markdown table."""
    head = "| race | way | wall s (least - most) | CPU s | peak MiB | wall x | CPU x | memory x |"
    rows = [
        f"| {line.race} | {line.way} | {line.wall_s:.2f} ({line.least_wall_s:.2f} - "
        f"{line.most_wall_s:.2f}) | {line.cpu_s:.2f} | {line.peak_mib:.0f} | "
        f"{line.wall_ratio:.1f} | {line.cpu_ratio:.1f} | {line.peak_ratio:.1f} |"
        for line in lines
    ]
    return "\n".join([head, "|---" * 8 + "|", *rows])


def as_json(lines: Sequence[Line]) -> list[dict[str, object]]:
    """The lines for a file."""
    return [asdict(line) for line in lines]


def _once(race: Race, way: str, folder: Path) -> Cost:
    """One run in a process and a folder of its own; the folder goes."""
    work = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, "-m", "tests.bench.ways", way, race.service.base_url]
    command += [str(race.pages), str(work)]
    token = {"TAKEOFF_QONIC_TOKEN": race.service.token}
    try:
        done = subprocess.run(
            command, env=os.environ | token, capture_output=True, text=True, check=False
        )
    finally:
        shutil.rmtree(work)
    if done.returncode:
        raise RuntimeError(f"{way} failed: {done.stderr.strip()[-2_000:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _line(race: str, way: str, costs: Sequence[Cost], peer: Sequence[Cost]) -> Line:
    def median(of: str, among: Sequence[Cost] = costs) -> float:
        return statistics.median(getattr(cost, of) for cost in among)

    walls = [cost.wall_s for cost in costs]
    return Line(
        race=race,
        way=way,
        runs=len(costs),
        wall_s=median("wall_s"),
        least_wall_s=min(walls),
        most_wall_s=max(walls),
        cpu_s=median("cpu_s"),
        peak_mib=median("peak_mib"),
        wall_ratio=median("wall_s", peer) / median("wall_s"),
        cpu_ratio=median("cpu_s", peer) / median("cpu_s"),
        peak_ratio=median("peak_mib", peer) / median("peak_mib"),
        rows=costs[-1].rows,
    )
