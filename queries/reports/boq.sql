-- title: Bill of quantities
-- question: How much is to be built of each item, what does it cost, and what is not covered?
-- grain: vendor, project_id, model_id, model_name, storey_name, trade, state, item, rule, asked
-- partitions: elements of each trade
-- elements: bill_elements
-- by: model off; vendor, project_id, model_id, model_name
-- by: storey off; storey_name
-- param: rules text = none; measurement rules: none, vobc, nrm2 or a CSV file
-- param: system text = UNIFORMAT II; classification whose codes are items where rules name none
-- param: codes text = null; CSV file with the codes of the classification; null: the one shipped
-- param: mapping text = null; CSV file with rules that give codes; null: the one shipped
-- param: rates text = null; CSV file with rates; null: nothing is priced
-- param: region text = null; region of the rates; null: they are for one
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: storey_name text; storey as the model names it; null if none
-- column: trade text; trade as the rules name it; null if they name none
-- column: state text; measured, unclassified, undecided, no rule or excluded
-- column: item text; item of the bill; null unless measured
-- column: title text; what the item is called
-- column: item_source text; who gave the item: measurement rule, model, rule (of the mapping)
-- column: group_1 text; code of the highest level that the item stands under
-- column: group_1_title text; its title
-- column: group_2 text; code of the second level
-- column: group_2_title text; its title
-- column: rule text; measurement rule; null if none fits
-- column: asked text; what an undecided element would have to say
-- column: formula text; formula that the elements were measured by, several if they differ
-- column: value decimal; sum in SI as measured, before waste and rounding; null if none is known
-- column: si_unit text; SI unit of value, h for hours
-- column: waste_factor decimal; what the value is multiplied by
-- column: quantity decimal; value with waste, in the bill's unit, rounded as the rule says
-- column: unit text; unit of the bill
-- column: elements bigint; elements in the line
-- column: counted bigint; elements that are in the value
-- column: missing bigint; elements without a usable figure
-- column: doubtful bigint; elements whose figures disagree within one set; not in the value
-- column: basis text; what the figures rest on, mixed if on several; null for counts
-- column: pricing text; priced, unpriced, refused (unit of the rate), no quantity; null if not asked
-- column: rate decimal; price as the rate file states it
-- column: rate_unit text; what it is for, as the file states it
-- column: unit_rate decimal; the same for one unit of the bill, rounded to 9 decimals
-- column: amount decimal; quantity times unit_rate, rounded to 2 decimals; null unless priced
-- column: currency text; of rate and amount
-- column: rate_source text; where the rate comes from
with elements_shown as (
    select
        case when $by_model then bill_elements.vendor end as vendor,
        case when $by_model then bill_elements.project_id end as project_id,
        case when $by_model then bill_elements.model_id end as model_id,
        case when $by_model then bill_elements.model_name end as model_name,
        case when $by_storey then bill_elements.storey_name end as storey_name,
        bill_elements.trade,
        bill_elements.state,
        bill_elements.item,
        bill_elements.title,
        bill_elements.item_source,
        bill_elements.rule_no,
        bill_elements.rule,
        bill_elements.asked,
        bill_elements.formula,
        bill_elements.value_exact,
        bill_elements.is_doubtful,
        bill_elements.basis
    from bill_elements
),
sums as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        storey_name,
        trade,
        state,
        item,
        min(title) as title,
        case when min(item_source) < max(item_source) then 'model and rule' else min(item_source) end
            as item_source,
        rule_no,
        rule,
        asked,
        case
            when min(formula) < max(formula) then min(formula) || '; ' || max(formula)
            else min(formula)
        end as formula,
        cast(sum(value_exact) as decimal(38, 12)) as value,
        count(*) as elements,
        count(value_exact) as counted,
        count(case when is_doubtful then 1 end) as doubtful,
        case when min(basis) < max(basis) then 'mixed' else min(basis) end as basis
    from elements_shown
    group by
        vendor,
        project_id,
        model_id,
        model_name,
        storey_name,
        trade,
        state,
        item,
        rule_no,
        rule,
        asked
),
wasted as (
    select
        sums.vendor,
        sums.project_id,
        sums.model_id,
        sums.model_name,
        sums.storey_name,
        sums.trade,
        sums.state,
        sums.item,
        sums.title,
        sums.item_source,
        sums.rule,
        sums.asked,
        sums.formula,
        sums.value,
        sums.elements,
        sums.counted,
        sums.doubtful,
        sums.basis,
        rules.unit,
        rules.si_unit,
        rules.unit_kind,
        rules.decimals,
        rules.waste_factor,
        rules.unit_factor,
        case
            when rules.waste_factor = 1 then sums.value
            else cast(
                cast(round(sums.value, 9) as decimal(26, 9)) * rules.waste_factor
                as decimal(38, 12)
            )
        end as wasted_value
    from sums
    left join rules
        on rules.rule_no = sums.rule_no
),
converted as (
    select
        wasted.vendor,
        wasted.project_id,
        wasted.model_id,
        wasted.model_name,
        wasted.storey_name,
        wasted.trade,
        wasted.state,
        wasted.item,
        wasted.title,
        wasted.item_source,
        wasted.rule,
        wasted.asked,
        wasted.formula,
        wasted.value,
        wasted.elements,
        wasted.counted,
        wasted.doubtful,
        wasted.basis,
        wasted.unit,
        wasted.si_unit,
        wasted.unit_kind,
        wasted.decimals,
        wasted.waste_factor,
        case
            when wasted.unit_factor = 1 then cast(round(wasted.wasted_value, 6) as decimal(20, 6))
            else cast(
                round(
                    cast(wasted.wasted_value as double) / cast(wasted.unit_factor as double), 6
                ) as decimal(20, 6)
            )
        end as unrounded
    from wasted
),
measured as (
    select
        converted.vendor,
        converted.project_id,
        converted.model_id,
        converted.model_name,
        converted.storey_name,
        converted.trade,
        converted.state,
        converted.item,
        converted.title,
        converted.item_source,
        converted.rule,
        converted.asked,
        converted.formula,
        converted.value,
        converted.elements,
        converted.counted,
        converted.doubtful,
        converted.basis,
        converted.unit,
        converted.si_unit,
        converted.unit_kind,
        converted.waste_factor,
        cast(
            case converted.decimals
                when 0 then round(converted.unrounded, 0)
                when 1 then round(converted.unrounded, 1)
                when 2 then round(converted.unrounded, 2)
                when 3 then round(converted.unrounded, 3)
                when 4 then round(converted.unrounded, 4)
                when 5 then round(converted.unrounded, 5)
                else converted.unrounded
            end as decimal(20, 6)
        ) as quantity
    from converted
),
usable_rates as (
    select
        rates.item,
        rates.title,
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
        min(title) as title,
        min(rate_unit) as rate_unit
    from rates
    group by item
),
groups as (
    select
        code,
        max(case when level = 1 then ancestor end) as group_1,
        max(case when level = 1 then title end) as group_1_title,
        max(case when level = 2 then ancestor end) as group_2,
        max(case when level = 2 then title end) as group_2_title
    from code_ancestors
    group by code
)
select
    measured.vendor,
    measured.project_id,
    measured.model_id,
    measured.model_name,
    measured.storey_name,
    measured.trade,
    measured.state,
    measured.item,
    coalesce(measured.title, usable_rates.title, other_rates.title) as title,
    measured.item_source,
    groups.group_1,
    groups.group_1_title,
    groups.group_2,
    groups.group_2_title,
    measured.rule,
    measured.asked,
    measured.formula,
    measured.value,
    measured.si_unit,
    measured.waste_factor,
    measured.quantity,
    measured.unit,
    measured.elements,
    measured.counted,
    measured.elements - measured.counted - measured.doubtful as missing,
    measured.doubtful,
    measured.basis,
    case
        when measured.state <> 'measured' or not exists (select 1 from rates)
            then cast(null as varchar)
        when other_rates.item is null then 'unpriced'
        when usable_rates.item is null then 'refused'
        when measured.quantity is null then 'no quantity'
        else 'priced'
    end as pricing,
    usable_rates.rate,
    coalesce(usable_rates.rate_unit, other_rates.rate_unit) as rate_unit,
    usable_rates.unit_rate,
    cast(round(measured.quantity * usable_rates.unit_rate, 2) as decimal(38, 2)) as amount,
    usable_rates.currency,
    usable_rates.source as rate_source
from measured
left join usable_rates
    on usable_rates.item = measured.item
    and usable_rates.unit = measured.unit
left join other_rates
    on other_rates.item = measured.item
left join groups
    on groups.code = measured.item
order by
    measured.vendor nulls last,
    measured.project_id nulls last,
    measured.model_id nulls last,
    measured.model_name nulls last,
    measured.storey_name nulls last,
    measured.trade nulls last,
    case measured.state
        when 'measured' then 1
        when 'unclassified' then 2
        when 'undecided' then 3
        when 'no rule' then 4
        else 5
    end,
    measured.item nulls last,
    measured.rule nulls last,
    measured.asked nulls last
