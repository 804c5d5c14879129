"""How ways are raced and goals are judged, with ways whose costs are known."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.bench import lines, peers, race
from tests.bench.race import Goal, Outcome, Race, Way


def _way(name: str, *, wall_s: float = 1, peak_mib: float = 10, found: int = 1) -> Way:
    """A process that says that it took so much."""
    cost = {"wall_s": wall_s, "cpu_s": wall_s, "peak_mib": peak_mib, "rows": {"found": found}}
    return Way(name, (sys.executable, "-I", "-S", "-c", f"print('{json.dumps(cost)}')"))


def _raced(folder: Path, one: Race, rounds: int = 1) -> Outcome:
    return race.run(one, rounds, folder, lambda said: None)


def test_ratio_of_medians_is_judged_by_the_goal(tmp_path: Path) -> None:
    """At least, at most, of memory, and in milliseconds."""
    goals = [
        Goal("user", "ours", refuse=3, reach=6),
        Goal("user", "ours", refuse=1, reach=4),
        Goal("ours", "bytes", refuse=1.2, reach=1.08),
        Goal("user", "ours", refuse=2, reach=5, of="peak_mib"),
        Goal("bytes", None, refuse=60, reach=20),
    ]
    ways = [
        _way("user", wall_s=2, peak_mib=30),
        _way("ours", wall_s=0.5),
        _way("bytes", wall_s=0.05),
    ]
    outcome = _raced(tmp_path, Race("pages", ways, goals))
    found = [(one.ratio, one.verdict, one.is_half_as_good) for one in outcome.reached]
    assert found == [
        (4, "allowed", True),
        (4, "reached", True),
        (10, "refused", False),
        (3, "allowed", True),
        (50, "allowed", False),
    ]
    ours = "| pages | ours | 0.500 (0.500 - 0.500) | 0.500 | 10 | 4.0 | 4.0 | 3.0 |"
    assert ours in race.table([outcome]).splitlines()
    assert race.goals([outcome]).splitlines() == [
        "| race | compared | found | goal | refused | verdict |",
        "|---|---|---|---|---|---|",
        "| pages | user / ours | 4.00 | 6 | under 3 | allowed |",
        "| pages | user / ours | 4.00 | 4 | under 1 | reached |",
        "| pages | ours / bytes | 10.00 | 1.08 | over 1.2 | refused |",
        "| pages | user / ours, memory | 3.00 | 5 | under 2 | allowed |",
        "| pages | bytes | 50 ms | 20 ms | over 60 ms | allowed |",
    ]


@pytest.mark.parametrize(
    ("ours_s", "bad", "bad_small"), [(0.4, False, False), (0.6, True, False), (0.9, True, True)]
)
def test_small_form_refuses_what_is_not_half_as_good(
    tmp_path: Path, ours_s: float, bad: bool, bad_small: bool
) -> None:
    """Of goals that hold for tiny sizes only."""
    goals = [
        Goal("user", "ours", refuse=2, reach=3, holds_small=True),
        Goal("user", "ours", refuse=1, reach=100),
    ]
    ways = [_way("user", wall_s=1), _way("ours", wall_s=ours_s)]
    outcome = _raced(tmp_path, Race("pages", ways, goals))
    assert (outcome.is_bad(is_small=False), outcome.is_bad(is_small=True)) == (bad, bad_small)


def test_way_that_is_missing_or_fails_is_left_out_and_said_to_be(tmp_path: Path) -> None:
    gone = Way("dlt", ("none",), missing="skipped: dlt is not installed")
    broken = Way("broken", (sys.executable, "-I", "-S", "-c", "raise ValueError('no rows')"))
    goals = [Goal("dlt", "ours", refuse=5, reach=10)]
    outcome = _raced(tmp_path, Race("pages", [gone, broken, _way("ours")], goals))
    assert outcome.skipped == {
        "dlt": "skipped: dlt is not installed",
        "broken": "failed: ValueError: no rows",
    }
    assert outcome.is_bad(is_small=True)
    assert [line.way for line in outcome.lines] == ["ours"]
    assert outcome.reached[0].verdict == "not raced"
    left_out = "| pages | dlt | skipped: dlt is not installed |  |  |  |  |  |"
    assert left_out in race.table([outcome]).splitlines()
    assert race.goals([outcome]).splitlines()[-1].endswith("|  | 10 | under 5 | not raced |")


def test_ways_that_bring_something_else_are_no_race(tmp_path: Path) -> None:
    ways = [_way("sql", found=2), _way("ours", found=3)]
    with pytest.raises(RuntimeError, match=r"give different found: \{'sql': 2, 'ours': 3\}"):
        _raced(tmp_path, Race("report", ways, agree=("found",)))


def test_files_lie_beside_the_way_by_the_names_that_it_asks_for(tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("7", "utf-8")
    read = "print(open('in/rows.txt').read())"
    files = {"in/rows.txt": tmp_path / "rows.txt"}

    def cost(said: str) -> race.Cost:
        return race.Cost(1, 1, 1, {"read": int(said)})

    way = Way("reads", (sys.executable, "-I", "-S", "-c", read), files, cost)
    assert _raced(tmp_path, Race("files", [way])).lines[0].rows == {"read": 7}
    assert [path.name for path in tmp_path.iterdir()] == ["rows.txt"]


def test_whole_process_is_timed_with_its_own_memory(tmp_path: Path) -> None:
    ways = [race.whole("small", "-c", "pass"), race.whole("large", "-c", "bytearray(200 << 20)")]
    small, large = _raced(tmp_path, Race("memory", ways)).lines
    assert large.peak_mib - small.peak_mib == pytest.approx(200, abs=5)


def test_peer_whose_script_or_library_is_absent_says_so() -> None:
    absent = peers.peer("peer", "no-such-script.py", "way", [], needs=())
    assert absent.missing == (
        "skipped: ../shared/bench/no-such-script.py is not beside the repository"
    )


def test_peer_in_a_python_without_its_library_says_so() -> None:
    way = peers.peer("peer", "fetch.py", "dlt_parquet", [], needs=("json", "no_such_library"))
    if way.missing is not None and "beside" in way.missing:
        pytest.skip("../shared/bench is not beside the repository")
    assert way.missing == "skipped: no_such_library is not installed"


def test_every_line_is_found_by_its_name() -> None:
    assert {"element", "fetch", "latency", "reports", "start-up", "workbook"} <= set(lines.names())
    for name in lines.names():
        assert callable(lines.line(name).races)


def test_growth_is_told_from_each_size_to_the_next(tmp_path: Path) -> None:
    """Of ways that ran with both; a race of one size only, or of none, says nothing."""
    outcomes = [
        _raced(tmp_path, Race("sums of 100,000 rows", [_way("a", wall_s=8)], size=100_000)),
        _raced(tmp_path, Race("sums of 1,000 rows", [_way("a"), _way("b")], size=1_000)),
        _raced(tmp_path, Race("sums of 10,000 rows", _more(), size=10_000)),
        _raced(tmp_path, Race("counts of 10,000 rows", [_way("a")], size=10_000)),
        _raced(tmp_path, Race("start", [_way("a")])),
    ]
    head, _, *rows = race.growth(outcomes).splitlines()
    assert head == "| race | way | N | wall grows | CPU grows | memory grows |"
    assert rows == [
        "| sums of N rows | a | 1,000 to 10,000 | 4.0 | 4.0 | 1.0 |",
        "| sums of N rows | b | 1,000 to 10,000 | 3.0 | 3.0 | 2.0 |",
        "| sums of N rows | a | 10,000 to 100,000 | 2.0 | 2.0 | 1.0 |",
    ]
    assert race.growth(outcomes[:1]) == ""


def _more() -> list[Way]:
    return [_way("a", wall_s=4), _way("b", wall_s=3, peak_mib=20)]
