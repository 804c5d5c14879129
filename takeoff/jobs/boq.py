"""Bill of quantities: items, quantities by rule, what they cover, rates and amounts."""

from __future__ import annotations

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.jobs.report import Question, report
from takeoff.reports import bill

LAYOUTS = ("machine", "client")
NAME = "boq"


def boq(settings: Settings, question: Question, layout: str = "machine") -> Result:
    """The report boq with its parameters: rules, system, codes, mapping, rates, region.

    `machine` has every column, `client` those that a client reads, with groups and totals.
    Raises: InputRefused for a rule, code table, rate or unit that cannot be used, by name.
    """
    if layout not in LAYOUTS:
        raise InputRefused(f"There is no layout '{layout}'; there are {', '.join(LAYOUTS)}.")
    result = report(settings, question)
    return bill.client_layout(result) if layout == "client" else result
