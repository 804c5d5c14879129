-- title: Area contradicted by volume and thickness
-- why: An area that collapsed is not seen in a total of volumes, and the price by area is wrong.
-- severity: error
-- param: tolerance decimal = 0.2; how far area x thickness may be from the volume, as a share
-- Named only if the volume is not at fault: the body does not agree with the area, or, with nothing
-- known of the body, the area is less than half or more than twice volume / thickness. A gross area
-- may also be too small for the net volume.
with thicknesses as (
    select
        snapshot_id,
        element_no,
        min(value_exact) as lowest,
        max(value_exact) as highest
    from checked_figures
    where quantity in ('Width', 'Thickness')
        and value_exact > 0
        and ifc_class in ('Wall', 'Slab', 'Covering', 'Plate', 'Roof')
    group by snapshot_id, element_no
),
pairs as (
    select
        area.snapshot_id,
        area.element_no,
        area.quantity,
        left(area.quantity, 3) = left(volume.quantity, 3) as is_sister,
        cast(area.value_exact as double)
        * cast(thicknesses.highest as double)
        / cast(volume.value_exact as double) as ratio,
        cast(volume.value_exact as double) / cast(thicknesses.highest as double) as expected
    from checked_figures as area
    join checked_figures as volume
        on volume.snapshot_id = area.snapshot_id
        and volume.element_no = area.element_no
    join thicknesses
        on thicknesses.snapshot_id = area.snapshot_id
        and thicknesses.element_no = area.element_no
        and thicknesses.lowest = thicknesses.highest
    where area.quantity in ('NetArea', 'GrossArea', 'NetSideArea', 'GrossSideArea')
        and volume.quantity in ('NetVolume', 'GrossVolume')
        and area.basis in ('authored', 'vendor_calculated')
        and area.value_exact > 0
        and volume.value_exact > 0
        and coalesce(
            abs(
                cast(volume.value_exact as double) / nullif(cast(volume.body_exact as double), 0)
                - 1
            ) <= 0.05,
            true
        )
),
compared as (
    select
        snapshot_id,
        element_no,
        quantity,
        ratio,
        expected,
        row_number() over (
            partition by snapshot_id, element_no, quantity
            order by case when is_sister then 0 else 1 end
        ) as place
    from pairs
    where is_sister
        or (left(quantity, 5) = 'Gross' and ratio < 1)
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
    coalesce(checked_figures.body_exact, cast(compared.expected as decimal(32, 12)))
        as suspected_exact,
    coalesce(checked_figures.body_exact, cast(compared.expected as decimal(32, 12)))
    - checked_figures.value_exact as effect_exact,
    'volume / thickness is '
    || cast(cast(compared.expected as decimal(38, 3)) as varchar) as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from compared
join checked_figures
    on checked_figures.snapshot_id = compared.snapshot_id
    and checked_figures.element_no = compared.element_no
    and checked_figures.quantity = compared.quantity
where compared.place = 1
    and abs(compared.ratio - 1) > cast($tolerance as double)
    and case
        when checked_figures.body_exact is null then compared.ratio < 0.5 or compared.ratio > 2
        else abs(
            cast(checked_figures.value_exact as double)
            / nullif(cast(checked_figures.body_exact as double), 0)
            - 1
        ) > 0.1
    end
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
