"""Names for the shell to complete, by argcomplete; what is asked while somebody types is light."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from takeoff.cli.parser import LazyParser


def complete(root: LazyParser) -> None:
    """Answer the shell and end the process, if it is the shell that asks; else do nothing.

    Without argcomplete, which the extra `completion` brings, there is no answer.
    """
    if "_ARGCOMPLETE" not in os.environ:
        return
    try:
        import argcomplete
    except ModuleNotFoundError:
        return
    list(root.below())  # argcomplete looks at what a parser has before it parses
    argcomplete.autocomplete(root)


def reports(action: argparse.Action) -> None:
    """The values of this argument are names of reports."""
    # argparse knows nothing of this attribute; argcomplete looks for it.
    action.completer = _report_names  # type: ignore[attr-defined]


def _report_names(**_: object) -> Sequence[str]:
    from takeoff.config import read_settings
    from takeoff.core.errors import InputRefused

    try:
        folders = read_settings({}, os.environ).query_folders()
    except InputRefused:
        return []
    return sorted({path.stem for folder in folders for path in (folder / "reports").glob("*.sql")})
