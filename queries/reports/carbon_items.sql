-- title: Carbon by item of the bill
-- question: How much CO2e do the items stand for, module by module, and what has no factor?
-- grain: vendor, project_id, model_id, model_name, module, trade, state, item, rule, asked
-- partitions: elements of each trade and module
-- elements: bill_elements
-- by: model off; vendor, project_id, model_id, model_name
-- param: factors text = null; CSV file with carbon factors of items; null: none
-- param: rules text = none; measurement rules: none, vobc, nrm2 or a CSV file
-- param: system text = UNIFORMAT II; classification whose codes are items where rules name none
-- param: codes text = null; CSV file with the codes of the classification; null: the one shipped
-- param: mapping text = null; CSV file with rules that give codes; null: the one shipped
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: module text; module of EN 15978; null if there are no factors; D is never netted
-- column: trade text; trade as the rules name it; null if they name none
-- column: state text; measured, unclassified, undecided, no rule or excluded
-- column: item text; item of the bill; null unless measured
-- column: title text; what the item is called
-- column: rule text; measurement rule; null if none fits
-- column: asked text; what an undecided element would have to say
-- column: value decimal; sum in SI as measured, without waste; null if none is known
-- column: si_unit text; SI unit of value
-- column: density_kg_m3 decimal kg/m3; density that the factor states; null if it states none
-- column: mass_kg decimal kg; volume times density, if the factor is per mass; null otherwise
-- column: kg_co2e_factor decimal; kg CO2e per declared unit, as the file states it
-- column: declared_unit text; unit of the factor
-- column: kg_co2e decimal kg; kg CO2e; null without a factor or a quantity
-- column: rating text; rated, no factor, no quantity or refused (no way to the declared unit)
-- column: elements bigint; elements in the line
-- column: counted bigint; elements that are in the value
-- column: missing bigint; elements without a usable figure
-- column: doubtful bigint; elements whose figures disagree within one set; not in the value
-- column: basis text; what the figures rest on, mixed if on several; null for counts
-- column: source text; where the factor comes from
-- column: version text; its version
with modules as (
    select distinct module
    from carbon_factors
    where key_kind = 'item'
    union all
    select cast(null as varchar) as module
    where not exists (select 1 from carbon_factors where key_kind = 'item')
),
elements_shown as (
    select
        case when $by_model then vendor end as vendor,
        case when $by_model then project_id end as project_id,
        case when $by_model then model_id end as model_id,
        case when $by_model then model_name end as model_name,
        trade,
        state,
        item,
        title,
        rule,
        asked,
        si_unit,
        unit_kind,
        value_exact,
        is_doubtful,
        basis
    from bill_elements
),
sums as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        trade,
        state,
        item,
        min(title) as title,
        rule,
        asked,
        min(si_unit) as si_unit,
        min(unit_kind) as unit_kind,
        cast(sum(value_exact) as decimal(38, 12)) as value,
        count(*) as elements,
        count(value_exact) as counted,
        count(case when is_doubtful then 1 end) as doubtful,
        case when min(basis) < max(basis) then 'mixed' else min(basis) end as basis
    from elements_shown
    group by vendor, project_id, model_id, model_name, trade, state, item, rule, asked
),
rated as (
    select
        sums.vendor,
        sums.project_id,
        sums.model_id,
        sums.model_name,
        modules.module,
        sums.trade,
        sums.state,
        sums.item,
        sums.title,
        sums.rule,
        sums.asked,
        sums.value,
        sums.si_unit,
        sums.unit_kind,
        carbon_factors.density_kg_m3,
        case
            when sums.unit_kind = 'volume' and carbon_factors.unit_kind = 'mass'
                then cast(
                    cast(round(sums.value, 9) as decimal(20, 9)) * carbon_factors.density_kg_m3
                    as decimal(20, 6)
                )
        end as mass_kg,
        carbon_factors.factor_no,
        carbon_factors.kg_co2e as kg_co2e_factor,
        carbon_factors.declared_unit,
        carbon_factors.unit_kind as declared_kind,
        carbon_factors.kg_co2e_per_si,
        sums.elements,
        sums.counted,
        sums.doubtful,
        sums.basis,
        carbon_factors.source,
        carbon_factors.version
    from sums
    cross join modules
    left join carbon_factors
        on carbon_factors.key_kind = 'item'
        and carbon_factors.module = modules.module
        and carbon_factors.key = sums.item
)
select
    vendor,
    project_id,
    model_id,
    model_name,
    module,
    trade,
    state,
    item,
    title,
    rule,
    asked,
    value,
    si_unit,
    density_kg_m3,
    mass_kg,
    kg_co2e_factor,
    declared_unit,
    case
        when unit_kind = declared_kind
            then cast(
                cast(round(value, 9) as decimal(20, 9)) * kg_co2e_per_si as decimal(38, 9)
            )
        else cast(mass_kg * kg_co2e_per_si as decimal(38, 9))
    end as kg_co2e,
    case
        when state <> 'measured' then cast(null as varchar)
        when factor_no is null then 'no factor'
        when unit_kind <> declared_kind
            and (unit_kind <> 'volume' or declared_kind <> 'mass' or density_kg_m3 is null)
            then 'refused'
        when value is null then 'no quantity'
        else 'rated'
    end as rating,
    elements,
    counted,
    elements - counted - doubtful as missing,
    doubtful,
    basis,
    source,
    version
from rated
order by
    vendor nulls last,
    project_id nulls last,
    model_id nulls last,
    model_name nulls last,
    module nulls last,
    trade nulls last,
    case state
        when 'measured' then 1
        when 'unclassified' then 2
        when 'undecided' then 3
        when 'no rule' then 4
        else 5
    end,
    item nulls last,
    rule nulls last,
    asked nulls last
