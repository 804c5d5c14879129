"""What is said of a bill, and how a client reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any

import pyarrow as pa

from takeoff.core.plain import number
from takeoff.core.results import Result, ResultColumn
from takeoff.reports.rates import Rate

_CLIENT = (
    ResultColumn("item", "text", None, "item of the bill, or the group that it stands under"),
    ResultColumn("description", "text", None, "what it is"),
    ResultColumn("quantity", "decimal", None, "rounded as the rule says; empty if unknown"),
    ResultColumn("unit", "text", None, "unit of the quantity"),
    ResultColumn("rate", "decimal", None, "price of one unit; empty if there is none"),
    ResultColumn("currency", "text", None, "of rate and amount"),
    ResultColumn("amount", "decimal", None, "quantity times rate; empty if there is no rate"),
    ResultColumn("remark", "text", None, "what the line does not cover"),
)
_TYPES = {"quantity": pa.decimal128(38, 6), "rate": pa.decimal128(38, 9)}
_NAMED = 12
_REASONS = {
    "unclassified": "Measured, but without a code",
    "undecided": "Not measured: a rule may fit, but what it asks is not known",
    "no rule": "Not measured: no rule fits",
    "excluded": "Left out by a rule",
}


def notes(result: Result, rates: Sequence[Rate] | None) -> tuple[str, ...]:
    """The total of what is priced, in each currency by itself, and what is not priced, by name."""
    lines = result.table.to_pylist()
    said = [_without_item(lines)]
    if rates is not None:
        said += [*_totals(lines), *_unpriced(lines), *_refused_rates(rates, lines)]
    return tuple(sentence for sentence in said if sentence)


def client_layout(result: Result) -> Result:
    """The bill as a client reads it: groups with their titles, one line an item and unit, totals.

    Lines of one item that several rules or models measured in one unit are one line. What is not
    priced has an empty rate and amount; the total is that of the priced part, in each currency.
    """
    lines = result.table.to_pylist()
    rows = [
        row
        for _, of_group in groupby(sorted(lines, key=_group), key=_group)
        for row in _group_rows(list(of_group))
    ]
    rows += _total_rows(lines)
    schema = pa.schema([(c.name, _type(c)) for c in _CLIENT])
    table = pa.Table.from_pylist(rows, schema)
    return replace(result, columns=_CLIENT, table=table, adds_up=None)


def _type(column: ResultColumn) -> pa.DataType:
    if column.type == "text":
        return pa.string()
    return _TYPES.get(column.name, pa.decimal128(38, 2))


def _group(line: Mapping[str, Any]) -> tuple[str, str, bool, str]:
    return (_model(line), line["trade"] or "", line["group_1"] is None, line["group_1"] or "")


def _model(line: Mapping[str, Any]) -> str:
    """Empty unless the bill is by model: then nothing of two models is added up."""
    if "model_id" not in line:
        return ""
    return f"{line['vendor']}:{line['model_name'] or line['model_id']}"


def _group_rows(lines: Sequence[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    first = lines[0]
    words = [_model(first), first["trade"], first["group_1_title"] or first["group_1"]]
    if any(words):
        yield {"item": first["group_1"], "description": ", ".join(w for w in words if w)}
    for (item, unit, state), found in _merged(lines).items():
        yield _item_row(item, unit, state, found)


def _merged(lines: Sequence[dict[str, Any]]) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    merged: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in lines:
        merged.setdefault((line["item"], line["unit"], line["state"]), []).append(line)
    return merged


def _item_row(
    item: str | None, unit: str | None, state: str, lines: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    first = lines[0]
    rule = ", ".join(dict.fromkeys(line["rule"] for line in lines if line["rule"]))
    reason = _REASONS.get(state)
    return {
        "item": item,
        "description": reason or first["title"] or rule,
        "quantity": _sum(line["quantity"] for line in lines),
        "unit": unit,
        "rate": first["unit_rate"],
        "currency": first["currency"],
        "amount": _sum(line["amount"] for line in lines),
        "remark": _remark(state, lines, rule),
    }


def _remark(state: str, lines: Sequence[Mapping[str, Any]], rule: str) -> str | None:
    elements = sum(line["elements"] for line in lines)
    short = elements - sum(line["counted"] for line in lines)
    said = []
    if state != "measured":
        said.append(f"{elements} elements" + (f": {rule}" if rule else ""))
    elif short:
        said.append(f"{short} of {elements} elements have no figure and are not in the quantity")
    pricing = {line["pricing"] for line in lines}
    if "unpriced" in pricing:
        said.append("not priced")
    if "refused" in pricing:
        said.append(f"not priced: the rate is per {lines[0]['rate_unit']}")
    return "; ".join(said) or None


def _total_rows(lines: Sequence[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for model, currency, amount, is_part in _amounts(lines):
        of = f" of {model}" if model else ""
        part = ", priced part only" if is_part else ""
        yield {"description": f"Total {currency}{of}{part}", "currency": currency, "amount": amount}


def _amounts(lines: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, Decimal, bool]]:
    """Model (if the bill is by model), currency, sum, and whether anything is left out of it."""
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        if line["amount"] is not None:
            key = (_model(line), line["currency"])
            sums[key] = sums.get(key, Decimal(0)) + line["amount"]
    return [
        (model, currency, amount, any(_is_open(x) for x in lines if _model(x) == model))
        for (model, currency), amount in sorted(sums.items())
    ]


def _is_open(line: Mapping[str, Any]) -> bool:
    """Whether the line has elements that no amount covers."""
    if line["state"] == "excluded":
        return False
    return line["amount"] is None or line["counted"] < line["elements"]


def _totals(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    amounts = _amounts(lines)
    if not amounts:
        return ["Nothing is priced."]
    said = [
        f"Total{f' of {model}' if model else ''} {number(amount)} {currency}"
        f"{', priced part only' if is_part else ''}."
        for model, currency, amount, is_part in amounts
    ]
    if len({currency for _, currency, _, _ in amounts}) > 1:
        said.append("Currencies are never added up.")
    return said


def _unpriced(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    said = []
    for pricing, words in (
        ("unpriced", "Not priced, for want of a rate"),
        ("no quantity", "Not priced, for want of a quantity"),
    ):
        items = list(dict.fromkeys(str(x["item"]) for x in lines if x["pricing"] == pricing))
        if items:
            said.append(f"{words}: {_listed(items)}.")
    refused = {
        str(line["item"]): f"{line['item']} (rate per {line['rate_unit']}, bill in {line['unit']})"
        for line in lines
        if line["pricing"] == "refused"
    }
    if refused:
        said.append(f"Rates refused for their unit: {_listed(list(refused.values()))}.")
    return said


def _refused_rates(rates: Sequence[Rate], lines: Sequence[Mapping[str, Any]]) -> list[str]:
    items = {line["item"] for line in lines}
    return [
        f"The rate of {rate.item}: {rate.refused}"
        for rate in rates
        if rate.refused is not None and rate.item in items
    ]


def _without_item(lines: Sequence[Mapping[str, Any]]) -> str:
    counts = {
        state: sum(line["elements"] for line in lines if line["state"] == state)
        for state in _REASONS
    }
    told = [f"{count} {state}" for state, count in counts.items() if count]
    return f"Elements that stand under no item: {', '.join(told)}." if told else ""


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None
