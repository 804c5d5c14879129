"""How well each check does on the public models and the faulty twins: precision and recall.

    python tests/checks/score.py [FOLDER]       lakes are made in FOLDER, and used again if there

precision: of what the check names, how much is known to be wrong; recall: of what is known to be
wrong, how much it names. A dash stands where nothing is known, or nothing is named.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import known_faults
from known_faults import Fault, Pair

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


def findings(lake: Path, models: Sequence[str] = (), severity: str = "note") -> set[Fault]:
    """What the checks of this severity or a worse one name, as faults are told."""
    asked = AuditQuestion(models=models, severity=severity)
    table = audit(Settings(lake=lake), asked).findings.table
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


def pair_table(known: Iterable[Pair], named: Collection[Fault]) -> str:
    """By model and column: how many pairs are apart and named, and agree and are named."""
    lines = ["Authored beside computed figures of the truth tables"]
    lines.append(f"{'model':<34}{'column':<14}{'apart':>7}{'named':>7}{'agree':>7}{'named':>7}")
    kinds = Counter(
        (pair.model, pair.column, is_apart, is_named(pair, named))
        for pair in known
        if pair.is_asked and (is_apart := told_apart(pair)) is not None
    )
    for model, column in sorted({kind[:2] for kind in kinds}):
        counts = [
            kinds[model, column, is_apart, True] + extra
            for is_apart in (True, False)
            for extra in (kinds[model, column, is_apart, False], 0)
        ]
        lines.append(f"{model:<34}{column:<14}" + "".join(f"{count:>7}" for count in counts))
    return "\n".join(lines)


def told_apart(pair: Pair) -> bool | None:
    """Whether the two differ by more than 5 %, or by less than 0.1 %; null between."""
    return True if pair.apart > 0.05 else False if pair.apart < 0.001 else None


def is_named(pair: Pair, named: Collection[Fault]) -> bool:
    """Whether a check names the authored figure."""
    asked = {(pair.model, pair.element_id, name) for name in known_faults.COLUMNS[pair.column]}
    return any(fault[1:] in asked for fault in named)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def main(folder: Path) -> None:
    if SHARED.is_dir():
        known = known_faults.of_the_models(SHARED / "truth")
        named = findings(lake_of_models(folder / "models", SHARED))
        rows = scores(known, named, known_faults.OF_THE_MODELS, known_faults.COUNTED)
        sys.stdout.write(table("Nine public models", rows) + "\n\n")
        alarms = findings(folder / "models", severity="warning")
        beside = pair_table(known_faults.pairs(SHARED / "truth"), alarms)
        sys.stdout.write(beside + "\n\n")
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
