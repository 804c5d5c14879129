"""`python -m tests.torture [--full] [CAMPAIGN ...]`: run the campaigns and print one table.

Exits 1 if anything was found. Every finding is told on stderr and names its seed; `--seed` runs
that one alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from .campaigns import CAMPAIGNS
from .tally import Part, Tally

_HEAD = "| campaign | runs | what was checked | findings | seconds |\n|---|---|---|---|---|\n"


def main(arguments: list[str]) -> int:
    """Run what was asked for; 1 if anything was found."""
    asked = _parser().parse_args(arguments)
    warnings.simplefilter("ignore")
    sys.stdout.write(_HEAD)
    findings = 0
    for name in asked.campaign or CAMPAIGNS:
        for part in CAMPAIGNS[name]:
            if asked.part is None or asked.part in part.name:
                findings += _run(part, _seeds(part, asked))
    sys.stdout.write(f"\n{_machine()}\n")
    return 1 if findings else 0


def _seeds(part: Part, asked: argparse.Namespace) -> Sequence[int]:
    if asked.seed is not None:
        return [asked.seed]
    runs = part.sizes.full if asked.full else part.sizes.short
    return range(asked.first, asked.first + runs)


def _run(part: Part, seeds: Sequence[int]) -> int:
    """Print the part's line, and what was found on stderr; how much that was."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="takeoff-torture-") as folder:
        tally = _tally(part, seeds, Path(folder))
    sys.stdout.write(_line(part, len(seeds), tally, time.monotonic() - began))
    sys.stdout.flush()
    for finding in tally.findings:
        sys.stderr.write(f"{part.name}: {finding}\n")
    return len(tally.findings)


def _tally(part: Part, seeds: Sequence[int], folder: Path) -> Tally:
    try:
        return part.run(seeds, folder)
    except Exception as error:  # noqa: BLE001 - a part that cannot begin is found, too
        return Tally(findings=[f"it could not run: {type(error).__name__}: {error}"])


def _line(part: Part, runs: int, tally: Tally, seconds: float) -> str:
    checked = f"{part.checked} ({tally.words})"
    return f"| {part.name} | {runs:,} | {checked} | {len(tally.findings)} | {seconds:.0f} |\n"


def _machine() -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("campaign", nargs="*", choices=[[], *CAMPAIGNS], help="default: all")
    parser.add_argument("--full", action="store_true", help="ten times as many runs")
    parser.add_argument("--part", help="only parts whose name has this in it")
    parser.add_argument("--seed", type=int, help="run this seed alone")
    parser.add_argument("--first", type=int, default=0, help="the first seed; others follow it")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
