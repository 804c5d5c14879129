"""Commands to begin with: settings, an examination of what there is, notebooks."""

from __future__ import annotations

from pathlib import Path

from takeoff.cli.arguments import options


def add(commands: options.Commands) -> None:
    """init, doctor and lab."""
    options.command(
        commands,
        "init",
        "write a takeoff.toml with comments; asks on a terminal, unless an option is given",
        "takeoff init --lake lake --project harbour --files 'models/*.ifc' --vendor qonic",
        _init,
    )
    options.command(
        commands,
        "doctor",
        "examine versions, settings, lake, logins and services, and say what to do",
        "takeoff doctor --lake lake",
        _doctor,
    )
    options.command(
        commands,
        "lab",
        "open JupyterLab on a copy of the notebooks, with the sample read into a lake",
        "takeoff lab --no-browser -- --port 9000",
        _lab,
    )


def _init(command: options.Parser) -> None:
    command.add_argument("--lake", help="the lake's folder or URL; lake if not given")
    command.add_argument("--project", help="project of the IFC files; default if not given")
    command.add_argument(
        "--files",
        nargs="+",
        metavar="FILE",
        help="IFC files or patterns, relative to the file that is written; else those that are "
        "there",
    )
    command.add_argument(
        "--vendor",
        action="append",
        choices=options.services(),
        help="a service to fetch from; repeatable",
    )
    command.add_argument("--yes", action="store_true", help="ask nothing")
    command.add_argument("--config", metavar="FILE", help="file to write (or TAKEOFF_CONFIG)")


def _doctor(command: options.Parser) -> None:
    command.add_argument("--lake", help="the lake's folder or URL (or TAKEOFF_LAKE)")
    command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
    command.add_argument("--offline", action="store_true", help="ask no service")
    options.output(command)


def _lab(command: options.Parser) -> None:
    command.add_argument(
        "given", nargs="*", metavar="ARGUMENT", help="after --: what JupyterLab itself takes"
    )
    command.add_argument(
        "--out", type=Path, default=Path("takeoff-lab"), help="folder to work in; made if need be"
    )
    command.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening it"
    )
    command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
