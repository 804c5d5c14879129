"""What may stand beside a report: what the audit finds in its models, and what changed in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.refs import Snapshot
from takeoff.core.results import Result
from takeoff.jobs.audit import AuditQuestion, audit
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots

WHAT = ("audit", "changes")


def check_beside(names: Sequence[str]) -> None:
    """Raises: InputRefused for what cannot stand beside a report."""
    for name in names:
        if name not in WHAT:
            raise InputRefused(f"'{name}' cannot stand beside a report; it is {' or '.join(WHAT)}.")


def audited(settings: Settings, snapshots: Sequence[Snapshot]) -> Iterator[Result]:
    """How far the figures of these snapshots can be believed, and every finding."""
    found = audit(settings, AuditQuestion(snapshots=[s.snapshot_id for s in snapshots]))
    yield _titled(found.verdicts, "Audit: what can be believed")
    yield _titled(found.findings, "Audit: findings")


def revisions(settings: Settings, snapshots: Sequence[Snapshot]) -> list[tuple[Snapshot, Snapshot]]:
    """Each of these snapshots that is not its model's first, after the one before it."""
    wanted = {snapshot.snapshot_id for snapshot in snapshots}
    known = read_snapshots(open_layout(settings.lake_path()))
    return [
        (old, new)
        for old, new in zip(known, known[1:], strict=False)
        if new.snapshot_id in wanted and _model(old) == _model(new)
    ]


def titled_changes(result: Result, old: Snapshot, new: Snapshot) -> Result:
    """The changes of one model under a title that says whose they are."""
    ref = new.ref
    name = f"{ref.vendor}:{ref.model_name or ref.model_id}"
    return _titled(result, f"Changes of {name}, revision {old.sequence} to {new.sequence}")


def _titled(result: Result, title: str) -> Result:
    return replace(result, provenance=replace(result.provenance, title=title))


def _model(snapshot: Snapshot) -> tuple[str, str, str]:
    return snapshot.ref.vendor, snapshot.ref.project_id, snapshot.ref.model_id
