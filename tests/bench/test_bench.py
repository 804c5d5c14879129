"""The benchmark itself runs: its figures are read by people, on a quiet machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

Line = dict[str, Any]


def test_quick_form_races_all_ways_and_prints_their_ratios(tmp_path: Path) -> None:
    """Both ways bring all products; the ratios are those of the medians beside them."""
    out = tmp_path / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--all", "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ready, sandbox = _by_race(json.loads(out.read_text("utf-8"))["lines"])
    assert ready.keys() == {"user", "user_threads", "takeoff", "spool"}
    assert sandbox.keys() == {"user", "takeoff"}
    assert sandbox["takeoff"]["rows"] == ready["takeoff"]["rows"]
    for lines in (ready, sandbox):
        assert lines["user"]["rows"] == {"rows": 10_000}
        assert lines["takeoff"]["rows"]["elements"] == 10_000
        assert lines["takeoff"]["rows"]["quantities"] > 10_000
        _shows_its_ratios(lines, done.stdout)


def _by_race(lines: list[Line]) -> list[dict[str, Line]]:
    found: dict[str, dict[str, Line]] = {}
    for line in lines:
        found.setdefault(line["race"], {})[line["way"]] = line
    return list(found.values())


def _shows_its_ratios(lines: dict[str, Line], said: str) -> None:
    for line in lines.values():
        assert line["wall_ratio"] == lines["user"]["wall_s"] / line["wall_s"]
        assert f"| {line['way']} | {line['wall_s']:.2f} " in said


def test_slower_than_allowed_is_an_exit_code(tmp_path: Path) -> None:
    arguments = ["--quick", "--refuse", "1000", "--out", str(tmp_path / "bench.json")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
