"""Ways raced in turn: each run a process of its own, one after the other, round after round.

A way is a command that does its work in the folder where it starts and prints its cost, see
`inside`, `whole` and `peers`. A goal is a ratio of two ways' medians.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# How the reason begins why a way that failed was left out.
FAILED = "failed"

_HEAD = (
    *("race", "way", "wall s (least - most)", "CPU s", "peak MiB"),
    *("wall x", "CPU x", "memory x"),
)
_GOALS_HEAD = ("race", "compared", "found", "goal", "refused", "verdict")
_GROWTH_HEAD = ("race", "way", "N", "wall grows", "CPU grows", "memory grows")


@dataclass(frozen=True)
class Cost:
    """What one run took. `rows` are what came out, by table or name."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    rows: Mapping[str, int]


def told(said: str) -> Cost:
    """The cost that `inside` and `whole` print."""
    return Cost(**json.loads(said))


@dataclass(frozen=True)
class Way:
    """A command; `files` are put into its folder by link. `missing` says why it cannot run here."""

    name: str
    command: Sequence[str]
    files: Mapping[str, Path] = field(default_factory=dict)
    cost: Callable[[str], Cost] = told
    missing: str | None = None


def inside(name: str, function: str, **arguments: object) -> Way:
    """`module:function` of `tests.bench`, called with these arguments; imports are not timed."""
    command = (sys.executable, "-m", "tests.bench.inside", function, json.dumps(arguments))
    return Way(name, command)


def whole(name: str, *arguments: str) -> Way:
    """Python with these arguments, timed as a process from its start to its end."""
    timer = str(Path(__file__).with_name("whole.py"))
    return Way(name, (sys.executable, "-I", "-S", timer, sys.executable, *arguments))


@dataclass(frozen=True)
class Goal:
    """What the ratio of medians `over` / `under` is to reach, and where it is refused.

    With `reach` above `refuse` it is to be at least that, else at most. Without `under` the figure
    is that of `over` itself, in milliseconds. `of` is wall_s or peak_mib. A goal that `holds_small`
    means something with tiny sizes, too.
    """

    over: str
    under: str | None
    refuse: float
    reach: float
    of: str = "wall_s"
    holds_small: bool = False

    @property
    def is_least(self) -> bool:
        """Whether more is better."""
        return self.reach > self.refuse

    @property
    def half(self) -> float:
        """Half as good as the goal."""
        return self.reach / 2 if self.is_least else self.reach * 2


@dataclass(frozen=True)
class Race:
    """Ways over the same data. Wall, CPU and memory are compared with those of the first.

    `agree`: names in `rows` under which all ways must have the same number. `size` is how many rows
    its name says that there are; races whose names say the same but for that show growth.
    """

    name: str
    ways: Sequence[Way]
    goals: Sequence[Goal] = ()
    agree: Sequence[str] = ()
    size: int = 0


@dataclass(frozen=True)
class Line:
    """One way's medians. The ratios are the first way's median to this one's: above 1 is better."""

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
    rows: Mapping[str, int]


@dataclass(frozen=True)
class Reached:
    """How far a goal was reached: `ratio` is null if one of its ways did not run."""

    race: str
    goal: Goal
    ratio: float | None

    @property
    def verdict(self) -> str:
        """reached, allowed, refused or not raced."""
        if self.ratio is None:
            return "not raced"
        if self._is_as_good_as(self.goal.reach):
            return "reached"
        return "allowed" if self._is_as_good_as(self.goal.refuse) else "refused"

    @property
    def is_half_as_good(self) -> bool:
        """Whether it is at least half as good as its goal, or was not raced."""
        return self.ratio is None or self._is_as_good_as(self.goal.half)

    @property
    def cells(self) -> tuple[str, ...]:
        """What is compared, the ratio found, the goal, where it is refused, and the verdict."""
        goal = self.goal
        compared = goal.over if goal.under is None else f"{goal.over} / {goal.under}"
        compared += ", memory" if goal.of == "peak_mib" else ""
        unit = " ms" if goal.under is None else ""
        found = "" if self.ratio is None else f"{self.ratio:.{0 if unit else 2}f}{unit}"
        side = "under" if goal.is_least else "over"
        return (
            *(self.race, compared, found, f"{goal.reach:g}{unit}"),
            *(f"{side} {goal.refuse:g}{unit}", self.verdict),
        )

    def _is_as_good_as(self, mark: float) -> bool:
        assert self.ratio is not None
        return self.ratio >= mark if self.goal.is_least else self.ratio <= mark


@dataclass(frozen=True)
class Outcome:
    """What a race brought: a line for each way that ran, why others did not, and its goals."""

    race: str
    lines: Sequence[Line]
    skipped: Mapping[str, str]
    reached: Sequence[Reached]
    size: int = 0

    @property
    def of_any_size(self) -> str:
        """The race's name with N for its size."""
        return self.race.replace(f"{self.size:,}", "N", 1)

    def is_bad(self, is_small: bool) -> bool:
        """Whether a way failed or a goal is refused.

        With tiny sizes: whether a goal that holds there is not even half reached.
        """
        if any(why.startswith(FAILED) for why in self.skipped.values()):
            return True
        if is_small:
            return any(one.goal.holds_small and not one.is_half_as_good for one in self.reached)
        return any(one.verdict == "refused" for one in self.reached)


def run(race: Race, rounds: int, folder: Path, tell: Callable[[str], None]) -> Outcome:
    """Every way runs once to warm up, then once a round, A B A B.

    A way that is missing or fails is left out, and said to be. Raises: RuntimeError if the answers
    of ways that are to agree differ.
    """
    skipped = {way.name: way.missing for way in race.ways if way.missing is not None}
    costs: dict[str, list[Cost]] = {way.name: [] for way in race.ways if way.missing is None}
    for number in range(rounds + 1):
        for way in (way for way in race.ways if way.name not in skipped):
            try:
                cost = _once(way, folder)
            except _Failed as failed:
                skipped[way.name] = str(failed)
                del costs[way.name]
                tell(f"{race.name}: {way.name} {failed}")
                continue
            tell(f"{race.name}, {number or 'warming up'}: {way.name} {cost.wall_s:.3f} s")
            if number:
                costs[way.name].append(cost)
    _refuse_other_answers(race, costs)
    lines = [_line(race.name, way, of, next(iter(costs.values()))) for way, of in costs.items()]
    by_way = {line.way: line for line in lines}
    reached = [Reached(race.name, goal, _ratio(goal, by_way)) for goal in race.goals]
    return Outcome(race.name, lines, skipped, reached, race.size)


def table(outcomes: Sequence[Outcome]) -> str:
    """All ways as one Markdown table."""
    return _markdown(_HEAD, [row for outcome in outcomes for row in _rows(outcome)])


def goals(outcomes: Sequence[Outcome]) -> str:
    """How far every goal was reached, as a Markdown table; empty if there is none."""
    rows = [one.cells for outcome in outcomes for one in outcome.reached]
    return _markdown(_GOALS_HEAD, rows) if rows else ""


def growth(outcomes: Sequence[Outcome]) -> str:
    """What each way takes of more rows, in times of what it took of fewer; empty if none did."""
    sized = sorted((one for one in outcomes if one.size), key=lambda one: one.size)
    rows = [
        (
            *(more.of_any_size, line.way, f"{less.size:,} to {more.size:,}"),
            *(f"{line.wall_s / before.wall_s:.1f}", f"{line.cpu_s / before.cpu_s:.1f}"),
            f"{line.peak_mib / before.peak_mib:.1f}",
        )
        for less, more in _steps(sized)
        for line in more.lines
        for before in less.lines
        if before.way == line.way
    ]
    return _markdown(_GROWTH_HEAD, rows) if rows else ""


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def _steps(sized: Sequence[Outcome]) -> list[tuple[Outcome, Outcome]]:
    """Each with the next larger one of the same race."""
    last: dict[str, Outcome] = {}
    found = []
    for one in sized:
        if one.of_any_size in last:
            found.append((last[one.of_any_size], one))
        last[one.of_any_size] = one
    return sorted(found, key=lambda step: (step[1].of_any_size, step[1].size))


def as_json(outcomes: Sequence[Outcome]) -> dict[str, list[dict[str, object]]]:
    """The lines, the goals and what was skipped, for a file."""
    return {
        "lines": [asdict(line) for outcome in outcomes for line in outcome.lines],
        "goals": [
            {"race": one.race, **asdict(one.goal), "ratio": one.ratio, "verdict": one.verdict}
            for outcome in outcomes
            for one in outcome.reached
        ],
        "skipped": [
            {"race": outcome.race, "way": way, "why": why}
            for outcome in outcomes
            for way, why in outcome.skipped.items()
        ],
    }


def _rows(outcome: Outcome) -> list[tuple[str, ...]]:
    rows = [
        (
            *(line.race, line.way),
            f"{_seconds(line.wall_s)} ({_seconds(line.least_wall_s)} - "
            f"{_seconds(line.most_wall_s)})",
            *(_seconds(line.cpu_s), f"{line.peak_mib:.0f}"),
            *(f"{line.wall_ratio:.1f}", f"{line.cpu_ratio:.1f}", f"{line.peak_ratio:.1f}"),
        )
        for line in outcome.lines
    ]
    empty = ("",) * (len(_HEAD) - 3)
    return rows + [(outcome.race, way, why, *empty) for way, why in outcome.skipped.items()]


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds >= 1 else f"{seconds:.3f}"


class _Failed(Exception):
    """A way ended with an error, of which this is the last that it said."""


def _once(way: Way, folder: Path) -> Cost:
    """One run in a process and a folder of its own; the folder goes."""
    work = Path(tempfile.mkdtemp(dir=folder))
    for name, path in way.files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).symlink_to(path.resolve())
    try:
        done = subprocess.run(
            way.command,
            cwd=work,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(work)
    said = done.stdout.strip().splitlines()
    if done.returncode or not said:
        raise _Failed(f"{FAILED}: {' '.join(done.stderr.strip().splitlines()[-1:])[:200]}")
    return way.cost(said[-1])


def _refuse_other_answers(race: Race, costs: Mapping[str, Sequence[Cost]]) -> None:
    for name in race.agree:
        found = {way: cost.rows.get(name) for way, of in costs.items() for cost in of}
        if len(set(found.values())) > 1:
            raise RuntimeError(f"The ways of {race.name} give different {name}: {found}.")


def _ratio(goal: Goal, lines: Mapping[str, Line]) -> float | None:
    if goal.over not in lines or (goal.under is not None and goal.under not in lines):
        return None
    over: float = getattr(lines[goal.over], goal.of)
    if goal.under is None:
        return over * 1000
    under: float = getattr(lines[goal.under], goal.of)
    return over / under


def _line(race: str, way: str, costs: Sequence[Cost], peer: Sequence[Cost]) -> Line:
    def median(of: str, among: Sequence[Cost] = costs) -> float:
        return float(statistics.median(getattr(cost, of) for cost in among))

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
