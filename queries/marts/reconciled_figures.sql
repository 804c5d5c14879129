-- title: The figures of elements that count in either of two sources, side by side
-- grain: pair_no, old_no, new_no, quantity
-- a is the first source, b the other; null if it has no usable figure there. Quantity Count is 1 for
-- an element that counts. deviation: the difference as a share of the greater of both figures; null
-- if either is unknown, or if their units differ.
with figures as (
    select
        compared_sides.pair_no,
        compared_sides.old_no,
        compared_sides.new_no,
        takeoff_figures.quantity,
        max(takeoff_figures.unit) as unit,
        min(takeoff_figures.unit) = max(takeoff_figures.unit) as is_one_unit,
        max(case when compared_sides.side = 'old' then takeoff_figures.value_exact end) as a_value,
        max(case when compared_sides.side = 'new' then takeoff_figures.value_exact end) as b_value
    from takeoff_figures
    join compared_sides
        on compared_sides.snapshot_id = takeoff_figures.snapshot_id
        and compared_sides.element_no = takeoff_figures.element_no
    where takeoff_figures.is_figure
    group by
        compared_sides.pair_no,
        compared_sides.old_no,
        compared_sides.new_no,
        takeoff_figures.quantity
)
select
    pair_no,
    old_no,
    new_no,
    quantity,
    unit,
    a_value,
    b_value,
    case
        when not is_one_unit then null
        when a_value = b_value then cast(0 as double)
        else
            cast(abs(b_value - a_value) as double)
            / greatest(abs(cast(a_value as double)), abs(cast(b_value as double)))
    end as deviation
from figures
