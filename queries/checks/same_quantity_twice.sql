-- title: Same quantity twice in one set, with different values
-- why: Readers pick the first, the last or the sum; reports here pick none, so totals are short.
-- severity: warning
-- param: tolerance decimal = 0.01; how far two figures may differ to count as one, as a share
-- Suspected right: the twin that the body agrees with, else the body's own figure, else the twin
-- that another set agrees with.
with twins as (
    select
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.quantity,
        stated_figures.value_exact,
        stated_figures.ordinal,
        case
            when abs(
                cast(stated_figures.value_exact as double)
                / nullif(cast(checked_figures.body_exact as double), 0)
                - 1
            ) <= cast($tolerance as double)
                then 1
        end as is_body,
        case
            when exists (
                select 1
                from stated_figures as others
                where others.snapshot_id = stated_figures.snapshot_id
                    and others.element_no = stated_figures.element_no
                    and others.quantity = stated_figures.quantity
                    and others.basis in ('authored', 'vendor_calculated')
                    and coalesce(others.source_set, '') <> coalesce(stated_figures.source_set, '')
                    and abs(
                        cast(others.value_exact as double)
                        / nullif(cast(stated_figures.value_exact as double), 0)
                        - 1
                    ) <= cast($tolerance as double)
            )
                then 1
        end as is_elsewhere
    from checked_figures
    join stated_figures
        on stated_figures.snapshot_id = checked_figures.snapshot_id
        and stated_figures.element_no = checked_figures.element_no
        and stated_figures.quantity = checked_figures.quantity
        and stated_figures.basis = checked_figures.basis
        and coalesce(stated_figures.source_set, '') = coalesce(checked_figures.source_set, '')
    where checked_figures.is_doubtful
),
judged as (
    select
        snapshot_id,
        element_no,
        quantity,
        min(value_exact) as lowest,
        max(value_exact) as highest,
        min(case when is_body = 1 then value_exact end) as body_twin,
        min(case when is_elsewhere = 1 then value_exact end) as elsewhere_twin
    from twins
    group by snapshot_id, element_no, quantity
)
select
    checked_figures.model_id,
    checked_figures.element_id,
    checked_figures.element_no,
    checked_figures.snapshot_id,
    checked_figures.ifc_class,
    checked_figures.name,
    checked_figures.quantity,
    checked_figures.unit,
    checked_figures.value_exact,
    coalesce(judged.body_twin, checked_figures.body_exact, judged.elsewhere_twin)
        as suspected_exact,
    coalesce(judged.body_twin, checked_figures.body_exact, judged.elsewhere_twin)
        as effect_exact,
    'from ' || cast(cast(judged.lowest as decimal(38, 3)) as varchar)
    || ' to ' || cast(cast(judged.highest as decimal(38, 3)) as varchar)
    || ' in one set; '
    || case
        when judged.body_twin is not null then 'its body agrees with one of them'
        when checked_figures.body_exact is not null then 'its body agrees with none of them'
        when judged.elsewhere_twin is not null then 'another set agrees with one of them'
        else 'nothing says which is right'
    end as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from judged
join checked_figures
    on checked_figures.snapshot_id = judged.snapshot_id
    and checked_figures.element_no = judged.element_no
    and checked_figures.quantity = judged.quantity
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
