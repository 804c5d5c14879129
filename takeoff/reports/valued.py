"""Cost and carbon of each element, beside its figures, for reports that compare snapshots.

They are quantities like others: `Cost EUR`, a line for each currency, and `Carbon A1-A3`, a line
for each module. An element without rate or factor has none, and is not in the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from takeoff.engines.engine import Engine

COST = "Cost "
CARBON = "Carbon "
# Carbon of materials is by this volume.
VOLUME = "NetVolume"
_NAMED = 12

# A row without element says that there is the quantity, though it may be known of none.
_COSTS = """
select
    snapshot_id,
    element_no,
    'Cost ' || currency as quantity,
    currency as unit,
    try_cast(sum(cost) as decimal(32, 12)) as value_exact
from priced_elements
where cost is not null
group by snapshot_id, element_no, currency
union all
select distinct
    cast(null as varchar) as snapshot_id,
    cast(null as integer) as element_no,
    'Cost ' || currency as quantity,
    currency as unit,
    cast(null as decimal(32, 12)) as value_exact
from rates
"""
_CARBON = """
select
    snapshot_id,
    element_no,
    'Carbon ' || module as quantity,
    'kg CO2e' as unit,
    try_cast(sum(kg_co2e) as decimal(32, 12)) as value_exact
from {mart}
where kg_co2e is not null
group by snapshot_id, element_no, module
union all
select distinct
    cast(null as varchar) as snapshot_id,
    cast(null as integer) as element_no,
    'Carbon ' || module as quantity,
    'kg CO2e' as unit,
    cast(null as decimal(32, 12)) as value_exact
from carbon_factors
where key_kind = '{kind}'
"""
_PRICING = """
select
    coalesce(pricing, state) as state,
    item as name,
    case when pricing = 'refused' then rate_unit end as rate_unit,
    case when pricing = 'refused' then unit end as unit,
    count(*) as elements
from priced_elements
group by
    coalesce(pricing, state),
    item,
    case when pricing = 'refused' then rate_unit end,
    case when pricing = 'refused' then unit end
order by state, name nulls last, rate_unit nulls last
"""
_RATING = """
select
    coalesce(rating, 'no item') as state,
    module,
    {name} as name,
    count(*) as elements
from {mart}
group by coalesce(rating, 'no item'), module, {name}
order by module, state, name nulls last
"""
_OF = {"material": ("rated_materials", "material"), "item": ("rated_items", "item")}
_WORDS = {
    "unpriced": "for want of a rate",
    "no quantity": "for want of a quantity",
    "refused": "with a rate or factor refused for its unit",
    "no factor": "for want of a factor",
    "no item": "under no item",
    "unclassified": "without a code",
    "undecided": "undecided by the rules",
    "no rule": "without a rule",
    "excluded": "left out by a rule",
}


def value_elements(
    engine: Engine, basis: Sequence[str], *, is_priced: bool, of: str | None
) -> tuple[str, ...]:
    """Puts costs, if there are rates, and carbon of materials or items into the session.

    In sentences: what they cover. `of` is null without factors; `basis` as the report was asked.
    """
    tables, said = [], []
    if is_priced:
        tables.append(engine.query(_COSTS, basis=basis).read_all())
        rows = engine.query(_PRICING, basis=basis).read_all().to_pylist()
        said.append(_covered("Cost", "trade", "priced", rows))
    if of is not None:
        mart, name = _OF[of]
        read = (VOLUME,) if of == "material" else ()
        carbon = _CARBON.format(mart=mart, kind=of)
        tables.append(engine.query(carbon, basis=basis, quantities=read).read_all())
        rating = _RATING.format(mart=mart, name=name)
        rows = engine.query(rating, basis=basis, quantities=read).read_all().to_pylist()
        said += _by_module(rows, "trade" if of == "item" else "material")
    engine.fill("valued_elements", pa.concat_tables(tables))
    return tuple(said)


def _by_module(rows: Sequence[dict[str, Any]], each: str) -> Iterable[str]:
    for module in dict.fromkeys(row["module"] for row in rows):
        of_module = [row for row in rows if row["module"] == module]
        yield _covered(f"Carbon {module}", each, "rated", of_module)
    if any(row["module"] == "D" for row in rows):
        yield "Module D lies beyond the building's system boundary and is never netted."


def _covered(what: str, each: str, done: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """What part of the elements it covers, and what is left out, by reason."""
    total = sum(row["elements"] for row in rows)
    covered = sum(row["elements"] for row in rows if row["state"] == done)
    head = (
        f"{what}: {covered} of {total} elements of both snapshots, each once a {each}, are {done}"
    )
    if covered == total:
        return f"{head}."
    reasons = "; ".join(
        _reason(state, [row for row in rows if row["state"] == state])
        for state in dict.fromkeys(row["state"] for row in rows)
        if state != done
    )
    return f"{head}, and the sums are of these only; not in them are {reasons}."


def _reason(state: str, rows: Sequence[Mapping[str, Any]]) -> str:
    names = dict.fromkeys(_named(row) for row in rows if row["name"] is not None)
    listed = ", ".join(list(names)[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    elements = sum(row["elements"] for row in rows)
    return f"{elements} {_WORDS[state]}" + (f" ({listed}{more})" if names else "")


def _named(row: Mapping[str, Any]) -> str:
    if row.get("rate_unit") is None:
        return str(row["name"])
    return f"{row['name']}, rate per {row['rate_unit']}, bill in {row['unit']}"
