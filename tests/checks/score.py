"""How well each check does on the public models and the faulty twins: precision and recall.

    python tests/checks/score.py [FOLDER]       lakes are made in FOLDER, and used again if there

precision: of what the check names, how much is known to be wrong; recall: of what is known to be
wrong, how much it names. A dash stands where nothing is known, or nothing is named.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import known_faults
from known_faults import Fault

from takeoff.config import Settings, shipped
from takeoff.core.progress import Quiet
from takeoff.jobs.audit import AuditQuestion, audit
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.reports.checks import all_checks

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
TWINS = Path(__file__).resolve().parents[2] / "data" / "sample" / "faulty"


@dataclass(frozen=True)
class Score:
    """One check on one group of models: how many faults are known, named, and both.

    `right` of the named are known to be wrong, maybe as another fault: an area of both faces is
    contradicted by the volume, too.
    """

    check: str
    severity: str
    known: int
    named: int
    both: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.named if self.named else None

    @property
    def recall(self) -> float | None:
        return self.both / self.known if self.known else None


def lake_of_models(folder: Path, shared: Path) -> Path:
    """The nine public models, each building a project of its own."""
    for project, models in known_faults.PROJECTS.items():
        files = [shared / "ifc" / f"{model}.ifc" for model in models]
        _fetch(folder, project, files)
    return folder


def lake_of_twins(folder: Path, twins: Path = TWINS) -> Path:
    """The faulty twins without second revisions."""
    _, projects = known_faults.of_the_twins(twins)
    for project in sorted(set(projects.values())):
        _fetch(folder, project, [twins / file for file in projects if projects[file] == project])
    return folder


def _fetch(lake: Path, project: str, files: Sequence[Path]) -> None:
    options = IfcOptions(project=project)
    for outcome in fetch_ifc(Settings(lake=lake), files, options, Quiet()):
        if outcome.error is not None:
            raise outcome.error


def findings(lake: Path, models: Sequence[str] = ()) -> set[Fault]:
    """What the checks name, as faults are told."""
    table = audit(Settings(lake=lake), AuditQuestion(models=models)).findings.table
    columns = ("check_name", "model_id", "element_id", "quantity")
    rows = zip(*(table.column(name).to_pylist() for name in columns), strict=True)
    return {
        (check, model, element.partition("~")[0] if element else "", quantity or "")
        for check, model, element, quantity in rows
    }


def scores(
    known: Iterable[Fault],
    named: Iterable[Fault],
    checks: Sequence[str],
    counted: Mapping[tuple[str, str], int] | None = None,
) -> list[Score]:
    """One score for each of these checks; `counted` faults are known by number only."""
    known, named = set(known), set(named)
    wrong = {fault[1:] for fault in known}
    severities = {check.name: check.severity for check in all_checks([shipped("queries")])}
    found = []
    for check in checks:
        ours = {fault for fault in named if fault[0] == check}
        theirs = {fault for fault in known if fault[0] == check}
        number, both = len(theirs), len(ours & theirs)
        right = sum(fault[1:] in wrong for fault in ours)
        for (name, model), count in (counted or {}).items():
            if name == check:
                number += count
                others = min(count, sum(fault[1] == model for fault in ours - theirs))
                both, right = both + others, right + others
        found.append(Score(check, severities[check], number, len(ours), both, right))
    return found


def table(title: str, rows: Sequence[Score]) -> str:
    """The scores as people read them."""
    head = f"{title}\n{'check':<28}{'severity':<10}{'known':>7}{'named':>7}{'both':>7}"
    lines = [f"{head}{'precision':>11}{'recall':>8}"]
    for row in rows:
        counts = f"{row.known:>7}{row.named:>7}{row.both:>7}"
        shares = f"{_share(row.precision):>11}{_share(row.recall):>8}"
        lines.append(f"{row.check:<28}{row.severity:<10}{counts}{shares}")
    return "\n".join(lines)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def main(folder: Path) -> None:
    if SHARED.is_dir():
        known = known_faults.of_the_models(SHARED / "truth")
        named = findings(lake_of_models(folder / "models", SHARED))
        rows = scores(known, named, known_faults.OF_THE_MODELS, known_faults.COUNTED)
        sys.stdout.write(table("Nine public models", rows) + "\n\n")
    else:
        sys.stdout.write("The public models are not beside this checkout (../shared/data).\n\n")
    known, _ = known_faults.of_the_twins(TWINS)
    named = findings(lake_of_twins(folder / "twins"))
    checks = sorted({fault[0] for fault in known | named})
    sys.stdout.write(table("Faulty twins", scores(known, named, checks)) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
