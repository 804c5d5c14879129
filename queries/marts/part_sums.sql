-- title: What the direct parts of a whole have together, where the whole states a figure itself
-- grain: snapshot_id, element_no, quantity
-- column: with_figure bigint; direct parts that have the figure
-- column: parts_exact decimal; sum of their figures
-- `with_figure` of `parts` parts have it, stated or from their bodies; `parts_exact` is their sum.
with sizes as (
    select
        snapshot_id,
        whole_no,
        count(*) as parts
    from part_links
    group by snapshot_id, whole_no
),
sums as (
    select
        snapshot_id,
        whole_no,
        quantity,
        cast(sum(value_exact) as decimal(38, 12)) as parts_exact,
        count(value_exact) as with_figure
    from checked_figures
    where whole_no is not null
        and quantity in ('NetVolume', 'GrossVolume', 'NetWeight', 'GrossWeight')
    group by snapshot_id, whole_no, quantity
)
select
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity,
    sizes.parts,
    sums.with_figure,
    sums.parts_exact
from checked_figures
join sums
    on sums.snapshot_id = checked_figures.snapshot_id
    and sums.whole_no = checked_figures.element_no
    and sums.quantity = checked_figures.quantity
join sizes
    on sizes.snapshot_id = checked_figures.snapshot_id
    and sizes.whole_no = checked_figures.element_no
where checked_figures.basis in ('authored', 'vendor_calculated')
    and checked_figures.value_exact is not null
    and sums.with_figure > 0
