"""The command that walks figures back: an element's, or those behind the lines of a report."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING

from takeoff.cli import questions, words
from takeoff.cli.output import form_of, write, write_text
from takeoff.cli.pairs import pairs
from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.render import for_target

if TYPE_CHECKING:
    from takeoff.jobs.report import Question

_OF_LINES = ("where", "guids", "param", "by", "gate", "rules_set", *questions.MEASURING)


def explain(settings: Settings, arguments: Namespace) -> int:
    if arguments.report is not None:
        if arguments.element is not None:
            raise InputRefused("Explain either an ELEMENT or a line of a --report, not both.")
        if arguments.basis is not None:
            raise InputRefused("--basis is of an ELEMENT; ask a report with --param basis=NAME.")
        return _explain_line(settings, arguments)
    if any(getattr(arguments, name) for name in _OF_LINES):
        raise InputRefused(
            "--where, --guids, --param, --by, --gate, rules, rates and factors are about lines; "
            "name their --report."
        )
    if arguments.element is None or arguments.quantity is None:
        raise InputRefused(
            "Say which ELEMENT and QUANTITY to explain, or a line with --report and --where."
        )
    from takeoff.jobs import explain as job

    form = form_of(arguments)
    explanation = job.explain(
        settings,
        arguments.element,
        arguments.quantity,
        snapshots=arguments.snapshot,
        models=arguments.model,
        basis=arguments.basis,
    )
    if arguments.output is None and form is for_target(None, "table", terminal=True):
        sys.stdout.write(words.explanation(explanation) + "\n")
    else:
        write(form, explanation.figures, arguments)
    return 0


def _explain_line(settings: Settings, arguments: Namespace) -> int:
    from takeoff.jobs.report import explain_lines

    question = questions.measured(arguments, arguments.report)
    where = pairs(arguments.where, "--where")
    if arguments.guids:
        return _guids(settings, arguments, question, where)
    form = form_of(arguments)
    explained = explain_lines(settings, question, where)
    if arguments.output is None and form is for_target(None, "table", terminal=True):
        sys.stdout.write(words.explained_lines(explained) + "\n")
    else:
        write(form, explained.evidence, arguments)
    return 0


def _guids(
    settings: Settings, arguments: Namespace, question: Question, where: Mapping[str, str]
) -> int:
    from takeoff.jobs.report import guids_of_lines

    if arguments.format is not None:
        raise InputRefused("--guids writes one GUID a line and nothing else; drop --format.")
    found = guids_of_lines(settings, question, where)
    write_text(arguments, lambda: "".join(f"{guid}\n" for guid in found.guids))
    if found.without:
        has = "has" if found.without == 1 else "have"
        sys.stderr.write(
            f"{found.without} of {found.elements} elements behind the lines {has} no IFC GUID\n"
        )
    return 0
