"""The benchmark itself runs: its figures are read by people, on a quiet machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

Line = dict[str, Any]


def _bench(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", "--small", "--json", str(out), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_small_form_of_fetch_races_all_ways_and_prints_their_ratios(tmp_path: Path) -> None:
    """Both ways bring all products; the ratios are those of the medians beside them."""
    out = tmp_path / "bench.json"
    done = _bench(out, "--only", "fetch", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    ready, sandbox = _by_race(json.loads(out.read_text("utf-8"))["lines"])
    assert ready.keys() - {"dlt"} == {"user", "user_threads", "takeoff", "spool"}
    assert sandbox.keys() == {"user", "takeoff"}
    assert sandbox["takeoff"]["rows"] == ready["takeoff"]["rows"]
    for lines in (ready, sandbox):
        assert lines["user"]["rows"] == {"rows": 10_000}
        assert lines["takeoff"]["rows"]["elements"] == 10_000
        assert lines["takeoff"]["rows"]["quantities"] > 10_000
        _shows_its_ratios(lines, done.stdout)


@pytest.mark.slow
def test_small_form_of_the_other_lines_runs(tmp_path: Path) -> None:
    """Every way that could run has brought what the others of its race have."""
    out = tmp_path / "bench.json"
    only = "changes element ifc index latency rebuild reports snapshots workbook".split()
    done = _bench(out, "--rounds", "1", *(word for name in only for word in ("--only", name)))
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text("utf-8"))
    ways = {line["way"] for line in found["lines"]}
    assert {"takeoff", "takeoff_open", "sql", "pandas", "duckdb_alone", "spool"} <= ways
    assert {"opened", "iterator", "ordered", "as they came", "4 threads", "compacted"} <= ways
    assert all(one["why"].startswith("skipped: ") for one in found["skipped"])


def _by_race(lines: list[Line]) -> list[dict[str, Line]]:
    found: dict[str, dict[str, Line]] = {}
    for line in lines:
        found.setdefault(line["race"], {})[line["way"]] = line
    return list(found.values())


def _shows_its_ratios(lines: dict[str, Line], said: str) -> None:
    for line in lines.values():
        assert line["wall_ratio"] == lines["user"]["wall_s"] / line["wall_s"]
        assert f"| {line['race']} | {line['way']} | " in said
