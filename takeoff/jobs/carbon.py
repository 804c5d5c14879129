"""Carbon: quantities times the factors that one brings, module by module."""

from __future__ import annotations

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.jobs.report import Question, report

REPORTS = {"material": "carbon", "item": "carbon_items"}


def carbon(settings: Settings, question: Question) -> Result:
    """The report carbon or carbon_items; its parameter `factors` is a CSV file.

    Raises: InputRefused without factors, and for a factor that cannot be used, by its line.
    """
    if not question.params.get("factors"):
        raise InputRefused(
            "Carbon needs factors, and none that may be passed on are shipped; name yours with "
            "--factors FILE.csv, as data/rules/carbon_demo.csv shows."
        )
    return report(settings, question)
