"""Verify: is every file of a lake what its manifests say?"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.progress import Progress
from takeoff.core.results import Result, listing
from takeoff.lake.layout import open_layout
from takeoff.lake.verify import Report
from takeoff.lake.verify import verify as check

_MEANINGS = {
    "severity": "damage (something committed is not as it was) or note (a leftover, harmless)",
    "file": "the file concerned",
    "what": "what is wrong with it",
    "what_to_do": "what to do about it",
}


class Verified(NamedTuple):
    """What was found as rows for people, and whether all that is committed is as it was."""

    result: Result
    is_sound: bool


def verify(settings: Settings, progress: Progress) -> Verified:
    """Read the whole lake and compare it with its manifests; nothing is changed.

    Raises: LakeUnusable if there is no lake or its folders cannot be read.
    """
    report = check(open_layout(settings.lake_path()), progress)
    rows = [
        {
            "severity": finding.severity,
            "file": str(finding.file),
            "what": finding.what,
            "what_to_do": finding.what_to_do,
        }
        for finding in report.findings
    ]
    schema = pa.schema([(name, pa.string()) for name in _MEANINGS])
    table = pa.Table.from_pylist(rows, schema)
    return Verified(listing("Lake check", table, _MEANINGS, (_verdict(report),)), report.is_sound)


def _verdict(report: Report) -> str:
    scope = (
        f"{report.snapshots} snapshots, {report.files} Parquet files, {report.evidence} pieces of "
        f"evidence, {report.bytes:,} bytes read"
    )
    return f"{scope}: {'all as committed' if report.is_sound else 'damage found'}."
