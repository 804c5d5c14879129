"""The command line's grammar. Light on purpose: --help must not load what does the work."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from takeoff.core.version import __version__
from takeoff.vendors import names

_FORMATS = ("table", "csv", "json")
# An option below a command leaves what stands before it as it is, if it is not given itself.
_OR_BEFORE: dict[str, Any] = {"default": argparse.SUPPRESS}
_BASES = ("authored", "vendor_calculated", "computed", "derived")
_Parser: TypeAlias = argparse.ArgumentParser
_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line's arguments; ends the process with 2 and a word on the usage if wrong."""
    root = parser()
    arguments = root.parse_args(argv)
    if arguments.command == "fetch":
        if (arguments.vendor is None) is not arguments.all:
            root.error("fetch: name a VENDOR, or --all for the [[models]] of takeoff.toml")
        if arguments.shard is not None and not arguments.all:
            root.error("fetch: --shard goes with --all")
    return arguments


def parser() -> argparse.ArgumentParser:
    """All commands; the chosen one is `command` (and `vendor` below fetch)."""
    root = argparse.ArgumentParser(
        prog="takeoff",
        description="Quantity takeoff from BIM models: complete, traceable, in Parquet and SQL.",
        epilog="Start with: takeoff demo. Then: takeoff fetch ifc YOUR.ifc --lake lake; "
        "takeoff report by_class --lake lake",
    )
    root.add_argument("--version", action="version", version=f"takeoff {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _demo(commands)
    _fetch(commands)
    _models(commands)
    _vendors(commands)
    _logins(commands)
    _snapshots(commands)
    _report(commands)
    _audit(commands)
    _sql(commands)
    _changes(commands)
    _reconcile(commands)
    _boq(commands)
    _carbon(commands)
    _explain(commands)
    _writeback(commands)
    _verify(commands)
    _rebuild(commands)
    _run(commands)
    _sandbox(commands)
    return root


def _command(commands: _Commands, name: str, help_text: str, example: str) -> _Parser:
    return commands.add_parser(
        name,
        help=help_text,
        description=help_text[0].upper() + help_text[1:] + ".",
        epilog=f"Example: {example}",
    )


def _demo(commands: _Commands) -> None:
    command = _command(
        commands,
        "demo",
        "read the sample building and show what a takeoff looks like",
        "takeoff demo",
    )
    command.add_argument("--out", type=Path, default=Path("takeoff-demo"), help="folder to write")
    command.add_argument("--sample", type=Path, help="another building made by the sample's script")


def _fetch(commands: _Commands) -> None:
    fetch = _command(
        commands,
        "fetch",
        "read models into a lake, each completely or not at all",
        "takeoff fetch ifc house.ifc --lake lake",
    )
    fetch.add_argument("--all", action="store_true", help="all [[models]] of takeoff.toml")
    fetch.add_argument("--shard", metavar="I/N", help="with --all: only the Ith part of N")
    _lake(fetch)
    _output(fetch)
    vendors = fetch.add_subparsers(dest="vendor", metavar="VENDOR")
    ifc = _command(
        vendors,
        "ifc",
        "read IFC files (.ifc, .ifczip, .ifc.gz), one model a file",
        "takeoff fetch ifc structure.ifc services.ifc --lake lake --project harbour",
    )
    ifc.add_argument("files", nargs="+", type=Path, metavar="FILE")
    _lake(ifc, **_OR_BEFORE)
    ifc.add_argument("--project", default="default", help="project these models belong to")
    ifc.add_argument("--model", help="model name, instead of the file's (one file only)")
    _reading(ifc)
    ifc.add_argument(
        "--no-copy", action="store_true", help="cite the file where it lies; do not keep a copy"
    )
    _output(ifc, **_OR_BEFORE)
    for name in _services():
        _fetch_service(vendors, name)


def _fetch_service(vendors: _Commands, name: str) -> None:
    command = _command(
        vendors,
        name,
        f"fetch models from {name}, each proved complete or not committed",
        f"TAKEOFF_{name.upper()}_TOKEN=... takeoff fetch {name} --lake lake --project 2409",
    )
    _lake(command, **_OR_BEFORE)
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
    _output(command, **_OR_BEFORE)


def _reading(command: _Parser) -> None:
    command.add_argument(
        "--no-geometry", action="store_true", help="authored figures of IFC only: faster"
    )
    command.add_argument("--force", action="store_true", help="read again even if nothing changed")


def _services() -> list[str]:
    return [name for name in names() if name != "ifc"]


def _models(commands: _Commands) -> None:
    models = _command(
        commands, "models", "list the models that a login may see", "takeoff models qonic"
    )
    vendors = models.add_subparsers(dest="vendor", required=True, metavar="VENDOR")
    for name in _services():
        command = _command(
            vendors,
            name,
            f"list the models of {name}",
            f"TAKEOFF_{name.upper()}_TOKEN=... takeoff models {name}",
        )
        command.add_argument("--project", help="id of the project; without it, of all projects")
        command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
        _output(command)


def _vendors(commands: _Commands) -> None:
    command = _command(
        commands, "vendors", "list the vendors that there are", "takeoff vendors --calls"
    )
    command.add_argument(
        "--calls", action="store_true", help="every call of their interfaces that takeoff makes"
    )
    command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
    _output(command)


def _logins(commands: _Commands) -> None:
    login = _command(
        commands,
        "login",
        "log in with a vendor in the browser, and keep the login",
        "takeoff login qonic",
    )
    login.add_argument(
        "--paste",
        action="store_true",
        help="on a machine without a browser: print the page's address, and ask for the address "
        "that the browser was sent back to",
    )
    login.add_argument(
        "--write",
        action="store_true",
        help="ask for the rights to change things as well, as writeback needs them",
    )
    logout = _command(commands, "logout", "forget the login that is kept", "takeoff logout qonic")
    for command in (login, logout):
        command.add_argument("vendor", choices=_services(), metavar="VENDOR")
        command.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
    whoami = _command(commands, "whoami", "list the logins that there are", "takeoff whoami")
    whoami.add_argument("--config", help="takeoff.toml to use (or TAKEOFF_CONFIG)")
    _output(whoami)


def _sandbox(commands: _Commands) -> None:
    command = _command(
        commands,
        "sandbox",
        "serve a lake on this machine as the vendors' services would",
        "takeoff sandbox --lake lake --switch page_limit=1000",
    )
    _lake(command)
    command.add_argument("--port", type=int, default=0, help="port of the service; 0: any free one")
    command.add_argument("--storage-port", type=int, default=0, help="port of its storage")
    command.add_argument(
        "--switch", action="append", default=[], metavar="NAME=VALUE", help="a fault or a choice"
    )
    command.add_argument("--seconds", type=float, help="end after so long; else when interrupted")


def _snapshots(commands: _Commands) -> None:
    command = _command(
        commands, "snapshots", "list what a lake holds", "takeoff snapshots --lake lake"
    )
    _lake(command)
    _output(command)


def _report(commands: _Commands) -> None:
    command = _command(
        commands,
        "report",
        "run a report; without a name, list them",
        "takeoff report takeoff --lake lake --by storey,class --quantity NetVolume -o walls.xlsx",
    )
    command.add_argument("name", nargs="?", metavar="NAME")
    _lake(command)
    _questions(command)
    command.add_argument("--by", help="group by, separated by commas: storey,class,material,...")
    command.add_argument("--quantity", help="only these, by commas: NetVolume,Count,...")
    _gate(command)
    _with_evidence(command)
    _output(command)
    command.add_argument(
        "--raw", action="store_true", help="CSV for machines: text is not made safe for Excel"
    )


def _audit(commands: _Commands) -> None:
    command = _command(
        commands,
        "audit",
        "check the figures: what is wrong, missing or doubtful, and what it does to the totals",
        "takeoff audit --lake lake --severity error -o findings.xlsx",
    )
    _lake(command)
    _questions(command)
    command.add_argument("--check", help="only these checks, by commas: unit_magnitude,...")
    command.add_argument(
        "--severity", choices=("error", "warning", "note"), default="note", help="at least this"
    )
    command.add_argument(
        "--show",
        choices=("findings", "verdicts", "checks"),
        default="findings",
        help="what is written: all findings, the verdict of each model and quantity, or the checks",
    )
    command.add_argument(
        "--gate", choices=("warn", "fail"), default="warn", help="fail: exit 8 if there are errors"
    )
    _output(command)
    command.add_argument(
        "--raw", action="store_true", help="CSV for machines: text is not made safe for Excel"
    )


def _with_evidence(command: _Parser) -> None:
    command.add_argument(
        "--explain",
        action="store_true",
        help="with -o FILE.xlsx: a sheet Evidence says what each element gave, and from where",
    )


def _gate(command: _Parser) -> None:
    command.add_argument(
        "--gate",
        choices=("warn", "exclude", "fail"),
        help="figures that checks show to be wrong: say so, leave them out, or exit 8",
    )


def _changes(commands: _Commands) -> None:
    command = _command(
        commands,
        "changes",
        "show what was added, removed, changed and moved between two snapshots",
        "takeoff changes ifc:house@1 ifc:house --lake lake --by change,class --quantity NetVolume",
    )
    for name in ("old", "new"):
        command.add_argument(name, metavar=name.upper(), help="snapshot_id or vendor:model[@label]")
    command.add_argument("--elements", action="store_true", help="list the elements, not the sums")
    _comparison(command)
    _rates(command)
    _factors(command)
    command.add_argument("--of", choices=("material", "item"), help="whose factors they are")
    _rule_set(command)


def _reconcile(commands: _Commands) -> None:
    command = _command(
        commands,
        "reconcile",
        "compare sources of one building: what agrees, what differs, what only one has",
        "takeoff reconcile ifc:house qonic:house --lake lake --param tolerance=0.01",
    )
    command.add_argument("a", metavar="A", help="snapshot_id or vendor:model[@label]")
    command.add_argument(
        "others", nargs="+", metavar="B", help="the other source; each further one is compared too"
    )
    command.add_argument(
        "--elements", action="store_true", help="list what disagrees, not the sums"
    )
    _comparison(command)


def _boq(commands: _Commands) -> None:
    command = _command(
        commands,
        "boq",
        "bill of quantities: items, quantities by rule, coverage, rates and amounts",
        "takeoff boq --lake lake --rules-set vobc --rates rates.csv --layout client -o bill.xlsx",
    )
    _measuring(command)
    _rates(command)
    command.add_argument(
        "--layout",
        choices=("client", "machine"),
        default="machine",
        help="client: groups, items, totals; machine: every column",
    )
    _gate(command)
    _with_evidence(command)
    _output(command)
    command.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)


def _carbon(commands: _Commands) -> None:
    command = _command(
        commands,
        "carbon",
        "carbon by material or item, module by module, with the factors that you bring",
        "takeoff carbon --lake lake --factors factors.csv -o carbon.xlsx",
    )
    _measuring(command)
    _factors(command, required=True)
    command.add_argument(
        "--of", choices=("material", "item"), default="material", help="whose factors they are"
    )
    _gate(command)
    _with_evidence(command)
    _output(command)
    command.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)


def _measuring(command: _Parser) -> None:
    _lake(command)
    _questions(command)
    command.add_argument("--by", help="group by, separated by commas: model,storey")
    _rule_set(command)


def _rule_set(command: _Parser) -> None:
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


def _rates(command: _Parser) -> None:
    command.add_argument(
        "--rates", type=Path, metavar="FILE.csv", help="item, rate, unit, currency"
    )
    command.add_argument("--region", help="of the rates, if the file has several")


def _factors(command: _Parser, *, required: bool = False) -> None:
    command.add_argument(
        "--factors", type=Path, required=required, metavar="FILE.csv", help="see carbon_demo.csv"
    )


def _comparison(command: _Parser) -> None:
    _lake(command)
    command.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="report parameter"
    )
    command.add_argument("--by", help="group by, separated by commas: class,storey,type,key,...")
    command.add_argument("--quantity", help="only these, by commas: NetVolume,Count,...")
    _with_evidence(command)
    _output(command)
    command.add_argument(
        "--raw", action="store_true", help="CSV for machines: text is not made safe for Excel"
    )


def _sql(commands: _Commands) -> None:
    command = _command(
        commands,
        "sql",
        "ask the lake in SQL; it can be read, never written",
        'takeoff sql "select ifc_class, count(*) n from elements group by 1" --lake lake',
    )
    command.add_argument("query", metavar="QUERY", help="one SELECT; - reads it from stdin")
    _lake(command)
    command.add_argument("--snapshot", action="append", default=[], help="instead of the current")
    _output(command)
    command.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)


def _explain(commands: _Commands) -> None:
    command = _command(
        commands,
        "explain",
        "walk a figure, or a line of a report, back to the records that it was read from",
        "takeoff explain 2O2Fr$t4X7Zf8NOew3FLOH NetVolume --lake lake",
    )
    command.add_argument("element", nargs="?", metavar="ELEMENT", help="element_id or IFC GUID")
    command.add_argument("quantity", nargs="?", metavar="QUANTITY", help="such as NetVolume")
    _lake(command)
    _questions(command)
    command.add_argument("--by", help=argparse.SUPPRESS)
    command.add_argument("--basis", choices=_BASES, help="show the figures of this basis only")
    command.add_argument("--report", help="explain a line of this report instead")
    command.add_argument(
        "--where", action="append", default=[], metavar="COL=VALUE", help="which line"
    )
    _rule_set(command)
    _rates(command)
    _factors(command)
    _gate(command)
    _output(command)


def _writeback(commands: _Commands) -> None:
    writeback = _command(
        commands,
        "writeback",
        "put codes or figures onto the products of a model, as properties",
        "takeoff writeback qonic --lake lake --model 6234 --report takeoff --column value "
        "--quantity NetVolume --set Takeoff --property NetVolume_m3",
    )
    vendors = writeback.add_subparsers(dest="vendor", required=True, metavar="VENDOR")
    command = _command(
        vendors,
        "qonic",
        "show what would be written to a model at Qonic; with --apply, write all of it or nothing",
        "takeoff writeback qonic --lake lake --model 6234 --from codes.csv --set Cost "
        "--property Code --apply",
    )
    _lake(command)
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
    _output(command)


def _source(command: _Parser) -> None:
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


def _verify(commands: _Commands) -> None:
    command = _command(
        commands,
        "verify",
        "check every file of a lake against its manifests",
        "takeoff verify --lake lake",
    )
    _lake(command)
    _output(command)


def _rebuild(commands: _Commands) -> None:
    command = _command(
        commands,
        "rebuild",
        "decode the evidence again and compare, restoring files that are missing or damaged",
        "takeoff rebuild --lake lake",
    )
    _lake(command)
    command.add_argument("--snapshot", action="append", default=[], help="only this; repeatable")
    _output(command)


def _run(commands: _Commands) -> None:
    command = _command(
        commands,
        "run",
        "run a job file: fetch, reports, outputs",
        "takeoff run job.toml",
    )
    command.add_argument("job", type=Path, metavar="JOB.toml")


def _lake(command: _Parser, default: Any = None) -> None:
    for name, form in _LAKE.items():
        command.add_argument(name, default=default, **form)


def _questions(command: _Parser) -> None:
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


def _output(command: _Parser, default: Any = None) -> None:
    command.add_argument(
        "--format", choices=_FORMATS, default=default, help="table on a terminal, csv in a pipe"
    )
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        default=default,
        help=".csv, .json, .parquet, .xlsx, .txt",
    )


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


_LAKE: dict[str, dict[str, Any]] = {
    "--lake": {"type": Path, "help": "the lake's folder (or TAKEOFF_LAKE)"},
    "--config": {"help": "takeoff.toml to use (or TAKEOFF_CONFIG)"},
    "--queries": {"type": Path, "help": "folder with queries of your own"},
    "--rules": {"type": Path, "help": "folder with rules of your own"},
    "--threads": {"type": _at_least_one, "help": "threads for queries"},
    "--memory-limit": {"metavar": "SIZE", "help": "memory for queries, such as 2GB"},
}
