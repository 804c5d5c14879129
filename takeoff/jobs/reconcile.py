"""Reconcile: whether several sources of one building agree, and what only one of them has."""

from __future__ import annotations

from collections.abc import Sequence

from takeoff.config import Settings
from takeoff.core.results import Result
from takeoff.jobs.changes import Comparison, compare


def reconcile(settings: Settings, sources: Sequence[str], asked: Comparison) -> Result:
    """The first source, by selector, beside each other one: report `reconcile`, or `disagreements`.

    Raises: InputRefused for fewer than two sources, one that the lake does not hold, or a wrong
    parameter.
    """
    return compare(settings, "disagreements" if asked.elements else "reconcile", sources, asked)
