"""Output forms, one module each: `takeoff/render/<suffix>.py` or a package of that name.

Every form shows units and says where its figures come from. The forms do not import one another;
what they share is here. A new form is one new place: it is found by its name.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pkgutil
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, TextIO, TypeAlias, cast

import pyarrow as pa

from takeoff.core.errors import InputRefused
from takeoff.core.plain import as_json, is_number, is_whole, json_text
from takeoff.core.progress import Progress, Quiet
from takeoff.core.results import Result

Target: TypeAlias = Path | TextIO
QUIET = Quiet()


class Form(Protocol):
    """What a module of this room offers. `NEEDS_FILE`: it cannot be printed, only be a file.

    `HOLDS_EVIDENCE`: it writes what stands behind the lines, and other tables, beside them.
    """

    NEEDS_FILE: bool
    HOLDS_EVIDENCE: bool

    def write(
        self, result: Result, target: Target, *, raw: bool = False, progress: Progress = QUIET
    ) -> None:
        """`target` is a path, written whole or not at all, or an open text stream.

        `raw` hands text to machines exactly as stored where a form would otherwise guard people's
        programs (CSV).

        Raises: InputRefused if the target cannot be written or the form cannot hold the result.
        """


def forms() -> tuple[str, ...]:
    """Names of the forms there are, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def for_target(
    target: Path | None, form: str | None, terminal: bool, *, with_evidence: bool = False
) -> Form:
    """The form called `form`, else the one of `target`'s suffix, else table or csv.

    `target` is None for standard output; `terminal` says whether that is one. To be asked before
    the work begins: what cannot be written is refused here.

    Raises: InputRefused for an unknown form or suffix, a form that needs a file, an unusable path,
    and a form that cannot hold the evidence or other tables beside the lines, if they are asked
    for.
    """
    name = form if form is not None else _usual_form(target, terminal)
    if name not in forms():
        raise InputRefused(f"There is no output form {name!r}; the forms are {_listed()}.")
    module = cast(Form, importlib.import_module(f"{__name__}.{name}"))
    if target is not None:
        _check_place(target)
    elif module.NEEDS_FILE:
        raise InputRefused(f"The form {name} needs a file; name one with -o FILE.{name}.")
    if with_evidence and not module.HOLDS_EVIDENCE:
        raise InputRefused(
            f"The form {name} cannot hold the evidence beside the lines, nor other tables; write a "
            "file .html or .xlsx, or ask for the evidence alone with takeoff explain --report."
        )
    return module


def write_text(
    result: Result, target: Target, lines: Iterable[str], *, sidecar: Mapping[str, str] | None
) -> None:
    """Lines to an open stream, or to a file.

    `sidecar`: what to say of the file in `<file>.provenance.json` beside it; None for no such file.
    """
    if not isinstance(target, Path):
        target.writelines(lines)
        return
    beside = [] if sidecar is None else [target.with_name(f"{target.name}.provenance.json")]
    with whole_files(target, *beside) as parts:
        _write_lines(parts[0], lines)
        for part in parts[1:]:
            file_facts = {"file": target.name, "sha256": _sha256(parts[0])} | dict(sidecar or {})
            _write_lines(part, [provenance_json(result, file_facts), "\n"])


@contextmanager
def whole_files(*targets: Path) -> Iterator[list[Path]]:
    """Temporary paths beside `targets`, which they replace together if the block ends well.

    Otherwise the targets stay as they were. A link stays a link: the file behind it is replaced.

    Raises: InputRefused if a target cannot be written, also for any OSError out of the block.
    """
    for target in targets:
        _check_place(target)
    places = [Path(os.path.realpath(target)) for target in targets]
    parts = [place.with_name(f".takeoff-{secrets.token_hex(6)}.part") for place in places]
    try:
        yield parts
        for part, place in zip(parts, places, strict=True):
            _settle(part, place)
        for part, place in zip(parts, places, strict=True):
            os.replace(part, place)
    except OSError as error:
        raise _refusal(targets[0], error) from error
    finally:
        for part in parts:
            _discard(part)


def provenance_json(result: Result, file_facts: Mapping[str, str] | None = None) -> str:
    """Where `result` comes from and what its columns mean, as one JSON object.

    `file_facts`: of the data file that it stands beside, if it does.
    """
    about = result.provenance
    members: dict[str, object] = dict(file_facts or {})
    members |= {
        "title": about.title,
        "question": about.question,
        "report": about.report,
        "params": dict(about.params),
        "basis": about.basis,
        "notes": list(about.notes),
        "rows": result.table.num_rows,
        "tool_version": about.tool_version,
        "ran_at": about.ran_at.isoformat(),
    }
    lines = [f"  {json_text(name)}: {as_json(value)}" for name, value in members.items()]
    lines.append(_json_list("columns", [asdict(column) for column in result.columns]))
    lines.append(_json_list("snapshots", snapshot_facts(result)))
    return "{\n" + ",\n".join(lines) + "\n}"


def snapshot_facts(result: Result) -> list[dict[str, str | None]]:
    """One flat record for each snapshot behind `result`, for people and machines."""
    return [
        {
            "snapshot_id": snapshot.snapshot_id,
            "vendor": snapshot.ref.vendor,
            "project_id": snapshot.ref.project_id,
            "project_name": snapshot.ref.project_name,
            "model_id": snapshot.ref.model_id,
            "model_name": snapshot.ref.model_name,
            "source_version_kind": snapshot.source_version.kind,
            "source_version": snapshot.source_version.value,
            "source_version_label": snapshot.source_version.label,
            "proof": snapshot.proof.kind,
            "proof_detail": snapshot.proof.detail,
            "taken_at": snapshot.taken_at.isoformat(),
            "tool_version": snapshot.tool_version,
        }
        for snapshot in result.provenance.snapshots
    ]


def figure_units(result: Result, table: pa.Table) -> Iterator[list[str | None]]:
    """For each column the unit of each row of `table` (a slice of the result), null if not known.

    It is the column's own, else, for decimals of a report, that of the row's column `unit`.
    """
    names = [column.name for column in result.columns]
    of_rows: list[str | None] = [None] * table.num_rows
    if "unit" in names and result.provenance.report is not None:
        of_rows = table.column(names.index("unit")).to_pylist()
    for column, type_ in zip(result.columns, table.schema.types, strict=True):
        long_form = column.unit is None and is_number(type_) and not is_whole(type_)
        yield of_rows if long_form else [column.unit] * table.num_rows


def _usual_form(target: Path | None, terminal: bool) -> str:
    if target is None:
        return "table" if terminal else "csv"
    if not target.suffix:
        raise InputRefused(
            f"{target} has no suffix that says which form to write; the forms are {_listed()}."
        )
    return target.suffix[1:].lower()


def _listed() -> str:
    return ", ".join(forms())


def _check_place(target: Path) -> None:
    """What would fail later, said before anything is written."""
    try:
        if "\0" in target.name:
            problem = "its name holds a character that no file name can hold"
        elif not target.parent.is_dir():
            problem = f"{target.parent} is not a folder; make it, or name another"
        elif target.exists() and not target.is_file():
            problem = "there is something there that is not a plain file; name another"
        else:
            return
    except OSError as error:
        raise _refusal(target, error) from error
    raise InputRefused(f"{target} cannot be written: {problem}.")


def _refusal(target: Path, error: OSError) -> InputRefused:
    reason = str(error) if error.errno is None else os.strerror(error.errno).lower()
    return InputRefused(
        f"{target} cannot be written: {reason}; what was there before is unchanged."
    )


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    """In UTF-8; what is no valid text (a file name's stray bytes) as a backslash escape."""
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        stream.writelines(lines)


def _settle(part: Path, place: Path) -> None:
    """The finished part is on the disk, and may be read by whom the old file could be read."""
    if place.exists():
        shutil.copymode(place, part)
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _discard(path: Path) -> None:
    """A part that was never made, or whose folder is gone, needs no removal."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _json_list(name: str, records: list[dict[str, str | None]]) -> str:
    """A member whose records stand one a line, for people who read the file."""
    rows = ",\n".join(f"    {as_json(record)}" for record in records)
    return f"  {json_text(name)}: [\n{rows}\n  ]" if rows else f"  {json_text(name)}: []"
