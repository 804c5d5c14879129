-- title: The elements that count, each with the carbon of its item, once a trade and module
-- grain: snapshot_id, element_no, trade, module
-- rating: rated, no factor, no quantity, or refused (no way to the declared unit); null if the element
-- is not measured. By what its rule measures, without waste; `kg_co2e` is null unless rated.
with modules as (
    select distinct module
    from carbon_factors
    where key_kind = 'item'
),
items as (
    select
        bill_elements.snapshot_id,
        bill_elements.element_no,
        bill_elements.trade,
        bill_elements.state,
        bill_elements.item,
        bill_elements.rule_no,
        bill_elements.formula,
        bill_elements.unit_kind,
        modules.module,
        carbon_factors.factor_no,
        carbon_factors.kg_co2e as kg_co2e_factor,
        carbon_factors.declared_unit,
        carbon_factors.source,
        carbon_factors.version,
        carbon_factors.unit_kind as declared_kind,
        carbon_factors.density_kg_m3,
        carbon_factors.kg_co2e_per_si,
        try_cast(round(bill_elements.value_exact, 9) as decimal(20, 9)) as value_exact
    from bill_elements
    cross join modules
    left join carbon_factors
        on carbon_factors.key_kind = 'item'
        and carbon_factors.module = modules.module
        and carbon_factors.key = bill_elements.item
)
select
    snapshot_id,
    element_no,
    trade,
    item,
    rule_no,
    formula,
    module,
    kg_co2e_factor,
    declared_unit,
    density_kg_m3,
    source,
    version,
    case
        when state <> 'measured' then cast(null as varchar)
        when factor_no is null then 'no factor'
        when unit_kind <> declared_kind
            and (unit_kind <> 'volume' or declared_kind <> 'mass' or density_kg_m3 is null)
            then 'refused'
        when value_exact is null then 'no quantity'
        else 'rated'
    end as rating,
    case
        when unit_kind = declared_kind then try_cast(value_exact * kg_co2e_per_si as decimal(32, 12))
        when unit_kind = 'volume' and declared_kind = 'mass'
            then try_cast(
                try_cast(value_exact * density_kg_m3 as decimal(20, 6)) * kg_co2e_per_si
                as decimal(32, 12)
            )
    end as kg_co2e
from items
