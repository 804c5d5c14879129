"""The first sheet: what was asked of which models, the totals, and how far they can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from takeoff.core.refs import Snapshot
from takeoff.core.results import Result
from takeoff.render.xlsx.formulas import write_totals
from takeoff.render.xlsx.looks import Looks
from takeoff.render.xlsx.sheets import Part, Sheet, set_up_page
from takeoff.render.xlsx.totals import Lines, Total
from takeoff.render.xlsx.words import clean

MODELS_NAMED = 50
_WIDTHS = (22, 30, 20, 28, 18, 18, 16, *([14] * 9))
_LAST = 6  # column up to which sentences reach
_SENTENCE = 120  # characters that fit up to there
_SETS = {"rules": "Rule set", "rates": "Rates", "factors": "Carbon factors", "by": "Grouped by"}
_MODEL = ("vendor", "model", "project", "version", "taken", "proof", "snapshot")
_EXACT = "Spreadsheets keep 15 digits; csv, json and parquet hold all."
_ADDED = (
    "Totals are formulas over the lines. Figures of different quantities or units are never added "
    "up; lines without a figure are not in a total."
)


def write_cover(
    sheet: Sheet, result: Result, found: Sequence[Total], parts: Sequence[Part], looks: Looks
) -> None:
    """`parts` are the sheets that hold the lines, which the formulas of the totals add up."""
    for position, width in enumerate(_WIDTHS):
        sheet.set_column(position, position, width)
    sheet.hide_gridlines(2)
    about = result.provenance
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, clean(about.title), looks.of(bold=True, font_size=18))
    row = 1
    for label, text in _facts(result):
        row = _write_sentence(sheet, row, label, text, looks)
    if found:
        row = write_totals(sheet, row + 1, result, found, parts, looks)
        row = _write_sentence(sheet, row, "", _ADDED, looks)
    row = _write_models(sheet, row + 1, about.snapshots, looks)
    for label, text in _reservations(result):
        row = _write_sentence(sheet, row, label, text, looks)
    set_up_page(sheet, about)


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    about = result.provenance
    yield "Question", about.question
    projects = {s.ref.project_name or s.ref.project_id: None for s in about.snapshots}
    if projects:
        yield "Project" if len(projects) == 1 else "Projects", ", ".join(projects)
    if about.basis:
        yield "Basis", about.basis
    for name, value in about.params.items():
        yield _SETS.get(name, name), value
    rows = result.table.num_rows
    yield "Lines", f"{rows:,}" if rows else "0 - no rows: nothing in these models answers"
    for other in result.beside:
        yield from _verdict(other)
    made = about.ran_at.strftime("%Y-%m-%d %H:%M %Z").strip()
    yield "Made", f"{made} with takeoff {about.tool_version}"


def _verdict(other: Result) -> Iterator[tuple[str, str]]:
    """What an audit says in one sentence: how much is believed, or what was found."""
    if other.provenance.report != "audit":
        return
    lines = Lines(other)
    if (severity := lines.place("severity")) is not None:
        counted = Counter(lines.words(severity))
        found = (f"{number:,} of severity {word}" for word, number in counted.items())
        yield "Audit findings", ", ".join(found) or "none"
    elif lines.place("believed") is not None:
        named = ("believed", "elements", "doubtful", "missing")
        believed, elements, doubtful, missing = (_sum(lines, name) for name in named)
        yield (
            "Audit verdict",
            f"{believed:,} of {elements:,} figures are believed, {doubtful:,} are doubtful and "
            f"{missing:,} missing",
        )


def _sum(lines: Lines, name: str) -> int:
    place = lines.place(name)
    values = () if place is None else lines.values(place)
    return sum(int(value) for value in values if isinstance(value, int | Decimal))


def _reservations(result: Result) -> Iterator[tuple[str, str]]:
    for note in result.provenance.notes:
        yield "Note", note
    yield "Exactness", _EXACT


def _write_sentence(sheet: Sheet, row: int, label: str, text: str, looks: Looks) -> int:
    """A label and its text, broken into lines; the row below is returned."""
    shown = clean(text)
    lines = sum(1 + len(line) // _SENTENCE for line in shown.split("\n"))
    sheet.set_row(row, min(409, 15 * lines))
    sheet.write_string(row, 0, clean(label), looks.label)
    sheet.merge_range(row, 1, row, _LAST, "", looks.sentence)
    sheet.write_string(row, 1, shown, looks.sentence)
    return row + 1


def _write_models(sheet: Sheet, row: int, snapshots: Sequence[Snapshot], looks: Looks) -> int:
    if not snapshots:
        return row
    for position, name in enumerate(_MODEL):
        sheet.write_string(row, position, name, looks.heading)
    for snapshot in snapshots[:MODELS_NAMED]:
        row += 1
        for position, text in enumerate(_model(snapshot)):
            sheet.write_string(row, position, clean(text), looks.of())
    left = len(snapshots) - MODELS_NAMED
    if left > 0:
        row += 1
        sheet.write_string(row, 0, f"and {left:,} more, on the sheet Provenance", looks.of())
    return row + 2


def _model(snapshot: Snapshot) -> tuple[str, ...]:
    ref, version = snapshot.ref, snapshot.source_version
    return (
        ref.vendor,
        ref.model_name or ref.model_id,
        ref.project_name or ref.project_id,
        version.label or f"{version.kind} {(version.value or '')[:12]}".strip(),
        snapshot.taken_at.strftime("%Y-%m-%d %H:%M"),
        snapshot.proof.kind,
        snapshot.snapshot_id,
    )
