-- title: The elements that count, each with its cost, once a trade
-- grain: snapshot_id, element_no, trade
-- column: cost decimal; quantity with waste times rate; null unless priced
-- pricing: priced, unpriced (no rate of the item), refused (unit of the rate), no quantity; null if the
-- element is not measured. `cost` is its quantity with waste, to 6 decimals of the bill's unit, times
-- the rate for one of that unit: a bill rounds its lines besides, so they may differ by that. Null
-- unless priced.
with measured as (
    select
        bill_elements.snapshot_id,
        bill_elements.element_no,
        bill_elements.trade,
        bill_elements.state,
        bill_elements.item,
        bill_elements.rule_no,
        bill_elements.formula,
        bill_elements.unit,
        rules.unit_factor,
        case
            when rules.waste_factor = 1 then bill_elements.value_exact
            else try_cast(
                try_cast(round(bill_elements.value_exact, 9) as decimal(26, 9)) * rules.waste_factor
                as decimal(32, 12)
            )
        end as wasted_value
    from bill_elements
    left join rules
        on rules.rule_no = bill_elements.rule_no
),
converted as (
    select
        snapshot_id,
        element_no,
        trade,
        state,
        item,
        rule_no,
        formula,
        unit,
        case
            when unit_factor = 1 then try_cast(round(wasted_value, 6) as decimal(20, 6))
            else try_cast(
                round(cast(wasted_value as double) / cast(unit_factor as double), 6)
                as decimal(20, 6)
            )
        end as quantity
    from measured
),
usable_rates as (
    select
        rates.item,
        rates.rate,
        rates.rate_unit,
        rates.currency,
        rates.source,
        unit_rates.unit,
        unit_rates.unit_rate
    from rates
    join unit_rates
        on unit_rates.rate_no = rates.rate_no
),
other_rates as (
    select
        item,
        min(rate_unit) as rate_unit
    from rates
    group by item
)
select
    converted.snapshot_id,
    converted.element_no,
    converted.trade,
    converted.state,
    converted.item,
    converted.rule_no,
    converted.formula,
    converted.unit,
    converted.quantity,
    case
        when converted.state <> 'measured' then cast(null as varchar)
        when other_rates.item is null then 'unpriced'
        when usable_rates.item is null then 'refused'
        when converted.quantity is null then 'no quantity'
        else 'priced'
    end as pricing,
    usable_rates.rate,
    coalesce(usable_rates.rate_unit, other_rates.rate_unit) as rate_unit,
    usable_rates.unit_rate,
    usable_rates.currency,
    usable_rates.source as rate_source,
    try_cast(converted.quantity * usable_rates.unit_rate as decimal(32, 12)) as cost
from converted
left join usable_rates
    on usable_rates.item = converted.item
    and usable_rates.unit = converted.unit
left join other_rates
    on other_rates.item = converted.item
