"""Arguments in, a job called, an exit code out.

Data goes to stdout, words and progress bars to stderr. Exit codes: 0 done and complete, 2 usage,
3 input refused, 4 refused by the vendor, 5 try later, 6 answer incomplete or not understood,
7 lake damaged or not writable, 8 gate failed, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper

from takeoff.cli.arguments import parse
from takeoff.core.errors import InputRefused, TakeoffError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; argparse itself exits with 2 on misuse."""
    arguments = parse(argv)
    from takeoff.cli import commands

    try:
        with _standard_output():
            return commands.run(arguments)
    except TakeoffError as error:
        commands.tell(error, getattr(arguments, "log", None))
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("takeoff: interrupted; nothing half-done was kept\n")
        return 130


@contextmanager
def _standard_output() -> Iterator[None]:
    """Data as UTF-8 on every system; silence once its reader has gone (`| head`).

    Raises: InputRefused if what stdout leads to cannot take more, such as a file on a full disk.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        raise InputRefused(
            f"The output cannot be written: {error.strerror}; write it somewhere else."
        ) from error


def _silence() -> None:
    """So that the interpreter, at its end, does not stumble over what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
