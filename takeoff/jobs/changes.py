"""Changes: what was added, removed, changed and moved between two snapshots, whoever made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from takeoff.config import Settings
from takeoff.core.results import Result
from takeoff.jobs.report import Question, report


@dataclass(frozen=True)
class Comparison:
    """What is asked of a comparison. `by` and `quantities` empty: the report's own choice.

    With `elements` the answer lists elements one by one; else it sums them up, and shows cost and
    carbon too if `params` name rates or factors. `with_evidence`: see Question.
    """

    by: Sequence[str] = ()
    quantities: Sequence[str] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    elements: bool = False
    with_evidence: bool = False


def changes(settings: Settings, old: str, new: str, asked: Comparison) -> Result:
    """The report `changes` of two snapshots by selector, or `changed_elements`.

    Raises: InputRefused for a snapshot that the lake does not hold, or a wrong parameter.
    """
    return compare(settings, "changed_elements" if asked.elements else "changes", [old, new], asked)


def compare(settings: Settings, name: str, snapshots: Sequence[str], asked: Comparison) -> Result:
    """The report `name`, which compares the first of the snapshots with each of the others."""
    question = Question(
        name,
        by=asked.by,
        quantities=asked.quantities,
        snapshots=snapshots,
        params=asked.params,
        with_evidence=asked.with_evidence,
    )
    return report(settings, question)
