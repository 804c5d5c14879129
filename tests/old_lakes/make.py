"""`python tests/old_lakes/make.py FOLDER`: a small lake of the sample, and the figures it reports.

Uses the takeoff that Python finds, by its command line alone, so that it runs with any release:

    git worktree add ../then RELEASE
    PYTHONPATH=../then python tests/old_lakes/make.py tests/old_lakes/schema_1

A lake that is kept is never made again: later releases must open the very bytes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
MODELS = ("Lindenhof_services.ifc", "Lindenhof_structure.ifc")
_SUMS = """
select
    quantities.model_id,
    quantities.basis,
    quantities.quantity,
    quantities.unit,
    count(*) as figures,
    cast(sum(quantities.value_exact) as varchar) as total
from quantities
group by quantities.model_id, quantities.basis, quantities.quantity, quantities.unit
order by 1, 2, 3 nulls last, 4 nulls last
"""
# What is asked, by the name of the file with the answer: in words that every release knows.
QUESTIONS = {
    "takeoff": ("report", "takeoff"),
    "by_storey": ("report", "by_storey"),
    "sums": ("sql", _SUMS),
}


def main(folder: Path) -> None:
    lake = folder / "lake"
    for name in MODELS:
        _said("fetch", "ifc", SAMPLE / name, "--lake", lake)
    shutil.rmtree(lake / "work")
    (folder / "figures").mkdir()
    for name, question in QUESTIONS.items():
        (folder / "figures" / f"{name}.csv").write_text(_said(*question, "--lake", lake), "utf-8")


def _said(*arguments: object) -> str:
    given = [str(argument) for argument in arguments]
    command = [sys.executable, "-m", "takeoff", *given, "--format", "csv"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]))
