-- title: What a whole takes from its parts
-- grain: snapshot_id, element_no, quantity
-- A whole without any usable figure of its own for a volume or weight takes the sum of its direct
-- parts' picked figures, if every part has one.
with wholes as (
    select
        snapshot_id,
        whole_no,
        count(*) as parts
    from part_links
    group by snapshot_id, whole_no
),
part_sums as (
    select
        snapshot_id,
        whole_no,
        quantity,
        min(kind) as kind,
        min(unit) as unit,
        sum(value_exact) as value_exact,
        count(value_exact) as parts_with_value
    from picked_figures
    where whole_no is not null
        and quantity in ('NetVolume', 'GrossVolume', 'NetWeight', 'GrossWeight')
    group by snapshot_id, whole_no, quantity
),
own_figures as (
    select distinct
        wholes.snapshot_id,
        wholes.whole_no,
        stated_figures.quantity
    from wholes
    join stated_figures
        on stated_figures.snapshot_id = wholes.snapshot_id
        and stated_figures.element_no = wholes.whole_no
)
select
    wholes.snapshot_id,
    wholes.whole_no as element_no,
    elements.element_id,
    part_sums.quantity,
    part_sums.kind,
    part_sums.unit,
    cast(part_sums.value_exact as decimal(32, 12)) as value_exact,
    'sum of its ' || cast(wholes.parts as varchar) || ' parts; it has no figure of its own'
        as picked_because
from wholes
join elements
    on elements.snapshot_id = wholes.snapshot_id
    and elements.element_no = wholes.whole_no
join part_sums
    on part_sums.snapshot_id = wholes.snapshot_id
    and part_sums.whole_no = wholes.whole_no
    and part_sums.parts_with_value = wholes.parts
join basis_order
    on basis_order.basis = 'derived'
left join own_figures
    on own_figures.snapshot_id = part_sums.snapshot_id
    and own_figures.whole_no = part_sums.whole_no
    and own_figures.quantity = part_sums.quantity
where own_figures.quantity is null
