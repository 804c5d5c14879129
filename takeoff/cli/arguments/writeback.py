"""The command that puts values onto the products of a model."""

from __future__ import annotations

from pathlib import Path

from takeoff.cli.arguments import options


def add(commands: options.Commands) -> None:
    """writeback, below it the vendors that can be written to."""
    options.command(
        commands,
        "writeback",
        "put codes or figures onto the products of a model, as properties",
        "takeoff writeback qonic --lake lake --model 6234 --report takeoff --column value "
        "--quantity NetVolume --set Takeoff --property NetVolume_m3",
        _writeback,
    )


def _writeback(writeback: options.Parser) -> None:
    vendors = writeback.add_subparsers(dest="vendor", required=True, metavar="VENDOR")
    options.command(
        vendors,
        "qonic",
        "show what would be written to a model at Qonic; with --apply, write all of it or nothing",
        "takeoff writeback qonic --lake lake --model 6234 --from codes.csv --set Cost "
        "--property CostCode --apply",
        _writeback_qonic,
    )


def _writeback_qonic(command: options.Parser) -> None:
    options.lake(command)
    command.add_argument("--project", help="id or name, if the model's name is not enough")
    command.add_argument("--model", required=True, help="id or name, as the lake has it")
    _source(command)
    command.add_argument("--set", dest="set_name", metavar="NAME", help="the property set")
    command.add_argument("--property", dest="property_name", metavar="NAME", help="the property")
    command.add_argument(
        "--type",
        dest="value_type",
        choices=("text", "number", "flag"),
        help="what the values are, if the project does not define the property",
    )
    command.add_argument(
        "--clear", action="store_true", help="clear values where the source has none"
    )
    command.add_argument(
        "--apply",
        action="store_true",
        help="write; if anything fails, all your unpublished changes are discarded",
    )
    command.add_argument(
        "--discard-earlier",
        action="store_true",
        help="first discard your unpublished changes, if a write-back was killed",
    )
    command.add_argument(
        "--publish", action="store_true", help="publish all your changes in the project; asks first"
    )
    command.add_argument("--title", help="title of what is published")
    command.add_argument("--yes", action="store_true", help="do not ask")
    options.output(command)


def _source(command: options.Parser) -> None:
    source = command.add_mutually_exclusive_group()
    source.add_argument("--report", metavar="NAME", help="the report whose column is written")
    source.add_argument(
        "--from",
        dest="file",
        type=Path,
        metavar="FILE.csv",
        help="columns element (or guid), value and, if wanted, property and set",
    )
    command.add_argument("--column", help="the report's column; value: each element's own figure")
    command.add_argument("--quantity", help="whose figures, such as NetVolume")
    command.add_argument("--by", help="groupings of the report, by commas")
    command.add_argument(
        "--where", action="append", default=[], metavar="COL=VALUE", help="only these lines"
    )
    command.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="report parameter"
    )
