-- title: The code of each element in the classification that is in use
-- grain: snapshot_id, element_no
-- kept: a pass over the codes and one row an element
-- column: code_source text; model, rule, or null if it has no code
-- code_source: model (as it states, or the longest code of the table that this begins with), rule,
-- or null. Two codes in one model that are not the same make it undecided; `asked` names them, or
-- what the mapping rule asks and nobody knows.
with stated as (
    select distinct
        codes.snapshot_id,
        codes.element_no,
        trim(codes.code) as code,
        codes.title,
        classification_names.is_checked
    from codes
    join classification_names
        on classification_names.code_system = codes.system
    where trim(codes.code) <> ''
),
known as (
    select
        stated.snapshot_id,
        stated.element_no,
        stated.code as stated_code,
        code_table.code,
        code_table.title,
        row_number() over (
            partition by stated.snapshot_id, stated.element_no, stated.code
            order by length(code_table.code) desc, stated.title nulls last
        ) as place
    from stated
    join code_table
        on stated.code = code_table.code
        or left(stated.code, length(code_table.code)) = code_table.code
    where stated.is_checked
    union all
    select
        snapshot_id,
        element_no,
        code as stated_code,
        code,
        title,
        row_number() over (
            partition by snapshot_id, element_no, code order by title nulls last
        ) as place
    from stated
    where not is_checked
),
of_models as (
    select
        snapshot_id,
        element_no,
        case when min(code) = max(code) then min(code) end as code,
        case when min(code) = max(code) then min(title) end as title,
        case when min(code) < max(code) then min(code) || ' or ' || max(code) end as asked
    from known
    where place = 1
    group by snapshot_id, element_no
),
of_rules as (
    select
        element_rules.snapshot_id,
        element_rules.element_no,
        element_rules.is_undecided,
        element_rules.asked,
        rules.item as code,
        code_table.title
    from element_rules
    left join rules
        on rules.rule_no = element_rules.rule_no
    left join code_table
        on code_table.code = rules.item
    where element_rules.kind = 'classification'
)
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    case
        when of_models.element_no is not null then of_models.code
        when not of_rules.is_undecided then of_rules.code
    end as code,
    case
        when of_models.element_no is not null then of_models.title
        when not of_rules.is_undecided then of_rules.title
    end as title,
    case
        when of_models.code is not null then 'model'
        when of_models.element_no is null and not of_rules.is_undecided
            and of_rules.code is not null then 'rule'
    end as code_source,
    case
        when of_models.element_no is not null then of_models.asked
        else of_rules.asked
    end as asked
from counted_elements
left join of_models
    on of_models.snapshot_id = counted_elements.snapshot_id
    and of_models.element_no = counted_elements.element_no
left join of_rules
    on of_rules.snapshot_id = counted_elements.snapshot_id
    and of_rules.element_no = counted_elements.element_no
where counted_elements.counted
