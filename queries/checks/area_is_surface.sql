-- title: Area that is the whole surface, or both faces
-- why: Priced by area, every such element costs at least twice what it should.
-- severity: error
-- param: tolerance decimal = 0.0005; how near the area must be to the surface, as a share
-- Held against the body: its whole surface, half of it, or twice its own area, while its own area
-- is another.
with surfaces as (
    select
        snapshot_id,
        element_no,
        quantity,
        value_exact
    from body_figures
    where quantity in ('NetSurfaceArea', 'GrossSurfaceArea')
),
stated as (
    select
        checked_figures.snapshot_id,
        checked_figures.element_no,
        checked_figures.quantity,
        stated_figures.value_exact,
        checked_figures.body_exact
    from checked_figures
    join stated_figures
        on stated_figures.snapshot_id = checked_figures.snapshot_id
        and stated_figures.element_no = checked_figures.element_no
        and stated_figures.quantity = checked_figures.quantity
        and stated_figures.basis = checked_figures.basis
        and coalesce(stated_figures.source_set, '') = coalesce(checked_figures.source_set, '')
    where checked_figures.quantity in (
        'Area', 'NetArea', 'GrossArea', 'NetSideArea', 'GrossSideArea', 'NetFloorArea',
        'GrossFloorArea'
    )
        and checked_figures.basis in ('authored', 'vendor_calculated')
        and checked_figures.body_exact > 0
        and stated_figures.value_exact > 0
        and (
            checked_figures.is_doubtful
            or checked_figures.value_exact = stated_figures.value_exact
        )
        and abs(
            cast(stated_figures.value_exact as double)
            / cast(checked_figures.body_exact as double)
            - 1
        ) > 0.05
),
likenesses as (
    select
        stated.snapshot_id,
        stated.element_no,
        stated.quantity,
        stated.value_exact,
        case
            when abs(
                cast(stated.value_exact as double) / cast(surfaces.value_exact as double) - 1
            ) <= cast($tolerance as double)
                then 'the whole surface of its body'
            when abs(
                cast(stated.value_exact as double) / cast(stated.body_exact as double) - 2
            ) <= 2 * cast($tolerance as double)
                then 'both of its faces'
            when abs(
                2 * cast(stated.value_exact as double) / cast(surfaces.value_exact as double) - 1
            ) <= cast($tolerance as double)
                then 'half the surface of its body, edges and all'
        end as likeness
    from stated
    join surfaces
        on surfaces.snapshot_id = stated.snapshot_id
        and surfaces.element_no = stated.element_no
),
found as (
    select
        snapshot_id,
        element_no,
        quantity,
        max(likeness) as likeness
    from likenesses
    where likeness is not null
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
    checked_figures.body_exact as suspected_exact,
    checked_figures.body_exact - coalesce(checked_figures.value_exact, 0) as effect_exact,
    'it is ' || found.likeness || '; its body has an area of '
    || cast(cast(checked_figures.body_exact as decimal(38, 3)) as varchar) as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from found
join checked_figures
    on checked_figures.snapshot_id = found.snapshot_id
    and checked_figures.element_no = found.element_no
    and checked_figures.quantity = found.quantity
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
