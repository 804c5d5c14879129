-- title: What a whole takes from its parts
-- grain: snapshot_id, element_no, quantity
-- A whole without any usable figure of its own for a volume or weight takes the sum of its direct
-- parts' figures, if every part has one; a part that is a whole itself may have taken its own from
-- its parts before (three levels of wholes). A part that an earlier model holds already gives
-- nothing, and then no figure of the wholes above it is used: it would count that part twice. From a
-- part whose figure is left out as doubted, nothing is derived.
with giving_parts as (
    select
        part_links.snapshot_id,
        part_links.element_no,
        part_links.whole_no
    from part_links
    left join repeated_elements
        on repeated_elements.snapshot_id = part_links.snapshot_id
        and repeated_elements.element_no = part_links.element_no
    where repeated_elements.element_no is null
),
giving_wholes as (
    select
        snapshot_id,
        whole_no,
        count(*) as parts
    from giving_parts
    group by snapshot_id, whole_no
),
own_figures as (
    select distinct
        stated_figures.snapshot_id,
        stated_figures.element_no,
        stated_figures.quantity
    from stated_figures
    join wholes
        on wholes.snapshot_id = stated_figures.snapshot_id
        and wholes.element_no = stated_figures.element_no
    where wholes.touched_parts = 0
),
open_wholes as (
    select
        giving_wholes.snapshot_id,
        giving_wholes.whole_no as element_no,
        giving_parts.whole_no,
        asked_quantities.stated_quantity as quantity,
        giving_wholes.parts
    from giving_wholes
    join asked_quantities
        on asked_quantities.stated_quantity
        in ('NetVolume', 'GrossVolume', 'NetWeight', 'GrossWeight')
    join basis_order
        on basis_order.basis = 'derived'
    left join giving_parts
        on giving_parts.snapshot_id = giving_wholes.snapshot_id
        and giving_parts.element_no = giving_wholes.whole_no
    left join own_figures
        on own_figures.snapshot_id = giving_wholes.snapshot_id
        and own_figures.element_no = giving_wholes.whole_no
        and own_figures.quantity = asked_quantities.stated_quantity
    where own_figures.element_no is null
),
part_figures as (
    select
        picked_figures.snapshot_id,
        picked_figures.whole_no,
        picked_figures.quantity,
        picked_figures.kind,
        picked_figures.unit,
        case
            when doubted_figures.element_no is null then picked_figures.value_exact
        end as value_exact
    from picked_figures
    left join doubted_figures
        on doubted_figures.snapshot_id = picked_figures.snapshot_id
        and doubted_figures.element_no = picked_figures.element_no
        and doubted_figures.quantity = picked_figures.quantity
    left join repeated_elements
        on repeated_elements.snapshot_id = picked_figures.snapshot_id
        and repeated_elements.element_no = picked_figures.element_no
    left join wholes
        on wholes.snapshot_id = picked_figures.snapshot_id
        and wholes.element_no = picked_figures.element_no
        and wholes.touched_parts > 0
    where picked_figures.whole_no is not null
        and picked_figures.quantity in ('NetVolume', 'GrossVolume', 'NetWeight', 'GrossWeight')
        and repeated_elements.element_no is null
        and wholes.element_no is null
),
first_level as (
    select
        open_wholes.snapshot_id,
        open_wholes.element_no,
        open_wholes.whole_no,
        open_wholes.quantity,
        min(part_figures.kind) as kind,
        min(part_figures.unit) as unit,
        sum(part_figures.value_exact) as value_exact
    from open_wholes
    join part_figures
        on part_figures.snapshot_id = open_wholes.snapshot_id
        and part_figures.whole_no = open_wholes.element_no
        and part_figures.quantity = open_wholes.quantity
    group by
        open_wholes.snapshot_id,
        open_wholes.element_no,
        open_wholes.whole_no,
        open_wholes.quantity,
        open_wholes.parts
    having count(part_figures.value_exact) = open_wholes.parts
),
second_figures as (
    select
        snapshot_id,
        whole_no,
        quantity,
        kind,
        unit,
        value_exact
    from part_figures
    union all
    select
        snapshot_id,
        whole_no,
        quantity,
        kind,
        unit,
        value_exact
    from first_level
),
second_level as (
    select
        open_wholes.snapshot_id,
        open_wholes.element_no,
        open_wholes.whole_no,
        open_wholes.quantity,
        min(second_figures.kind) as kind,
        min(second_figures.unit) as unit,
        sum(second_figures.value_exact) as value_exact
    from open_wholes
    join second_figures
        on second_figures.snapshot_id = open_wholes.snapshot_id
        and second_figures.whole_no = open_wholes.element_no
        and second_figures.quantity = open_wholes.quantity
    group by
        open_wholes.snapshot_id,
        open_wholes.element_no,
        open_wholes.whole_no,
        open_wholes.quantity,
        open_wholes.parts
    having count(second_figures.value_exact) = open_wholes.parts
),
third_figures as (
    select
        snapshot_id,
        whole_no,
        quantity,
        kind,
        unit,
        value_exact
    from part_figures
    union all
    select
        snapshot_id,
        whole_no,
        quantity,
        kind,
        unit,
        value_exact
    from second_level
),
third_level as (
    select
        open_wholes.snapshot_id,
        open_wholes.element_no,
        open_wholes.quantity,
        open_wholes.parts,
        min(third_figures.kind) as kind,
        min(third_figures.unit) as unit,
        sum(third_figures.value_exact) as value_exact
    from open_wholes
    join third_figures
        on third_figures.snapshot_id = open_wholes.snapshot_id
        and third_figures.whole_no = open_wholes.element_no
        and third_figures.quantity = open_wholes.quantity
    group by
        open_wholes.snapshot_id,
        open_wholes.element_no,
        open_wholes.quantity,
        open_wholes.parts
    having count(third_figures.value_exact) = open_wholes.parts
)
select
    third_level.snapshot_id,
    third_level.element_no,
    elements.element_id,
    third_level.quantity,
    third_level.kind,
    third_level.unit,
    cast(third_level.value_exact as decimal(32, 12)) as value_exact,
    'sum of its ' || cast(third_level.parts as varchar) || ' parts; '
    || case
        when wholes.touched_parts > 0 then 'less what an earlier model holds of them'
        else 'it has no figure of its own'
    end as picked_because
from third_level
join wholes
    on wholes.snapshot_id = third_level.snapshot_id
    and wholes.element_no = third_level.element_no
join elements
    on elements.snapshot_id = third_level.snapshot_id
    and elements.element_no = third_level.element_no
