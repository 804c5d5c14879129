-- title: Figure of the whole, repeated on every piece
-- why: A wall cut into one piece per storey, each with the whole wall's volume, counts several times.
-- severity: error
-- param: tolerance decimal = 0.02; how near the bodies of the pieces must add up to it, as a share
-- Pieces: elements of one class in one model that share their whole, their id in the program that
-- drew them, or their name, and state the same figure. Honest equal pieces have bodies of that
-- size; here the bodies are smaller, and together they make the figure.
with figures as (
    select
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.ifc_class,
        checked_figures.quantity,
        checked_figures.value_exact,
        checked_figures.body_exact,
        case
            when checked_elements.whole_no is not null
                then 'part of ' || cast(checked_elements.whole_no as varchar)
            else coalesce(checked_elements.authoring_id, checked_elements.name)
        end as shared_key
    from checked_figures
    join checked_elements
        on checked_elements.snapshot_id = checked_figures.snapshot_id
        and checked_elements.element_no = checked_figures.element_no
    where checked_figures.basis in ('authored', 'vendor_calculated')
        and checked_figures.quantity in (
            'NetVolume', 'GrossVolume', 'NetSideArea', 'GrossSideArea', 'NetArea', 'GrossArea'
        )
        and checked_figures.value_exact > 0
        and checked_elements.role <> 'opening'
),
groups as (
    select
        snapshot_id,
        ifc_class,
        quantity,
        shared_key,
        value_exact,
        count(*) as pieces,
        count(body_exact) as bodies,
        cast(sum(body_exact) as decimal(38, 12)) as bodies_sum,
        max(body_exact) as largest_body
    from figures
    where shared_key is not null
    group by
        snapshot_id,
        ifc_class,
        quantity,
        shared_key,
        value_exact
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
    checked_figures.body_exact as suspected_exact,
    checked_figures.body_exact - checked_figures.value_exact as effect_exact,
    'the same on ' || cast(groups.pieces as varchar)
    || ' pieces, whose bodies make it together: '
    || cast(cast(groups.bodies_sum as decimal(38, 3)) as varchar) as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from groups
join figures
    on figures.snapshot_id = groups.snapshot_id
    and figures.ifc_class = groups.ifc_class
    and figures.quantity = groups.quantity
    and figures.shared_key = groups.shared_key
    and figures.value_exact = groups.value_exact
join checked_figures
    on checked_figures.snapshot_id = figures.snapshot_id
    and checked_figures.element_no = figures.element_no
    and checked_figures.quantity = figures.quantity
where groups.pieces > 1
    and groups.bodies = groups.pieces
    and cast(groups.largest_body as double) < cast(groups.value_exact as double) * 0.98
    and abs(
        cast(groups.bodies_sum as double) / cast(groups.value_exact as double) - 1
    ) <= cast($tolerance as double)
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
