"""Commands that bring models into a lake, and list what there is."""

from __future__ import annotations

from pathlib import Path

from takeoff.cli.arguments import options


def add(commands: options.Commands) -> None:
    """demo, fetch, models, vendors, login, logout, whoami and snapshots."""
    options.command(
        commands,
        "demo",
        "read the sample building and show what a takeoff looks like",
        "takeoff demo",
        _demo,
    )
    options.command(
        commands,
        "fetch",
        "read models into a lake, each completely or not at all",
        "takeoff fetch ifc house.ifc --lake lake",
        _fetch,
    )
    options.command(
        commands,
        "models",
        "list the models that a login may see",
        "takeoff models qonic",
        _models,
    )
    options.command(
        commands,
        "vendors",
        "list the vendors that there are",
        "takeoff vendors --calls",
        _vendors,
    )
    options.command(
        commands,
        "login",
        "log in with a vendor in the browser, and keep the login",
        "takeoff login qonic",
        _login,
    )
    options.command(
        commands, "logout", "forget the login that is kept", "takeoff logout qonic", _logged_in
    )
    options.command(commands, "whoami", "list the logins that there are", "takeoff whoami", _whoami)
    options.command(
        commands,
        "snapshots",
        "list what a lake holds",
        "takeoff snapshots --lake lake",
        _snapshots,
    )


def _demo(command: options.Parser) -> None:
    command.add_argument("--out", type=Path, default=Path("takeoff-demo"), help="folder to write")
    command.add_argument("--sample", type=Path, help="another building made by the sample's script")


def _fetch(fetch: options.Parser) -> None:
    fetch.add_argument("--all", action="store_true", help="all [[models]] of takeoff.toml")
    fetch.add_argument("--shard", metavar="I/N", help="with --all: only the Ith part of N")
    options.lake(fetch)
    options.log(fetch)
    options.output(fetch)
    vendors = fetch.add_subparsers(dest="vendor", metavar="VENDOR")
    options.command(
        vendors,
        "ifc",
        "read IFC files (.ifc, .ifczip, .ifc.gz), one model a file",
        "takeoff fetch ifc structure.ifc services.ifc --lake lake --project harbour",
        _fetch_ifc,
    )
    for name in options.services():
        options.command(
            vendors,
            name,
            f"fetch models from {name}, each proved complete or not committed",
            f"TAKEOFF_{name.upper()}_TOKEN=... takeoff fetch {name} --lake lake --project 2409",
            _fetch_service,
        )


def _fetch_ifc(ifc: options.Parser) -> None:
    ifc.add_argument("files", nargs="+", type=Path, metavar="FILE")
    options.lake(ifc, **options.OR_BEFORE)
    ifc.add_argument("--project", default="default", help="project these models belong to")
    ifc.add_argument("--model", help="model name, instead of the file's (one file only)")
    _reading(ifc)
    ifc.add_argument(
        "--no-copy", action="store_true", help="cite the file where it lies; do not keep a copy"
    )
    options.log(ifc, **options.OR_BEFORE)
    options.output(ifc, **options.OR_BEFORE)


def _fetch_service(command: options.Parser) -> None:
    options.lake(command, **options.OR_BEFORE)
    command.add_argument("--project", help="id of the project; without it, of all projects")
    command.add_argument(
        "--model", action="append", default=[], help="model id or name; repeatable; without it, all"
    )
    command.add_argument(
        "--ifc", action="store_true", help="fetch the IFC file that the vendor exports, and read it"
    )
    _reading(command)
    command.add_argument(
        "--allow-unproved", action="store_true", help="commit although nothing proves completeness"
    )
    command.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="the vendor's own"
    )
    options.log(command, **options.OR_BEFORE)
    options.output(command, **options.OR_BEFORE)


def _reading(command: options.Parser) -> None:
    command.add_argument(
        "--no-geometry", action="store_true", help="authored figures of IFC only: faster"
    )
    command.add_argument("--force", action="store_true", help="read again even if nothing changed")


def _models(models: options.Parser) -> None:
    vendors = models.add_subparsers(dest="vendor", required=True, metavar="VENDOR")
    for name in options.services():
        options.command(
            vendors,
            name,
            f"list the models of {name}",
            f"TAKEOFF_{name.upper()}_TOKEN=... takeoff models {name}",
            _models_of,
        )


def _models_of(command: options.Parser) -> None:
    command.add_argument("--project", help="id of the project; without it, of all projects")
    command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
    options.output(command)


def _vendors(command: options.Parser) -> None:
    command.add_argument(
        "--calls", action="store_true", help="every call of their interfaces that takeoff makes"
    )
    command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
    options.output(command)


def _login(command: options.Parser) -> None:
    command.add_argument(
        "--paste",
        action="store_true",
        help="on a machine without a browser: print the page's address, and ask for the address "
        "that the browser was sent back to",
    )
    command.add_argument(
        "--write",
        action="store_true",
        help="ask for the rights to change things as well, as writeback needs them",
    )
    _logged_in(command)


def _logged_in(command: options.Parser) -> None:
    command.add_argument("vendor", choices=options.services(), metavar="VENDOR")
    command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")


def _whoami(command: options.Parser) -> None:
    command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
    options.output(command)


def _snapshots(command: options.Parser) -> None:
    options.lake(command)
    options.output(command)
