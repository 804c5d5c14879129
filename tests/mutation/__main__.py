"""`python -m tests.mutation [FILE ...]`: change a module or query in every small way, test each.

Prints one table and every mutant that no test noticed. Works on a copy of the repository; mutants
of Python are cosmic-ray's. It takes a test run for each mutant, more than a thousand: hours.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.mutation.sql import mutants

_ROOT = Path(__file__).resolve().parents[2]
# Module -> the tests that are to notice what is wrong with it.
_TESTED = {
    "takeoff/http/pages.py": "tests/http/test_http_pages.py",
    "takeoff/core/units.py": "tests/vendors/test_vendor_values.py tests/vendors/test_ifc_units.py",
    "takeoff/vendors/longs.py": "tests/vendors/test_vendor_values.py",
    "takeoff/lake/keys.py": "tests/lake/test_lake_keys.py",
    "takeoff/lake/writer.py": "tests/lake/test_lake_writer.py",
    "queries/marts/element_changes.sql": "tests/changes/test_what_counts_as_a_change.py "
    "tests/changes/test_comparing_reports.py",
    "queries/marts/key_matches.sql": "tests/changes/test_identity.py",
    "queries/marts/changed_takeoff_elements.sql": "tests/changes/test_sample_revisions.py",
}
_CONFIG = """
[cosmic-ray]
module-path = "{module}"
timeout = 120.0
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
[cosmic-ray.filters.operators-filter]
exclude-operators = ["core/ReplaceBinaryOperator_BitOr_.*", "core/RemoveDecorator"]
"""
_SURVIVORS = """
select mutation_specs.start_pos_row, work_results.diff
from mutation_specs
join work_results on work_results.job_id = mutation_specs.job_id
where work_results.test_outcome = 'SURVIVED'
order by mutation_specs.start_pos_row
"""
_COUNTS = "select test_outcome, count(*) from work_results group by test_outcome"


@dataclass(frozen=True)
class Score:
    """How many mutants of a module there were, and those that nobody noticed: line and change."""

    module: str
    mutants: int
    survivors: Sequence[tuple[int, str]]


def main(arguments: Sequence[str]) -> int:
    """Exit code 2 if cosmic-ray is not here; survivors are for people to look at."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE", help=", ".join(_TESTED))
    asked = parser.parse_args(arguments).files or list(_TESTED)
    if find_spec("cosmic_ray") is None:
        sys.stderr.write("cosmic-ray is not here: pip install cosmic-ray\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="takeoff-mutants-") as folder:
        copy = _copied(Path(folder))
        scores = [
            _of_query(copy, name) if name.endswith(".sql") else _of_module(copy, name)
            for name in asked
        ]
    rows = [
        f"| {one.module} | {one.mutants} | {one.mutants - len(one.survivors)} |" for one in scores
    ]
    table = ["| file | mutants | noticed |", "|---|---|---|", *rows]
    listed = [f"{one.module}:{line}\n{change}" for one in scores for line, change in one.survivors]
    sys.stdout.write("\n".join([*table, "", *listed]) + "\n")
    return 0


def _copied(folder: Path) -> Path:
    """The repository without its history, and the models beside it, if they are there."""
    unwanted = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info")
    copy = shutil.copytree(_ROOT, folder / "main", ignore=unwanted)
    shared = _ROOT.parent / "shared"
    if shared.is_dir():
        (folder / "shared").symlink_to(shared)
    return copy


def _of_module(copy: Path, module: str) -> Score:
    config, session = copy.parent / "mutants.toml", copy.parent / "mutants.sqlite"
    session.unlink(missing_ok=True)
    told = {"module": module, "tests": _TESTED[module], "python": sys.executable}
    config.write_text(_CONFIG.format(**told), "utf-8")
    before = (copy / module).read_bytes()
    for tool, *rest in (
        ("cosmic_ray.cli", "init", str(config), str(session)),
        ("cosmic_ray.tools.filters.operators_filter", str(session), str(config)),
        ("cosmic_ray.cli", "baseline", str(config)),
        ("cosmic_ray.cli", "exec", str(config), str(session)),
    ):
        _run(copy, tool, rest)
    (copy / module).write_bytes(before)
    with sqlite3.connect(session) as database:
        counts = dict(database.execute(_COUNTS).fetchall())
        found = database.execute(_SURVIVORS).fetchall()
    mutants = sum(count for outcome, count in counts.items() if outcome is not None)
    return Score(module, mutants, [(line, _changed_lines(diff)) for line, diff in found])


def _of_query(copy: Path, name: str) -> Score:
    """A mutant that no test run ends well with was noticed."""
    path, tests = copy / name, _TESTED[name].split()
    query = path.read_text("utf-8")
    _run(copy, "pytest", ["-q", "-x", "-p", "no:cacheprovider", *tests])
    count, survivors = 0, []
    for mutant in mutants(query):
        path.write_text(mutant.text, "utf-8")
        count += 1
        try:
            _run(copy, "pytest", ["-q", "-x", "-p", "no:cacheprovider", *tests])
        except RuntimeError:
            continue
        survivors.append((mutant.line, mutant.change))
        sys.stderr.write(f"{name}:{mutant.line}\n{mutant.change}\n")
    path.write_text(query, "utf-8")
    return Score(name, count, survivors)


def _run(copy: Path, tool: str, arguments: Sequence[str]) -> None:
    at = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", tool, *arguments],
        cwd=copy,
        env=at,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{tool} failed: {done.stderr.strip()[-2_000:]}")


def _changed_lines(diff: str) -> str:
    """The line as it was and as it became."""
    lines = [line for line in diff.splitlines() if line[:1] in ("-", "+")]
    return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
