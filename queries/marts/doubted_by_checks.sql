-- title: Figures that checks show to be wrong, and those that rest on them
-- grain: snapshot_id, element_no, quantity
-- column: check_name text; the check that shows it
-- column: effect_exact decimal; what the right figure adds; null if nobody knows
-- Of the findings of an audit (audit_findings), those of severity error that name a quantity; and the
-- wholes whose figure is the sum of such a part's and others, three levels up. `effect_exact` is what
-- the right figure does to the element's; null if it is not known.
with own as (
    select
        audit_findings.snapshot_id,
        audit_findings.element_no,
        audit_findings.quantity,
        audit_findings.suspected_exact,
        audit_findings.check_name,
        row_number() over (
            partition by
                audit_findings.snapshot_id,
                audit_findings.element_no,
                audit_findings.quantity
            order by
                case when audit_findings.suspected_exact is null then 1 else 0 end,
                audit_findings.check_name
        ) as finding_no
    from audit_findings
    where audit_findings.severity = 'error'
        and audit_findings.element_no is not null
        and audit_findings.quantity is not null
),
first_level as (
    select
        own.snapshot_id,
        own.element_no,
        own.quantity,
        own.check_name,
        checked_figures.whole_no,
        own.suspected_exact - coalesce(checked_figures.value_exact, 0) as effect_exact
    from own
    join checked_figures
        on checked_figures.snapshot_id = own.snapshot_id
        and checked_figures.element_no = own.element_no
        and checked_figures.quantity = own.quantity
    where own.finding_no = 1
),
second_level as (
    select
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.quantity,
        min(first_level.check_name) as check_name,
        checked_figures.whole_no,
        case
            when count(first_level.effect_exact) = count(*)
                then cast(sum(first_level.effect_exact) as decimal(38, 12))
        end as effect_exact
    from first_level
    join checked_figures
        on checked_figures.snapshot_id = first_level.snapshot_id
        and checked_figures.element_no = first_level.whole_no
        and checked_figures.quantity = first_level.quantity
        and checked_figures.basis = 'derived'
    group by
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.quantity,
        checked_figures.whole_no
),
third_level as (
    select
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.quantity,
        min(second_level.check_name) as check_name,
        case
            when count(second_level.effect_exact) = count(*)
                then cast(sum(second_level.effect_exact) as decimal(38, 12))
        end as effect_exact
    from second_level
    join checked_figures
        on checked_figures.snapshot_id = second_level.snapshot_id
        and checked_figures.element_no = second_level.whole_no
        and checked_figures.quantity = second_level.quantity
        and checked_figures.basis = 'derived'
    group by
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.quantity
),
every_level as (
    select
        snapshot_id,
        element_no,
        quantity,
        check_name,
        cast(effect_exact as decimal(38, 12)) as effect_exact,
        1 as level
    from first_level
    union all
    select
        snapshot_id,
        element_no,
        quantity,
        check_name,
        effect_exact,
        2 as level
    from second_level
    union all
    select
        snapshot_id,
        element_no,
        quantity,
        check_name,
        effect_exact,
        3 as level
    from third_level
),
ranked as (
    select
        snapshot_id,
        element_no,
        quantity,
        check_name,
        effect_exact,
        row_number() over (
            partition by snapshot_id, element_no, quantity
            order by level
        ) as place
    from every_level
)
select
    snapshot_id,
    element_no,
    quantity,
    check_name,
    effect_exact
from ranked
where place = 1
