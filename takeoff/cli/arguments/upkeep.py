"""Commands that check and rebuild a lake, run job files, and serve a lake."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

from takeoff.cli.arguments import options

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}


def add(commands: options.Commands) -> None:
    """verify, rebuild, compact, expire, run and sandbox."""
    options.command(
        commands,
        "verify",
        "check every file of a lake against its manifests",
        "takeoff verify --lake lake",
        _verify,
    )
    options.command(
        commands,
        "rebuild",
        "decode the evidence again and compare, restoring files that are missing or damaged",
        "takeoff rebuild --lake lake",
        _rebuild,
    )
    options.command(
        commands,
        "compact",
        "merge small files of many snapshots, so that reports over them are quick",
        "takeoff compact --lake lake",
        _compact,
    )
    options.command(
        commands,
        "expire",
        "remove files whose rows were merged into others, once no open reader can want them",
        "takeoff expire --older-than 7d --lake lake",
        _expire,
    )
    options.command(
        commands,
        "run",
        "run a job file: fetch, reports, outputs",
        "takeoff run job.toml",
        _run,
    )
    options.command(
        commands,
        "sandbox",
        "serve a lake on this machine as the vendors' services would",
        "takeoff sandbox --lake lake --switch page_limit=1000",
        _sandbox,
    )


def _verify(command: options.Parser) -> None:
    options.lake(command)
    options.output(command)


def _rebuild(command: options.Parser) -> None:
    options.lake(command)
    command.add_argument("--snapshot", action="append", default=[], help="only this; repeatable")
    command.add_argument(
        "--as-new",
        action="store_true",
        help="commit what today's readers make of current snapshots as new ones; the old ones stay",
    )
    options.output(command)


def _compact(command: options.Parser) -> None:
    options.lake(command)
    options.output(command)


def _expire(command: options.Parser) -> None:
    options.lake(command)
    command.add_argument(
        "--older-than",
        type=_age,
        default="7d",
        metavar="AGE",
        help="merged at least so long ago, such as 7d or 12h; 7d if not given",
    )
    command.add_argument("--dry-run", action="store_true", help="say what would be removed")
    options.output(command)


def _age(text: str) -> timedelta:
    number, unit = text[:-1], text[-1:]
    if not (number.isascii() and number.isdecimal()) or len(number) > 5 or unit not in _UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; give one such as 7d or 12h")
    return int(number) * _UNITS[unit]


def _run(command: options.Parser) -> None:
    command.add_argument("job", type=Path, metavar="JOB.toml")
    options.log(command)


def _sandbox(command: options.Parser) -> None:
    options.lake(command)
    command.add_argument("--port", type=int, default=0, help="port of the service; 0: any free one")
    command.add_argument("--storage-port", type=int, default=0, help="port of its storage")
    command.add_argument(
        "--switch", action="append", default=[], metavar="NAME=VALUE", help="a fault or a choice"
    )
    command.add_argument("--seconds", type=float, help="end after so long; else when interrupted")
