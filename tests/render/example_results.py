"""Results to render: made of plain Python values or of SQL, with a full provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from takeoff.core.refs import ModelRef, Proof, Snapshot, SourceVersion
from takeoff.core.results import Provenance, Result, ResultColumn

RAN_AT = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
EXACT = pa.decimal128(32, 12)

# What people and attackers put into names: formulas, escapes, separators, controls, bidi, markup.
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|' /C calc'!A0",
    '=1+1";"=2',
    "+1+1",
    "+49 89 1234",
    "-1+1",
    "-1 basement",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    '"=1+1"',
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff201+1",
    "'=1+1",
    "wall;=1+1",
    "wall\t=1+1",
    "wall\n=1+1",
    "wall\r\n+1",
    "\ttab first",
    "\rreturn first",
]
OBEYED = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m",
    "\x00nul",
    "back\x08space",
    "del\x7f",
    "abc\u202egpj.exe",
    "\u2066isolate",
    "line\u2028end",
    "no\ufffe\uffffcharacter",
    "tag\U000e0041",
]
INNOCENT = [
    "[red]x[/red]",
    "[link=http://evil.example]x[/link]",
    ":smile:",
    "{=1+1}",
    "http://example.org/a",
    "mailto:a@example.org",
    "internal:Sheet1!A1",
    "007",
    "1e5",
    "12.50",
    "TRUE",
    "2024-01-02",
    "_x0041_",
    "a,b",
    'quote " inside',
    "<b>&amp;</b>",
    "]]>",
    "it's",
    "Stra\u00dfe \u58c1 \u0634\u062a\u0627 \U0001f469\u200d\U0001f527",
    "Wall = thick",
    "$path/../x",
    " spaces ",
    "",
]
HOSTILE = FORMULAS + OBEYED + INNOCENT


def snapshot(model_id: str = "Duplex", proof: str = "protocol_end") -> Snapshot:
    return Snapshot(
        snapshot_id=f"snapshot-of-{model_id}",
        ref=ModelRef("ifc", "project 7", model_id, "Project Seven", "Duplex Apartment"),
        sequence=1,
        taken_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        source_version=SourceVersion("sha256", "ab" * 32, "rev B"),
        proof=Proof(proof, "end of file read"),
        lineage={},
        options={},
        tool_version="0.1.0",
        schema_version=1,
        libraries={},
        stated_totals={},
        files=(),
    )


def provenance(
    report: str | None = "by_class",
    title: str = "Walls by class",
    notes: Sequence[str] = ("3 elements have no volume",),
    snapshots: Sequence[Snapshot] = (snapshot(),),
    params: Mapping[str, str] | None = None,
) -> Provenance:
    return Provenance(
        report=report,
        title=title,
        question="How much wall is there?",
        params={"by": "class"} if params is None else params,
        snapshots=tuple(snapshots),
        basis="authored before computed",
        notes=tuple(notes),
        tool_version="0.1.0",
        ran_at=RAN_AT,
    )


def of_table(
    table: pa.Table, units: Mapping[str, str] | None = None, about: Provenance | None = None
) -> Result:
    """Columns as the table has them, with `units` by column name."""
    columns = tuple(
        ResultColumn(field.name, str(field.type), (units or {}).get(field.name), "what it means")
        for field in table.schema
    )
    return Result(columns, table, provenance() if about is None else about)


def of_sql(sql: str, units: Mapping[str, str] | None = None) -> Result:
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        return of_table(connection.sql(sql).to_arrow_table(), units)


def of_texts(texts: Sequence[str | None], name: str = "name") -> Result:
    return of_table(pa.table({"no": list(range(len(texts))), name: pa.array(texts, pa.string())}))


WALLS_SQL = """
    select * from (values
        ('Wall', 'Level 1', 1234567.125000000000::decimal(38, 12), 20::hugeint, true),
        ('Slab', null, 0.000000000001, 3, false),
        (null, '', -12.5, 0, null),
        ('Door', 'Straße 壁', null, null, null)
    ) as rows_of(ifc_class, storey_name, net_volume_m3, counted, is_external)
"""
