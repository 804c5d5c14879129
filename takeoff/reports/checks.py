"""The checks that there are, and what their headers say.

A check is a file of `queries/checks`. Lines `-- key: ...` at its top are its header:

    -- title: Net above gross
    -- why: What is left after openings cannot be more than what was there.
    -- severity: error                              error, warning or note
    -- param: tolerance decimal = 0.001; meaning    as in a report

Its columns are always COLUMNS: a row is an element (or a whole model) and what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from takeoff.core.errors import InputRefused
from takeoff.core.results import ResultColumn
from takeoff.reports.catalog import Query, read_header

SEVERITIES = ("error", "warning", "note")
COLUMNS = (
    ResultColumn("model_id", "text", None, "the model"),
    ResultColumn("element_id", "text", None, "the element; null if the whole model is meant"),
    ResultColumn("element_no", "integer", None, "its place in the snapshot; null as element_id"),
    ResultColumn("snapshot_id", "text", None, "the committed version"),
    ResultColumn("ifc_class", "text", None, "IFC class without Ifc"),
    ResultColumn("name", "text", None, "the element's name"),
    ResultColumn("quantity", "text", None, "IFC4X3 quantity name; null if it is about none"),
    ResultColumn("unit", "text", None, "SI unit of the figures"),
    ResultColumn("value_exact", "decimal", None, "as believed now; null if no figure is believed"),
    ResultColumn("suspected_exact", "decimal", None, "the right value; null if it is unknown"),
    ResultColumn("effect_exact", "decimal", None, "what the right value does to the total"),
    ResultColumn("detail", "text", None, "what contradicts it"),
    ResultColumn("evidence_no", "integer", None, "answer or document that it was read from"),
    ResultColumn("source_row", "bigint", None, "row or record in it (IFC: STEP id)"),
)
_KEYS = ("title", "why", "severity", "param")


@dataclass(frozen=True)
class Check:
    """One check as its file states it; it is asked as a report is.

    error: a figure that is added up is shown to be wrong, or an element counts twice. warning: a
    figure may be wrong, or a total is short. note: to be known before figures are compared.
    """

    query: Query
    why: str
    severity: str

    @property
    def name(self) -> str:
        return self.query.name


def all_checks(folders: Sequence[Path]) -> list[Check]:
    """Every check of these `queries` folders, errors first, then by name.

    A file in an earlier folder stands for one of the same name in a later one.
    Raises: InputRefused if a header is wrong.
    """
    paths = {
        path.stem: path
        for folder in reversed(folders)
        for path in (folder / "checks").glob("*.sql")
    }
    checks = [read_check(path) for path in paths.values()]
    return sorted(checks, key=lambda check: (SEVERITIES.index(check.severity), check.name))


def find_checks(names: Sequence[str], folders: Sequence[Path]) -> list[Check]:
    """The checks with these names, or all of them if none is named.

    Raises: InputRefused if there is none of a name.
    """
    checks = all_checks(folders)
    known = [check.name for check in checks]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=3)
            every = ", ".join(known)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {every}."
            raise InputRefused(f"There is no check '{name}'; {hint}")
    return [check for check in checks if not names or check.name in names]


def read_check(path: Path) -> Check:
    """The check in one file. Raises: InputRefused naming the file and the line."""
    sql, header = read_header(path, "check", _KEYS)
    severity = header.one("severity")
    if severity not in SEVERITIES:
        raise header.wrong("severity", severity, "|".join(SEVERITIES))
    title, why = header.one("title"), header.one("why")
    query = Query(
        name=path.stem,
        path=path,
        sql=sql,
        title=title,
        question=why,
        grain=("snapshot_id", "element_no", "quantity", "detail"),
        partitions=None,
        counts=None,
        elements=None,
        figures=(),
        basis=(),
        compares=None,
        groupings=(),
        params=header.params(),
        columns=COLUMNS,
    )
    return Check(query, why, severity)
