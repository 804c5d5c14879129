"""Audit: every check of `queries/checks` on a lake, and how much of each total can be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from takeoff.config import Settings, read_rows
from takeoff.core.errors import InputRefused
from takeoff.core.plain import number
from takeoff.core.results import Provenance, Result, ResultColumn, listing
from takeoff.core.version import __version__
from takeoff.engines.engine import Engine
from takeoff.jobs.session import checking_session
from takeoff.reports import notes
from takeoff.reports.checks import COLUMNS, SEVERITIES, Check, all_checks, find_checks
from takeoff.reports.run import run

PROFILE = "expected_quantities.csv"
_FOUND_BY = (
    ResultColumn("check_name", "text", None, "the check that found it"),
    ResultColumn("severity", "text", None, "error, warning or note"),
    ResultColumn("title", "text", None, "what is wrong, in a few words"),
)
_KEPT = ("snapshot_id", "element_no", "quantity", "suspected_exact")
_VERDICTS = """
select
    selected_models.vendor,
    selected_models.model_id,
    case when audited_figures.is_space then 'spaces' else 'elements' end as of_what,
    audited_figures.quantity,
    max(audited_figures.unit) as unit,
    count(*) as elements,
    count(case when audited_figures.state = 'believed' then 1 end) as believed,
    count(case when audited_figures.state = 'doubtful' then 1 end) as doubtful,
    count(case when audited_figures.state = 'missing' then 1 end) as missing,
    cast(sum(audited_figures.value_exact) as decimal(38, 12)) as value,
    cast(
        coalesce(sum(audited_figures.value_exact), 0)
        + coalesce(sum(audited_figures.effect_exact), 0) as decimal(38, 12)
    ) as suspected_value,
    count(*) - count(audited_figures.effect_exact) as effect_unknown
from audited_figures
join selected_models
    on selected_models.snapshot_id = audited_figures.snapshot_id
group by
    selected_models.model_no,
    selected_models.vendor,
    selected_models.model_id,
    audited_figures.is_space,
    audited_figures.quantity
order by
    selected_models.model_no,
    audited_figures.is_space,
    audited_figures.quantity
"""
_VERDICT_COLUMNS = (
    ResultColumn("vendor", "text", None, "vendor of the model"),
    ResultColumn("model_id", "text", None, "the model"),
    ResultColumn("of_what", "text", None, "elements that count, or spaces"),
    ResultColumn("quantity", "text", None, "IFC4X3 quantity name"),
    ResultColumn("unit", "text", None, "SI unit; null if no element has the quantity"),
    ResultColumn("elements", "bigint", None, "elements that have it, or should"),
    ResultColumn("believed", "bigint", None, "those whose figure no check shows to be wrong"),
    ResultColumn(
        "doubtful", "bigint", None, "those whose figure is shown to be wrong or disagrees"
    ),
    ResultColumn("missing", "bigint", None, "those that should have one and have none"),
    ResultColumn("value", "decimal", None, "the sum as it stands; null if there is none"),
    ResultColumn("suspected_value", "decimal", None, "the sum with the suspected right values"),
    ResultColumn("effect_unknown", "bigint", None, "doubtful or missing, right value unknown"),
)


@dataclass(frozen=True)
class AuditQuestion:
    """What is to be checked. Empty `checks`, `models` and `snapshots` mean all that there are.

    `params` are by `check.param`, such as differs_from_body.tolerance.
    """

    checks: Sequence[str] = ()
    severity: str = "note"
    models: Sequence[str] = ()
    snapshots: Sequence[str] = ()
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Audit:
    """What was found, how much of each model's quantities can be believed, and that in words."""

    findings: Result
    verdicts: Result
    sentences: tuple[str, ...]

    @property
    def errors(self) -> int:
        """Findings of severity error."""
        severities = self.findings.table.column("severity").to_pylist()
        return sum(severity == "error" for severity in severities)


def audit(settings: Settings, question: AuditQuestion) -> Audit:
    """Raises: InputRefused for an unknown check, parameter, model or snapshot; LakeUnusable."""
    checks = _at_least(question.severity, find_checks(question.checks, settings.query_folders()))
    params = _by_check(checks, question.params)
    with checking_session(settings, question.snapshots, question.models) as engine:
        findings = find(engine, settings, checks, params)
        verdicts = _verdicts(engine)
        table = findings.select([column.name for column in (*_FOUND_BY, *COLUMNS)])
        said = notes.unproved(engine)
        about = _about(engine, question, said)
    lines = [_sentence(row) for row in verdicts.to_pylist()]
    return Audit(
        findings=Result((*_FOUND_BY, *COLUMNS), table, about),
        verdicts=Result(_VERDICT_COLUMNS, verdicts, about),
        sentences=(*_counted(findings, checks), *lines),
    )


def checks_listed(settings: Settings) -> Result:
    """All checks that there are, the project's own included."""
    meanings = {
        "check": "its name",
        "severity": "error, warning or note",
        "title": "what it finds",
        "why": "why it matters",
        "params": "its parameters",
    }
    rows = [
        {
            "check": check.name,
            "severity": check.severity,
            "title": check.query.title,
            "why": check.why,
            "params": "; ".join(
                f"{param.name} = {param.default}: {param.meaning}" for param in check.query.params
            ),
        }
        for check in all_checks(settings.query_folders())
    ]
    schema = pa.schema([(name, pa.string()) for name in meanings])
    return listing("Checks", pa.Table.from_pylist(rows, schema), meanings)


def find(
    engine: Engine,
    settings: Settings,
    checks: Sequence[Check],
    params: Mapping[str, Mapping[str, str]] | None = None,
) -> pa.Table:
    """The rows of these checks, errors first; the session knows them from then on.

    `params` are by check. Raises: InputRefused for a wrong parameter or profile.
    """
    engine.fill("expected_quantities", _expected(settings))
    given = params or {}
    found = [_found(engine, check, given.get(check.name, {})) for check in checks]
    table = pa.concat_tables([_nothing(), *found])
    kept = table.select(["check_name", "severity", *_KEPT])
    engine.fill("audit_findings", kept)
    return table


def _found(engine: Engine, check: Check, params: Mapping[str, str]) -> pa.Table:
    rows = run(engine, check.query, params).table
    rows = rows.cast(_schema(COLUMNS))
    by = (check.name, check.severity, check.query.title)
    for place, (column, text) in enumerate(zip(_FOUND_BY, by, strict=True)):
        texts = pa.array([text] * rows.num_rows, pa.string())
        rows = rows.add_column(place, column.name, texts)
    return rows


_ARROW = {
    "text": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "decimal": pa.decimal128(32, 12),
}


def _schema(columns: Sequence[ResultColumn]) -> pa.Schema:
    return pa.schema([(column.name, _ARROW[column.type]) for column in columns])


def _nothing() -> pa.Table:
    return _schema((*_FOUND_BY, *COLUMNS)).empty_table()


def _at_least(severity: str, checks: Sequence[Check]) -> list[Check]:
    if severity not in SEVERITIES:
        raise InputRefused(f"severity cannot be '{severity}'; it is {' or '.join(SEVERITIES)}.")
    kept = SEVERITIES[: SEVERITIES.index(severity) + 1]
    return [check for check in checks if check.severity in kept]


def _by_check(checks: Sequence[Check], params: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """`check.param` told apart. Raises: InputRefused for a check that is not asked."""
    known = {check.name for check in checks}
    sorted_out: dict[str, dict[str, str]] = {}
    for name, value in params.items():
        check, dot, param = name.partition(".")
        if not dot or check not in known:
            raise InputRefused(
                f"'{name}' is no parameter of an audit; name it as check.param, such as "
                "differs_from_body.tolerance."
            )
        sorted_out.setdefault(check, {})[param] = value
    return sorted_out


def _expected(settings: Settings) -> pa.Table:
    """The profile: a row for each quantity that may stand for what a class should have."""
    path = settings.rules_file(PROFILE)
    rows = []
    for place, line in enumerate(read_rows(path), start=1):
        if not line.get("ifc_class") or not line.get("quantities"):
            raise InputRefused(f"Line {place} of {path} lacks its ifc_class or its quantities.")
        names = [name.strip() for name in line["quantities"].split("|")]
        rows += [
            {
                "ifc_class": line["ifc_class"],
                "place": place,
                "quantities": "|".join(names),
                "quantity": name,
                "is_first": name == names[0],
            }
            for name in names
        ]
    schema = pa.schema(
        [
            ("ifc_class", pa.string()),
            ("place", pa.int32()),
            ("quantities", pa.string()),
            ("quantity", pa.string()),
            ("is_first", pa.bool_()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def _verdicts(engine: Engine) -> pa.Table:
    return engine.query(_VERDICTS).read_all()


def _counted(findings: pa.Table, checks: Sequence[Check]) -> list[str]:
    """One sentence a check that found something, errors first."""
    names = findings.column("check_name").to_pylist()
    return [
        f"{check.severity}: {check.query.title}: {names.count(check.name)} ({check.name})"
        for check in checks
        if check.name in names
    ]


def _sentence(row: Mapping[str, Any]) -> str:
    """Of 19 elements: 5 % believed, 95 % doubtful, 0 % missing; 61.8 m3 as it stands, ..."""
    shares = ", ".join(
        f"{_percent(row[state], row['elements'])} {state}"
        for state in ("believed", "doubtful", "missing")
    )
    head = f"{row['vendor']}:{row['model_id']} {row['quantity']} of {row['elements']}"
    return f"{head} {row['of_what']}: {shares}; {_totals(row)}"


def _percent(part: int, whole: int) -> str:
    """Whole percents, but never 100 or 0 for what is not all or nothing."""
    percent = round(100 * part / whole)
    if part not in (0, whole):
        percent = min(max(percent, 1), 99)
    return f"{percent} %"


def _totals(row: Mapping[str, Any]) -> str:
    """What the sum is, and what it would be; figures rounded to what people read."""
    unit = "" if row["unit"] in (None, "1") else f" {row['unit']}"
    stands = "no sum" if row["value"] is None else f"{_read(row['value'])}{unit} as it stands"
    corrected = ""
    if row["suspected_value"] != (row["value"] or 0):
        corrected = f", {_read(row['suspected_value'])}{unit} corrected"
    unknown = f", {row['effect_unknown']} not known" if row["effect_unknown"] else ""
    return stands + corrected + unknown


def _read(value: Decimal) -> str:
    return str(number(round(value, 3)))


def _about(engine: Engine, question: AuditQuestion, said: tuple[str, ...]) -> Provenance:
    return Provenance(
        report="audit",
        title="Audit",
        question="Which figures are wrong, missing or doubtful, and what does it do to the total?",
        params=dict(question.params),
        snapshots=engine.snapshots,
        basis=notes.basis_in_words(),
        notes=said,
        tool_version=__version__,
        ran_at=datetime.now(UTC),
    )
