"""How the cost and the carbon of elements came about: by which rules, rates and factors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from takeoff.engines.engine import Engine
from takeoff.reports.explained_rows import Key, Row, read_of
from takeoff.reports.line_shares import Share
from takeoff.reports.valued import CARBON, COST, VOLUME

_EXPLAINED = """
join explained_elements
    on explained_elements.snapshot_id = {mart}.snapshot_id
    and explained_elements.element_no = {mart}.element_no
"""
_VALUES = """
select
    valued_elements.snapshot_id,
    valued_elements.element_no,
    valued_elements.quantity,
    valued_elements.unit,
    valued_elements.value_exact
from valued_elements
""" + _EXPLAINED.format(mart="valued_elements")
_PRICED = (
    """
select
    priced_elements.snapshot_id,
    priced_elements.element_no,
    priced_elements.item,
    priced_elements.rule_no,
    priced_elements.formula,
    priced_elements.pricing,
    priced_elements.rate,
    priced_elements.rate_unit,
    priced_elements.unit_rate,
    priced_elements.currency,
    priced_elements.rate_source,
    rules.waste_factor
from priced_elements
left join rules
    on rules.rule_no = priced_elements.rule_no
"""
    + _EXPLAINED.format(mart="priced_elements")
    + "order by priced_elements.trade nulls first"
)
_FACTORS = """
    {mart}.module,
    {mart}.kg_co2e_factor,
    {mart}.declared_unit,
    {mart}.density_kg_m3,
    {mart}.source,
    {mart}.version,
    {mart}.rating
from {mart}
"""
_RATED_MATERIALS = (
    """
select
    rated_materials.snapshot_id,
    rated_materials.element_no,
    rated_materials.material,
    rated_materials.split,
"""
    + _FACTORS.format(mart="rated_materials")
    + _EXPLAINED.format(mart="rated_materials")
    + "order by rated_materials.material nulls last, rated_materials.split"
)
_RATED_ITEMS = (
    """
select
    rated_items.snapshot_id,
    rated_items.element_no,
    rated_items.item,
    rated_items.rule_no,
    rated_items.formula,
"""
    + _FACTORS.format(mart="rated_items")
    + _EXPLAINED.format(mart="rated_items")
    + "order by rated_items.trade nulls first, rated_items.item nulls last"
)


@dataclass(frozen=True)
class Valuation:
    """What an element costs or stands for; `value` is null if it has no rate or factor.

    `ways` are the same share once for each trade or material: rule and rate, piece and factor.
    """

    value: Decimal | None
    unit: str | None
    ways: Sequence[Share]


def valuations(
    engine: Engine, shares: Sequence[Share], basis: Sequence[str], of: str
) -> dict[tuple[int, Key], Valuation]:
    """Of those shares that are cost or carbon, by their key.

    `basis` as the report was asked; `of` says whose factors are used, material or item.
    """
    asked = [share for share in shares if _is_valued(share)]
    if not asked:
        return {}
    elements = [share.element for share in asked]
    values = {
        (row["snapshot_id"], row["element_no"], row["quantity"]): row
        for row in read_of(engine, _VALUES, elements)
    }
    by_element: dict[Key, list[Row]] = {}
    for row in _rows(engine, asked, basis, of):
        by_element.setdefault((row["snapshot_id"], row["element_no"]), []).append(row)
    return {
        share.key: _valuation(
            share, values.get((*share.element, str(share.quantity)), {}), by_element[share.element]
        )
        for share in asked
        if share.element in by_element
    }


def _is_valued(share: Share) -> bool:
    return share.quantity is not None and share.quantity.startswith((COST, CARBON))


def _rows(engine: Engine, shares: Sequence[Share], basis: Sequence[str], of: str) -> Iterator[Row]:
    """How each element is priced and rated, once for each trade or material."""
    elements = [share.element for share in shares]
    quantities = {str(share.quantity) for share in shares}
    if any(name.startswith(COST) for name in quantities):
        yield from read_of(engine, _PRICED, elements, basis)
    if not any(name.startswith(CARBON) for name in quantities):
        return
    if of == "item":
        yield from read_of(engine, _RATED_ITEMS, elements, basis)
    else:
        yield from read_of(engine, _RATED_MATERIALS, elements, basis, (VOLUME,))


def _valuation(share: Share, value: Mapping[str, Any], rows: Sequence[Row]) -> Valuation:
    ways = [
        replace(
            share,
            quantity=None if "rule_no" in row else VOLUME,
            rule_no=row.get("rule_no"),
            formula=row.get("formula"),
            split=row.get("split"),
            columns=row,
        )
        for row in rows
        if _concerns(str(share.quantity), row)
    ]
    return Valuation(value.get("value_exact"), value.get("unit"), ways)


def _concerns(quantity: str, row: Row) -> bool:
    """A row without rate says why there is no cost in any currency."""
    if quantity.startswith(CARBON):
        return row.get("module") == quantity.removeprefix(CARBON)
    return "pricing" in row and row["currency"] in (None, quantity.removeprefix(COST))
