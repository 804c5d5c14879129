"""What the options of a command ask of a report."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from takeoff.cli.pairs import listed, pairs

if TYPE_CHECKING:
    from takeoff.jobs.changes import Comparison
    from takeoff.jobs.report import Question

# Options beside --rules-set that say how elements are measured, priced and rated.
MEASURING = ("system", "codes", "mapping", "rates", "region", "factors")


def question(arguments: Namespace, name: str) -> Question:
    """The report `name`, asked with the options that the command has of those of report."""
    from takeoff.jobs.report import Question

    return Question(
        name,
        by=listed(arguments.by),
        quantities=listed(getattr(arguments, "quantity", None)),
        models=arguments.model,
        snapshots=arguments.snapshot,
        params=pairs(arguments.param, "--param"),
        gate=getattr(arguments, "gate", None),
        with_evidence=getattr(arguments, "explain", False),
        beside=listed(getattr(arguments, "beside", None)),
    )


def measured(arguments: Namespace, name: str) -> Question:
    """A report whose rules and files are named by options of their own."""
    asked = question(arguments, name)
    return replace(asked, params={**asked.params, **measuring(arguments)})


def measuring(arguments: Namespace) -> dict[str, str]:
    """Rules, rates and factors by the names of parameters; only those that are given."""
    options = {
        "rules": arguments.rules_set,
        **{key: getattr(arguments, key, None) for key in MEASURING},
    }
    return {key: str(value) for key, value in options.items() if value is not None}


def comparison(arguments: Namespace) -> Comparison:
    """What is asked of snapshots side by side."""
    from takeoff.jobs.changes import Comparison

    return Comparison(
        by=listed(arguments.by),
        quantities=listed(arguments.quantity),
        params=pairs(arguments.param, "--param"),
        elements=arguments.elements,
        with_evidence=arguments.explain,
    )
