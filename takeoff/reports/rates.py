"""Rates: prices of items per unit, from a CSV of one's own.

Columns: item (or resource_code), rate (or price_avg), unit, currency, and if wanted title (or
name), region and source. A file that prices an item for several regions needs the region asked. A
rate may be per `100 Nr`, `CY` or `short ton`: it is converted exactly, or refused by name. A rate
that is left empty is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from takeoff.config import read_rows
from takeoff.core.errors import InputRefused
from takeoff.reports.bill_units import BillUnit, UnitTable

# The names of the public DDC CWICR catalogues stand for ours.
_NAMES = {
    "item": ("item", "resource_code"),
    "rate": ("rate", "price_avg"),
    "unit": ("unit",),
    "currency": ("currency",),
    "title": ("title", "name"),
    "region": ("region",),
    "source": ("source",),
}
_NEEDED = ("item", "rate", "unit", "currency")
_HIGHEST = Decimal(10**8)
_DECIMALS = 9


@dataclass(frozen=True)
class Rate:
    """One price. `unit` is null if the unit cannot be used; `refused` then says why."""

    item: str
    rate: Decimal
    unit_name: str
    unit: BillUnit | None
    currency: str
    title: str | None
    source: str | None
    refused: str | None = None


def read_rates(path: Path, units: UnitTable, region: str | None = None) -> tuple[Rate, ...]:
    """The rates of a file, in its order, of one region if it has several.

    Raises: InputRefused for a file that cannot be read, a wrong number, and an item priced twice
    for units of one kind.
    """
    rows = _of_region(path, [_named(path, row) for row in read_rows(path)], region)
    beside = {row["unit"] for row in rows}
    rates = [
        _rate(path, number, row, units, beside)
        for number, row in enumerate(rows, start=1)
        if row["rate"]
    ]
    _refuse_twice(path, rates)
    return tuple(rates)


def _named(path: Path, row: Mapping[str, str]) -> dict[str, str]:
    named = {
        ours: next((row[name].strip() for name in names if row.get(name)), "")
        for ours, names in _NAMES.items()
    }
    for name in _NEEDED:
        if not set(_NAMES[name]) & row.keys():
            raise InputRefused(f"The rates {path} lack the column {name}.")
    return named


def _of_region(
    path: Path, rows: Sequence[dict[str, str]], region: str | None
) -> Sequence[dict[str, str]]:
    regions = sorted({row["region"] for row in rows if row["region"]})
    if region is None and len(regions) > 1:
        raise InputRefused(
            f"The rates {path} are for {', '.join(regions)}; choose one with --region."
        )
    if region is not None and region not in regions:
        raise InputRefused(
            f"The rates {path} have no region '{region}'; "
            f"there {'are ' + ', '.join(regions) if regions else 'is none in it'}."
        )
    return [row for row in rows if region is None or row["region"] in ("", region)]


def _rate(
    path: Path, number: int, row: Mapping[str, str], units: UnitTable, beside: set[str]
) -> Rate:
    where = f"{path}: the rate of {row['item'] or f'row {number}'}"
    if not row["item"] or not row["unit"] or not row["currency"]:
        raise InputRefused(f"{where} needs an item, a unit and a currency.")
    unit, refused = None, None
    try:
        unit = units.named(row["unit"], beside)
    except InputRefused as error:
        refused = str(error)
    return Rate(
        item=row["item"],
        rate=_number(where, row["rate"]),
        unit_name=row["unit"],
        unit=unit,
        currency=row["currency"].upper(),
        title=row["title"] or None,
        source=row["source"] or path.name,
        refused=refused,
    )


def _number(where: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise InputRefused(f"{where}, {text!r}, is no number such as 1250.50.") from error
    if not number.is_finite() or abs(number) >= _HIGHEST or number != round(number, _DECIMALS):
        raise InputRefused(f"{where}, {text}, is not below {_HIGHEST} with {_DECIMALS} decimals.")
    return number


def _refuse_twice(path: Path, rates: Sequence[Rate]) -> None:
    seen: set[tuple[str, str]] = set()
    for rate in rates:
        key = (rate.item, rate.unit.kind if rate.unit else rate.unit_name)
        if key in seen:
            raise InputRefused(
                f"The rates {path} price {rate.item} twice by {key[1]}; keep one of them."
            )
        seen.add(key)
