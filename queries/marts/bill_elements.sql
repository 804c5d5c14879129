-- title: The elements that count, each measured by its rule, once a trade
-- grain: snapshot_id, element_no, trade
-- column: unit_kind text; of the rule's unit: length, area, volume, mass, ...
-- state: measured, unclassified (measured, but no code to put it under), undecided (a rule may fit,
-- but what it asks is not known), no rule, or excluded (by a rule). If only the code is undecided,
-- there is a value nevertheless. `value_exact` is in SI, by the formula and before waste; null if it
-- cannot be worked out, or is doubtful. `rule_no` is null unless the rule measures the element.
with measured as (
    select
        element_rules.snapshot_id,
        element_rules.element_no,
        element_rules.trade,
        element_rules.rule_no,
        element_rules.is_undecided,
        element_rules.asked,
        rules.rule,
        rules.item,
        rules.title,
        rules.is_excluding,
        rules.unit,
        rules.si_unit,
        rules.unit_kind,
        classified_elements.code,
        classified_elements.title as code_title,
        classified_elements.code_source,
        classified_elements.asked as code_asked
    from element_rules
    left join rules
        on rules.rule_no = element_rules.rule_no
    left join classified_elements
        on classified_elements.snapshot_id = element_rules.snapshot_id
        and classified_elements.element_no = element_rules.element_no
    where element_rules.kind = 'measurement'
),
judged as (
    select
        measured.snapshot_id,
        measured.element_no,
        measured.trade,
        measured.rule_no,
        measured.rule,
        case
            when measured.is_undecided then 'undecided'
            when measured.rule_no is null then 'no rule'
            when measured.is_excluding then 'excluded'
            when coalesce(measured.item, measured.code) is not null then 'measured'
            when measured.code_asked is not null then 'undecided'
            else 'unclassified'
        end as state,
        not measured.is_undecided
        and measured.rule_no is not null
        and not measured.is_excluding as is_measured,
        coalesce(measured.item, measured.code) as item,
        case when measured.item is not null then measured.title else measured.code_title end
            as title,
        case when measured.item is not null then 'measurement rule' else measured.code_source end
            as item_source,
        coalesce(measured.asked, measured.code_asked) as asked,
        measured.unit,
        measured.si_unit,
        measured.unit_kind
    from measured
)
select
    asked_elements.snapshot_id,
    asked_elements.element_no,
    asked_elements.vendor,
    asked_elements.project_id,
    asked_elements.model_id,
    asked_elements.model_name,
    asked_elements.storey_name,
    asked_elements.ifc_class,
    asked_elements.type_name,
    judged.trade,
    judged.state,
    case when judged.state = 'measured' then judged.item end as item,
    case when judged.state = 'measured' then judged.title end as title,
    case when judged.state = 'measured' then judged.item_source end as item_source,
    case when judged.is_measured then judged.rule_no end as rule_no,
    judged.rule,
    case when judged.state = 'undecided' then judged.asked end as asked,
    case when judged.is_measured then judged.unit end as unit,
    case when judged.is_measured then judged.si_unit end as si_unit,
    case when judged.is_measured then judged.unit_kind end as unit_kind,
    formula_values.formula,
    formula_values.value_exact,
    coalesce(formula_values.is_doubtful, false) as is_doubtful,
    case
        when formula_values.value_exact is null then cast(null as varchar)
        when formula_values.lowest_basis < formula_values.highest_basis then 'mixed'
        else formula_values.lowest_basis
    end as basis
from judged
join asked_elements
    on asked_elements.snapshot_id = judged.snapshot_id
    and asked_elements.element_no = judged.element_no
left join formula_values
    on formula_values.snapshot_id = judged.snapshot_id
    and formula_values.element_no = judged.element_no
    and formula_values.rule_no = judged.rule_no
    and judged.is_measured
