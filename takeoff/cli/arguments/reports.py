"""Commands that ask a lake: reports, checks, comparisons, bills, explanations and SQL."""

from __future__ import annotations

import argparse

from takeoff.cli import completion
from takeoff.cli.arguments import options

_BASES = ("authored", "vendor_calculated", "computed", "derived")


def add(commands: options.Commands) -> None:
    """report, audit, sql, changes, reconcile, boq, carbon and explain."""
    options.command(
        commands,
        "report",
        "run a report; without a name, list them",
        "takeoff report takeoff --lake lake --by storey,class --quantity NetVolume -o walls.xlsx",
        _report,
    )
    options.command(
        commands,
        "audit",
        "check the figures: what is wrong, missing or doubtful, and what it does to the totals",
        "takeoff audit --lake lake --severity error -o findings.xlsx",
        _audit,
    )
    options.command(
        commands,
        "sql",
        "ask the lake in SQL; it can be read, never written",
        'takeoff sql "select ifc_class, count(*) n from elements group by 1" --lake lake',
        _sql,
    )
    options.command(
        commands,
        "changes",
        "show what was added, removed, changed and moved between two snapshots",
        "takeoff changes ifc:house@1 ifc:house --lake lake --by change,class --quantity NetVolume",
        _changes,
    )
    options.command(
        commands,
        "reconcile",
        "compare sources of one building: what agrees, what differs, what only one has",
        "takeoff reconcile ifc:house qonic:house --lake lake --param tolerance=0.01",
        _reconcile,
    )
    options.command(
        commands,
        "boq",
        "bill of quantities: items, quantities by rule, coverage, rates and amounts",
        "takeoff boq --lake lake --rules-set vobc --rates rates.csv --layout client -o bill.xlsx",
        _boq,
    )
    options.command(
        commands,
        "carbon",
        "carbon by material or item, module by module, with the factors that you bring",
        "takeoff carbon --lake lake --factors factors.csv -o carbon.xlsx",
        _carbon,
    )
    options.command(
        commands,
        "explain",
        "walk a figure, or a line of a report, back to the records that it was read from",
        "takeoff explain '2O2Fr$t4X7Zf8NOew3FLOH' NetVolume --lake lake",
        _explain,
    )


def _report(command: options.Parser) -> None:
    completion.reports(command.add_argument("name", nargs="?", metavar="NAME"))
    options.lake(command)
    options.engine(command)
    options.questions(command)
    command.add_argument("--by", help="group by, separated by commas: storey,class,material,...")
    command.add_argument("--quantity", help="only these, by commas: NetVolume,Count,...")
    options.gate(command)
    options.with_evidence(command)
    options.beside(command)
    options.output(command)
    command.add_argument(
        "--raw", action="store_true", help="CSV for machines: text is not made safe for Excel"
    )


def _audit(command: options.Parser) -> None:
    options.lake(command)
    options.questions(command)
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
    options.output(command)
    command.add_argument(
        "--raw", action="store_true", help="CSV for machines: text is not made safe for Excel"
    )


def _sql(command: options.Parser) -> None:
    command.add_argument(
        "query", nargs="?", metavar="QUERY", help="one SELECT; - reads it from stdin"
    )
    command.add_argument(
        "--init",
        action="store_true",
        help="instead, write a script that makes these tables in any DuckDB: duckdb -init FILE.sql",
    )
    command.add_argument(
        "--relative",
        action="store_true",
        help="with --init: paths from the folder of -o FILE, in which the script is then loaded",
    )
    options.lake(command)
    options.engine(command)
    command.add_argument("--snapshot", action="append", default=[], help="instead of the current")
    options.output(command)
    command.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)


def _changes(command: options.Parser) -> None:
    for name in ("old", "new"):
        command.add_argument(name, metavar=name.upper(), help="snapshot_id or vendor:model[@label]")
    command.add_argument("--elements", action="store_true", help="list the elements, not the sums")
    _comparison(command)
    options.rates(command)
    options.factors(command)
    command.add_argument("--of", choices=("material", "item"), help="whose factors they are")
    options.rule_set(command)


def _reconcile(command: options.Parser) -> None:
    command.add_argument("a", metavar="A", help="snapshot_id or vendor:model[@label]")
    command.add_argument(
        "others", nargs="+", metavar="B", help="the other source; each further one is compared too"
    )
    command.add_argument(
        "--elements", action="store_true", help="list what disagrees, not the sums"
    )
    _comparison(command)


def _comparison(command: options.Parser) -> None:
    options.lake(command)
    options.engine(command)
    command.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="report parameter"
    )
    command.add_argument("--by", help="group by, separated by commas: class,storey,type,key,...")
    command.add_argument("--quantity", help="only these, by commas: NetVolume,Count,...")
    options.with_evidence(command)
    options.output(command)
    command.add_argument(
        "--raw", action="store_true", help="CSV for machines: text is not made safe for Excel"
    )


def _boq(command: options.Parser) -> None:
    _measuring(command)
    options.rates(command)
    command.add_argument(
        "--layout",
        choices=("client", "machine"),
        default="machine",
        help="client: groups, items, totals; machine: every column",
    )
    options.gate(command)
    options.with_evidence(command)
    options.output(command)
    command.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)


def _carbon(command: options.Parser) -> None:
    _measuring(command)
    options.factors(command, required=True)
    command.add_argument(
        "--of", choices=("material", "item"), default="material", help="whose factors they are"
    )
    options.gate(command)
    options.with_evidence(command)
    options.output(command)
    command.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)


def _measuring(command: options.Parser) -> None:
    options.lake(command)
    options.engine(command)
    options.questions(command)
    command.add_argument("--by", help="group by, separated by commas: model,storey")
    options.rule_set(command)


def _explain(command: options.Parser) -> None:
    command.add_argument("element", nargs="?", metavar="ELEMENT", help="element_id or IFC GUID")
    command.add_argument("quantity", nargs="?", metavar="QUANTITY", help="such as NetVolume")
    options.lake(command)
    options.questions(command)
    command.add_argument("--by", help=argparse.SUPPRESS)
    command.add_argument("--basis", choices=_BASES, help="show the figures of this basis only")
    completion.reports(
        command.add_argument("--report", help="explain a line of this report instead")
    )
    command.add_argument(
        "--where", action="append", default=[], metavar="COL=VALUE", help="which line"
    )
    command.add_argument(
        "--guids",
        action="store_true",
        help="only the IFC GUIDs of the elements behind the lines, one a line, for viewers",
    )
    options.rule_set(command)
    options.rates(command)
    options.factors(command)
    options.gate(command)
    options.output(command)
