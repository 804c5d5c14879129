"""A few runs of every campaign; the short form, as `python -m tests.torture` runs it, is slow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .campaigns import CAMPAIGNS
from .tally import Part

ROOT = Path(__file__).parents[2]
PARTS = [part for parts in CAMPAIGNS.values() for part in parts]
QUICK = [part for part in PARTS if part.sizes.few]


@pytest.mark.parametrize("part", QUICK, ids=lambda part: part.name)
def test_a_few_runs_find_nothing(part: Part, tmp_path: Path) -> None:
    tally = part.run(range(part.sizes.few), tmp_path)
    assert tally.findings == []
    assert tally.ended.total() >= 1


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_the_short_form_finds_nothing(part: Part, tmp_path: Path) -> None:
    seeds = range(part.sizes.few, part.sizes.short)
    assert part.run(seeds or range(part.sizes.short), tmp_path).findings == []


def test_the_table_names_what_was_checked_and_a_seed_is_run_alone() -> None:
    """Units are quick."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture", "arithmetic", "--part", "units", "--seed", "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    head, _, line, *rest = done.stdout.splitlines()
    assert head == "| campaign | runs | what was checked | findings | seconds |"
    assert line.startswith("| units | 1 | there and back within 1e-12 (1 numbers in ")
    assert "GiB, " in rest[-1]
