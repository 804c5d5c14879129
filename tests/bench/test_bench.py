"""The benchmark itself runs: its figures are read by people, on a quiet machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


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
    lines = {line["way"]: line for line in json.loads(out.read_text("utf-8"))["lines"]}
    assert lines.keys() == {"user", "user_threads", "takeoff", "spool"}
    assert lines["user"]["rows"] == {"rows": 10_000}
    assert lines["takeoff"]["rows"]["elements"] == 10_000
    assert lines["takeoff"]["rows"]["quantities"] > 10_000
    for line in lines.values():
        assert line["wall_ratio"] == lines["user"]["wall_s"] / line["wall_s"]
        assert f"| {line['way']} | {line['wall_s']:.2f} " in done.stdout


def test_slower_than_allowed_is_an_exit_code(tmp_path: Path) -> None:
    arguments = ["--quick", "--refuse", "1000", "--out", str(tmp_path / "bench.json")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
