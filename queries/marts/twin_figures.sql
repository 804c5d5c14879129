-- title: Figures of elements that do not count, where the copy that counts has none or another
-- grain: snapshot_id, element_no, quantity
-- column: first_value_exact decimal; figure of the copy that counts; null if it has none
-- The element is one that an earlier model holds already (see element_twins); `first_...` is its
-- copy there. Figures that differ by no more than a millionth are the same.
with figures as (
    select
        snapshot_id,
        element_no,
        element_id,
        quantity,
        unit,
        value_exact
    from element_quantities
    where value_exact is not null
)
select
    figures.snapshot_id,
    figures.element_no,
    figures.element_id,
    element_twins.first_snapshot_id,
    element_twins.first_element_no,
    figures.quantity,
    figures.unit,
    figures.value_exact,
    first_figures.value_exact as first_value_exact
from element_twins
join figures
    on figures.snapshot_id = element_twins.snapshot_id
    and figures.element_no = element_twins.element_no
left join figures as first_figures
    on first_figures.snapshot_id = element_twins.first_snapshot_id
    and first_figures.element_no = element_twins.first_element_no
    and first_figures.quantity = figures.quantity
where first_figures.value_exact is null
    or cast(abs(figures.value_exact - first_figures.value_exact) as double)
    > 0.000001 * greatest(
        abs(cast(figures.value_exact as double)), abs(cast(first_figures.value_exact as double))
    )
