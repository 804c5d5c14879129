"""The command line's grammar. Light on purpose: --help must not load what does the work."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from takeoff.cli import completion
from takeoff.cli.arguments import first_steps, reports, sources, upkeep, writeback
from takeoff.cli.parser import LazyParser
from takeoff.core.version import __version__


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line's arguments; ends the process with 2 and a word on the usage if wrong."""
    root = parser()
    completion.complete(root)
    arguments = root.parse_args(argv)
    if arguments.command == "fetch":
        if (arguments.vendor is None) is not arguments.all:
            root.error("fetch: name a VENDOR, or --all for the [[models]] of takeoff.toml")
        if arguments.shard is not None and not arguments.all:
            root.error("fetch: --shard goes with --all")
    if arguments.command == "sql":
        if (arguments.query is None) is not arguments.init:
            root.error("sql: give a QUERY, or --init for a script of the views")
        if arguments.relative and not arguments.init:
            root.error("sql: --relative goes with --init")
        if arguments.format is not None and arguments.init:
            root.error("sql: --format goes with a QUERY; --init writes SQL")
    return arguments


def parser() -> LazyParser:
    """All commands; the chosen one is `command` (and `vendor` below fetch)."""
    root = LazyParser(
        prog="takeoff",
        description="Quantity takeoff from BIM models: complete, traceable, in Parquet and SQL.",
        epilog="Start with: takeoff demo. Then: takeoff fetch ifc YOUR.ifc --lake lake; "
        "takeoff report by_class --lake lake",
    )
    root.add_argument("--version", action="version", version=f"takeoff {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in (sources, first_steps, reports, writeback, upkeep):
        group.add(commands)
    return root
