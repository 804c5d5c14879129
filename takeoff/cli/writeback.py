"""`takeoff writeback`: shows what would be written, then writes and publishes as far as asked."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from takeoff.cli.bars import Bars
from takeoff.cli.pairs import listed, pairs
from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.plain import harmless
from takeoff.core.results import Result
from takeoff.render import Form

if TYPE_CHECKING:
    from takeoff.jobs.writeback_plan import Plan, Target
    from takeoff.jobs.writeback_values import Source

Write = Callable[[Form, Result, Namespace], None]


def writeback(settings: Settings, arguments: Namespace, form: Form, write: Write) -> int:
    """Carry out the command and return its exit code. Raises: TakeoffError."""
    from takeoff.jobs import writeback as job
    from takeoff.jobs.writeback_plan import Target, plan

    source = _source(arguments)
    _refuse(arguments, source)
    target = Target(
        arguments.model,
        arguments.project,
        arguments.set_name,
        arguments.property_name,
        arguments.value_type,
        clear=arguments.clear,
    )
    if arguments.discard_earlier and job.discard_left(settings, target):
        _say("what a killed write-back had left was discarded and its session ended")
    if source is not None:
        with Bars() as bars:
            planned = plan(settings, target, source, bars)
        write(form, planned.result, arguments)
        _tell(planned)
        if arguments.apply:
            with Bars() as bars:
                count = job.apply(settings, planned, bars)
            _say(f"wrote {count} values; they are yours alone until they are published")
        else:
            _say("nothing was written; add --apply to write")
    if arguments.publish:
        _publish(settings, target, arguments)
    return 0


def _publish(settings: Settings, target: Target, arguments: Namespace) -> None:
    from takeoff.jobs import writeback as job

    if not arguments.yes and not _is_confirmed():
        _say("nothing was published")
        return
    job.publish(settings, target, arguments.title or _title(arguments))
    _say("published")


def _title(arguments: Namespace) -> str:
    return f"Takeoff: {arguments.property_name or 'properties'}"


def _is_confirmed() -> bool:
    sys.stderr.write("Publish all your changes in all models of this project? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _source(arguments: Namespace) -> Source | None:
    from takeoff.jobs.report import Question
    from takeoff.jobs.writeback_values import FromFile, FromReport

    if arguments.file is not None:
        return FromFile(arguments.file)
    if arguments.report is None:
        return None
    if arguments.column is None:
        raise InputRefused("Say which column of the report is written, with --column.")
    question = Question(
        arguments.report,
        by=listed(arguments.by),
        quantities=listed(arguments.quantity),
        params=pairs(arguments.param, "--param"),
    )
    return FromReport(question, arguments.column, pairs(arguments.where, "--where"))


def _refuse(arguments: Namespace, source: Source | None) -> None:
    """Before anything is done, so that nothing is done by halves."""
    if source is None and (arguments.apply or not (arguments.publish or arguments.discard_earlier)):
        raise InputRefused("Say what is written: a column of a --report, or a file with --from.")
    if source is not None and arguments.publish and not arguments.apply:
        raise InputRefused("--publish goes with --apply, or alone, without values.")
    if arguments.publish and not arguments.yes and not sys.stdin.isatty():
        raise InputRefused("--publish asks, and nobody is here to answer; add --yes.")


def _tell(planned: Plan) -> None:
    counts = ", ".join(f"{count} {state}" for state, count in sorted(planned.counts.items()))
    _say(f"{len(planned.changes)} values: {counts or 'none'}")
    for note in planned.notes:
        _say(note)


def _say(words: str) -> None:
    sys.stderr.write(f"takeoff: {harmless(words)}\n")
