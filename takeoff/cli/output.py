"""What a command says: tables in the form that is wanted, plain text, and to where."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable

from takeoff.cli.bars import Bars
from takeoff.core.results import Result
from takeoff.render import Form, for_target, whole_files


def show(arguments: Namespace, answer: Callable[[], Result]) -> int:
    form = form_of(arguments)
    write(form, answer(), arguments)
    return 0


def write_text(arguments: Namespace, text: Callable[[], str]) -> int:
    """Plain text that is no table: to stdout, or to a file of any suffix."""
    if arguments.output is None:
        sys.stdout.write(text())
        return 0
    with whole_files(arguments.output) as (part,):
        part.write_text(text(), "utf-8", newline="\n")
    sys.stderr.write(f"wrote {arguments.output}\n")
    return 0


def form_of(arguments: Namespace) -> Form:
    """Settled before the work begins, so that what cannot be written is refused at once."""
    return for_target(
        arguments.output,
        arguments.format,
        sys.stdout.isatty(),
        with_evidence=bool(
            getattr(arguments, "explain", False) or getattr(arguments, "beside", None)
        ),
    )


def write(form: Form, result: Result, arguments: Namespace) -> None:
    raw = getattr(arguments, "raw", False)
    if arguments.output is None:
        form.write(result, sys.stdout, raw=raw)
        return
    with Bars() as bars:
        form.write(result, arguments.output, raw=raw, progress=bars)
    sys.stderr.write(f"wrote {arguments.output}\n")


def print_now(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
