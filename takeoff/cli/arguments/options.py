"""Options that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from takeoff.cli.parser import LazyParser

_FORMATS = ("table", "csv", "json")
# An option below a command leaves what stands before it as it is, if it is not given itself.
OR_BEFORE: dict[str, Any] = {"default": argparse.SUPPRESS}
Parser: TypeAlias = LazyParser
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def command(
    commands: Commands, name: str, help_text: str, example: str, fill: Callable[[Parser], None]
) -> None:
    """Adds a command: what it does, an example, and what gives it its arguments."""
    commands.add_parser(
        name,
        help=help_text,
        description=help_text[0].upper() + help_text[1:] + ".",
        epilog=f"Example: {example}",
        fill=fill,
    )


def services() -> list[str]:
    """Names of the vendors that have a service to ask."""
    from takeoff.vendors import names

    return [name for name in names() if name != "ifc"]


def lake(command: Parser, default: Any = None) -> None:
    """Where the lake is, and with what it is asked; `default`: see OR_BEFORE."""
    for name, form in _LAKE.items():
        command.add_argument(name, default=default, **form)


def engine(command: Parser) -> None:
    """What works the answers out."""
    from takeoff.config import ENGINES

    command.add_argument("--engine", choices=ENGINES, help="duckdb, or spark for a cluster")
    command.add_argument(
        "--master", metavar="URL", help="where Spark runs; without it, local[*]: on this machine"
    )


def questions(command: Parser) -> None:
    """Which snapshots a report is about, and its parameters."""
    command.add_argument("--model", action="append", default=[], help="only this model; repeatable")
    command.add_argument(
        "--snapshot",
        action="append",
        default=[],
        metavar="S",
        help="snapshot_id or vendor:model[@label], instead of the current ones; repeatable",
    )
    command.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="report parameter"
    )


def log(command: Parser, default: Any = None) -> None:
    """Whether what is done is told line by line, for whoever reads it later."""
    command.add_argument(
        "--log",
        choices=("text", "json"),
        default=default,
        help="lines on stderr instead of bars: steps, waits and errors",
    )


def gate(command: Parser) -> None:
    """What becomes of figures that checks show to be wrong."""
    command.add_argument(
        "--gate",
        choices=("warn", "exclude", "fail"),
        help="figures that checks show to be wrong: say so, leave them out, or exit 8",
    )


def with_evidence(command: Parser) -> None:
    """Whether a workbook or page brings what stands behind its lines."""
    command.add_argument(
        "--explain",
        action="store_true",
        help="with -o FILE.xlsx or .html: what each element gave to each line, and from where",
    )


def beside(command: Parser) -> None:
    """What else a workbook or page brings about the same models."""
    command.add_argument(
        "--beside",
        metavar="audit,changes",
        help="with -o FILE.xlsx or .html: what checks find, what changed since the last revision",
    )


def rule_set(command: Parser) -> None:
    """By which rules elements are measured and get their items."""
    command.add_argument(
        "--rules-set",
        metavar="none|vobc|nrm2|FILE.csv",
        help="measurement rules; none if not given",
    )
    command.add_argument("--system", help="classification whose codes are items, as models name it")
    command.add_argument("--codes", type=Path, metavar="FILE.csv", help="its codes and titles")
    command.add_argument(
        "--mapping", type=Path, metavar="FILE.csv", help="rules that give elements its codes"
    )


def rates(command: Parser) -> None:
    """What is paid for an item."""
    command.add_argument(
        "--rates", type=Path, metavar="FILE.csv", help="item, rate, unit, currency"
    )
    command.add_argument("--region", help="of the rates, if the file has several")


def factors(command: Parser, *, required: bool = False) -> None:
    """What carbon stands for a material or item."""
    command.add_argument(
        "--factors", type=Path, required=required, metavar="FILE.csv", help="see carbon_demo.csv"
    )


def output(command: Parser, default: Any = None) -> None:
    """Form and file of the answer; `default`: see OR_BEFORE."""
    command.add_argument(
        "--format", choices=_FORMATS, default=default, help="table on a terminal, csv in a pipe"
    )
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        default=default,
        help=".csv, .json, .parquet, .xlsx, .html, .table",
    )


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


_LAKE: dict[str, dict[str, Any]] = {
    "--lake": {"help": "the lake's folder or URL (or TAKEOFF_LAKE)"},
    "--config": {"help": "takeoff.toml to use (or TAKEOFF_CONFIG)"},
    "--queries": {"type": Path, "help": "folder with queries of your own"},
    "--rules": {"type": Path, "help": "folder with rules of your own"},
    "--threads": {"type": _at_least_one, "help": "threads for queries"},
    "--memory-limit": {"metavar": "SIZE", "help": "memory for queries, such as 2GB"},
}
