-- title: Figure in another unit than it says
-- why: One wall of 6 m3 written in mm3 under a unit of m3 makes a total of thousands of millions.
-- severity: error
-- param: tolerance decimal = 0.02; how far a figure may be from a unit's factor, as a share
-- Held against the body (its own quantity, else its gross or net sister), and where there is no
-- body against area x thickness, within a twentieth, and length x height x width, within a factor of
-- two.
with candidates as (
    select
        stated_figures.snapshot_id,
        stated_figures.element_no,
        stated_figures.quantity,
        stated_figures.kind,
        stated_figures.ordinal,
        stated_figures.value_exact
    from stated_figures
    join checked_figures
        on checked_figures.snapshot_id = stated_figures.snapshot_id
        and checked_figures.element_no = stated_figures.element_no
        and checked_figures.quantity = stated_figures.quantity
        and checked_figures.basis = stated_figures.basis
        and coalesce(checked_figures.source_set, '') = coalesce(stated_figures.source_set, '')
    where stated_figures.basis in ('authored', 'vendor_calculated')
        and stated_figures.kind in ('length', 'area', 'volume')
        and stated_figures.value_exact > 0
        and (
            checked_figures.is_doubtful
            or checked_figures.value_exact = stated_figures.value_exact
        )
),
sisters as (
    select
        snapshot_id,
        element_no,
        case
            when left(quantity, 3) = 'Net' then 'Gross' || substring(quantity, 4)
            else 'Net' || substring(quantity, 6)
        end as quantity,
        value_exact
    from body_figures
    where left(quantity, 3) = 'Net'
        or left(quantity, 5) = 'Gross'
),
sides as (
    select
        snapshot_id,
        element_no,
        max(case when quantity = 'Length' then value_exact end) as length_m,
        max(case when quantity = 'Height' then value_exact end) as height_m,
        max(case when quantity in ('Width', 'Thickness') then value_exact end) as width_m,
        max(case when quantity in ('NetArea', 'NetSideArea') then value_exact end) as net_m2,
        max(case when quantity in ('GrossArea', 'GrossSideArea') then value_exact end)
            as gross_m2,
        max(case when quantity = 'NetFloorArea' then value_exact end) as net_floor_m2,
        max(case when quantity = 'GrossFloorArea' then value_exact end) as gross_floor_m2
    from checked_figures
    where value_exact > 0
        and value_exact < 100000
    group by snapshot_id, element_no
),
products as (
    select
        snapshot_id,
        element_no,
        'NetVolume' as quantity,
        3 as place,
        coalesce(
            cast(net_m2 as double) * cast(width_m as double),
            cast(net_floor_m2 as double) * cast(height_m as double)
        ) as expected
    from sides
    union all
    select
        snapshot_id,
        element_no,
        'GrossVolume' as quantity,
        3 as place,
        coalesce(
            cast(gross_m2 as double) * cast(width_m as double),
            cast(gross_floor_m2 as double) * cast(height_m as double)
        ) as expected
    from sides
    union all
    select
        sides.snapshot_id,
        sides.element_no,
        volumes.quantity,
        4 as place,
        cast(sides.length_m as double)
        * cast(sides.height_m as double)
        * cast(sides.width_m as double) as expected
    from sides
    cross join (
        select 'NetVolume' as quantity
        union all
        select 'GrossVolume' as quantity
    ) as volumes
    union all
    select
        sides.snapshot_id,
        sides.element_no,
        areas.quantity,
        4 as place,
        cast(sides.length_m as double) * cast(sides.height_m as double) as expected
    from sides
    cross join (
        select 'NetSideArea' as quantity
        union all
        select 'GrossSideArea' as quantity
    ) as areas
),
expectations as (
    select
        candidates.snapshot_id,
        candidates.element_no,
        candidates.quantity,
        candidates.kind,
        candidates.ordinal,
        candidates.value_exact,
        1 as place,
        cast(body_figures.value_exact as double) as expected,
        body_figures.value_exact as body_exact
    from candidates
    join body_figures
        on body_figures.snapshot_id = candidates.snapshot_id
        and body_figures.element_no = candidates.element_no
        and body_figures.quantity = candidates.quantity
    union all
    select
        candidates.snapshot_id,
        candidates.element_no,
        candidates.quantity,
        candidates.kind,
        candidates.ordinal,
        candidates.value_exact,
        2 as place,
        cast(sisters.value_exact as double) as expected,
        body_figures.value_exact as body_exact
    from candidates
    join sisters
        on sisters.snapshot_id = candidates.snapshot_id
        and sisters.element_no = candidates.element_no
        and sisters.quantity = candidates.quantity
    left join body_figures
        on body_figures.snapshot_id = candidates.snapshot_id
        and body_figures.element_no = candidates.element_no
        and body_figures.quantity = candidates.quantity
    union all
    select
        candidates.snapshot_id,
        candidates.element_no,
        candidates.quantity,
        candidates.kind,
        candidates.ordinal,
        candidates.value_exact,
        products.place,
        products.expected,
        cast(null as decimal(32, 12)) as body_exact
    from candidates
    join products
        on products.snapshot_id = candidates.snapshot_id
        and products.element_no = candidates.element_no
        and products.quantity = candidates.quantity
    left join body_figures
        on body_figures.snapshot_id = candidates.snapshot_id
        and body_figures.element_no = candidates.element_no
        and body_figures.quantity = candidates.quantity
    where body_figures.element_no is null
),
slips as (
    select
        expectations.snapshot_id,
        expectations.element_no,
        expectations.quantity,
        expectations.place,
        expectations.body_exact,
        expectations.value_exact,
        unit_slips.factor,
        unit_slips.words,
        row_number() over (
            partition by
                expectations.snapshot_id,
                expectations.element_no,
                expectations.quantity
            order by expectations.place, expectations.ordinal, unit_slips.factor
        ) as slip_no
    from expectations
    join unit_slips
        on unit_slips.kind = expectations.kind
    where expectations.expected > 0
        and (
            (
                expectations.place < 3
                and abs(
                    cast(expectations.value_exact as double)
                    / (cast(unit_slips.factor as double) * expectations.expected)
                    - 1
                ) <= case when unit_slips.is_close then 0.0001 else cast($tolerance as double) end
            )
            or (
                expectations.place = 3
                and not unit_slips.is_close
                and cast(expectations.value_exact as double)
                between 0.95 * cast(unit_slips.factor as double) * expectations.expected
                and 1.05 * cast(unit_slips.factor as double) * expectations.expected
            )
            or (
                expectations.place = 4
                and not unit_slips.is_close
                and cast(expectations.value_exact as double)
                between 0.5 * cast(unit_slips.factor as double) * expectations.expected
                and 2 * cast(unit_slips.factor as double) * expectations.expected
            )
        )
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
    coalesce(
        slips.body_exact,
        cast(cast(slips.value_exact as double) / cast(slips.factor as double) as decimal(32, 12))
    ) as suspected_exact,
    coalesce(
        slips.body_exact,
        cast(cast(slips.value_exact as double) / cast(slips.factor as double) as decimal(32, 12))
    ) - coalesce(checked_figures.value_exact, 0) as effect_exact,
    'stated ' || cast(cast(slips.value_exact as decimal(38, 3)) as varchar) || ', '
    || case
        when slips.place = 1 then 'its body has '
            || cast(cast(slips.body_exact as decimal(38, 3)) as varchar)
        when slips.place = 2 then 'its body says otherwise, openings aside'
        else 'its measures multiply to another figure'
    end
    || ': ' || slips.words as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from slips
join checked_figures
    on checked_figures.snapshot_id = slips.snapshot_id
    and checked_figures.element_no = slips.element_no
    and checked_figures.quantity = slips.quantity
where slips.slip_no = 1
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
