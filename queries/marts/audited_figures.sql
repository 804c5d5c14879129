-- title: Every figure that is added up, or should be, and whether it can be believed
-- grain: snapshot_id, element_no, quantity
-- column: is_space boolean; a space, which is measured but not built
-- Of the elements that count, and of spaces (`is_space`). `state`: believed; doubtful (a check shows
-- that it is wrong, or figures of one set disagree); missing (the element's class should have it, or
-- it is stated without a usable value). `effect_exact` is what the right figure does to the total, 0
-- if it is believed, null if nobody knows.
with twins as (
    select
        snapshot_id,
        element_no,
        quantity,
        max(suspected_exact) as suspected_exact
    from audit_findings
    where check_name = 'same_quantity_twice'
    group by snapshot_id, element_no, quantity
),
lacking as (
    select
        snapshot_id,
        element_no,
        quantity,
        max(suspected_exact) as suspected_exact
    from audit_findings
    where check_name = 'missing_quantity'
        and element_no is not null
        and quantity is not null
    group by snapshot_id, element_no, quantity
    union
    select
        unusable_figures.snapshot_id,
        unusable_figures.element_no,
        unusable_figures.quantity,
        cast(null as decimal(32, 12)) as suspected_exact
    from unusable_figures
),
lacking_once as (
    select
        snapshot_id,
        element_no,
        quantity,
        max(suspected_exact) as suspected_exact
    from lacking
    group by snapshot_id, element_no, quantity
)
select
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.role = 'space' as is_space,
    checked_figures.quantity,
    checked_figures.unit,
    case
        when checked_figures.is_doubtful or doubted_by_checks.element_no is not null
            then 'doubtful'
        else 'believed'
    end as state,
    checked_figures.value_exact,
    case
        when doubted_by_checks.element_no is not null then doubted_by_checks.effect_exact
        when checked_figures.is_doubtful then cast(twins.suspected_exact as decimal(38, 12))
        else cast(0 as decimal(38, 12))
    end as effect_exact
from checked_figures
left join doubted_by_checks
    on doubted_by_checks.snapshot_id = checked_figures.snapshot_id
    and doubted_by_checks.element_no = checked_figures.element_no
    and doubted_by_checks.quantity = checked_figures.quantity
left join twins
    on twins.snapshot_id = checked_figures.snapshot_id
    and twins.element_no = checked_figures.element_no
    and twins.quantity = checked_figures.quantity
where checked_figures.counted
    or checked_figures.role = 'space'
union all
select
    lacking_once.snapshot_id,
    lacking_once.element_no,
    checked_elements.role = 'space' as is_space,
    lacking_once.quantity,
    cast(null as varchar) as unit,
    'missing' as state,
    cast(null as decimal(32, 12)) as value_exact,
    cast(lacking_once.suspected_exact as decimal(38, 12)) as effect_exact
from lacking_once
join checked_elements
    on checked_elements.snapshot_id = lacking_once.snapshot_id
    and checked_elements.element_no = lacking_once.element_no
left join checked_figures
    on checked_figures.snapshot_id = lacking_once.snapshot_id
    and checked_figures.element_no = lacking_once.element_no
    and checked_figures.quantity = lacking_once.quantity
where checked_figures.element_no is null
    and (checked_elements.counted or checked_elements.role = 'space')
