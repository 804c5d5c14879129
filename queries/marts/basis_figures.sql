-- title: The figure of each basis that a formula asks by name
-- grain: snapshot_id, element_no, quantity, basis
-- As in picked_figures, but each basis by itself; figures of one set that differ by more than a
-- millionth, or that a check shows to be wrong, are doubtful. Derived figures are those of wholes.
with asked as (
    select distinct
        quantity,
        basis
    from rule_figure_names
    where basis is not null
),
ranked as (
    select
        stated_figures.snapshot_id,
        stated_figures.element_no,
        stated_figures.quantity,
        stated_figures.basis,
        stated_figures.value_exact,
        stated_figures.ordinal,
        rank() over (
            partition by
                stated_figures.snapshot_id,
                stated_figures.element_no,
                stated_figures.quantity,
                stated_figures.basis
            order by stated_figures.place, stated_figures.source_set nulls last
        ) as set_rank
    from stated_figures
    join asked
        on asked.quantity = stated_figures.quantity
        and asked.basis = stated_figures.basis
),
sets as (
    select
        snapshot_id,
        element_no,
        quantity,
        basis,
        min(value_exact) as lowest,
        max(value_exact) as highest
    from ranked
    where set_rank = 1
    group by snapshot_id, element_no, quantity, basis
),
judged as (
    select
        sets.snapshot_id,
        sets.element_no,
        sets.quantity,
        sets.basis,
        sets.lowest,
        doubted_figures.element_no is not null
        or cast(sets.highest - sets.lowest as double) > 0.000001
        * greatest(abs(cast(sets.highest as double)), abs(cast(sets.lowest as double)))
            as is_doubtful
    from sets
    left join doubted_figures
        on doubted_figures.snapshot_id = sets.snapshot_id
        and doubted_figures.element_no = sets.element_no
        and doubted_figures.quantity = sets.quantity
)
select
    snapshot_id,
    element_no,
    quantity,
    basis,
    case when not is_doubtful then lowest end as value_exact,
    is_doubtful
from judged
union all
select
    element_quantities.snapshot_id,
    element_quantities.element_no,
    element_quantities.quantity,
    element_quantities.basis,
    element_quantities.value_exact,
    element_quantities.is_doubtful
from element_quantities
join asked
    on asked.quantity = element_quantities.quantity
    and asked.basis = element_quantities.basis
where element_quantities.basis = 'derived'
    and element_quantities.origin = 'rule'
