-- title: The figures of matched elements, old beside new
-- grain: pair_no, old_no, new_no, quantity
-- column: differs boolean; the two values are not the same
-- The figures picked, of the bases and quantities asked. A value is null if that side has no usable
-- figure. `differs`: by more than a millionth, or known on one side only; between two vendors only
-- what both know can differ.
with sides as (
    select
        element_matches.pair_no,
        element_matches.old_no,
        element_matches.new_no,
        'old' as side,
        element_matches.old_snapshot_id as snapshot_id,
        element_matches.old_no as element_no
    from element_matches
    union all
    select
        element_matches.pair_no,
        element_matches.old_no,
        element_matches.new_no,
        'new' as side,
        element_matches.new_snapshot_id as snapshot_id,
        element_matches.new_no as element_no
    from element_matches
),
figures as (
    select
        sides.pair_no,
        sides.old_no,
        sides.new_no,
        element_quantities.quantity,
        max(element_quantities.unit) as unit,
        min(element_quantities.unit) = max(element_quantities.unit) as is_one_unit,
        max(case when sides.side = 'old' then element_quantities.value_exact end) as old_value,
        max(case when sides.side = 'new' then element_quantities.value_exact end) as new_value
    from sides
    join element_quantities
        on element_quantities.snapshot_id = sides.snapshot_id
        and element_quantities.element_no = sides.element_no
    group by sides.pair_no, sides.old_no, sides.new_no, element_quantities.quantity
)
select
    figures.pair_no,
    figures.old_no,
    figures.new_no,
    figures.quantity,
    figures.unit,
    figures.old_value,
    figures.new_value,
    case
        when figures.old_value is null and figures.new_value is null then false
        when figures.old_value is null or figures.new_value is null
            then old_snapshots.vendor = new_snapshots.vendor
        when not figures.is_one_unit then true
        else cast(abs(figures.new_value - figures.old_value) as double)
            > 0.000001 * greatest(
                abs(cast(figures.old_value as double)), abs(cast(figures.new_value as double))
            )
    end as differs
from figures
join compared_pairs
    on compared_pairs.pair_no = figures.pair_no
join selected_snapshots as old_snapshots
    on old_snapshots.snapshot_id = compared_pairs.old_snapshot_id
join selected_snapshots as new_snapshots
    on new_snapshots.snapshot_id = compared_pairs.new_snapshot_id
