-- title: Doors and windows with their sizes
-- grain: snapshot_id, element_no
-- column: is_sized boolean; width and height are known
-- `width_mm` and `height_mm` are Width and Height as picked, in whole millimetres, so that figures
-- that differ by nothing but rounding are one size; null if unknown or doubtful. `is_sized`: both
-- are known. `value_exact` is their product, the area; null unless the element is listed
-- (scheduled_elements).
with openings as (
    select
        snapshot_id,
        element_no,
        vendor,
        project_id,
        model_id,
        model_name,
        building_id,
        building_name,
        storey_name,
        storey_elevation_m,
        ifc_class,
        type_name,
        mark,
        is_external,
        part_of,
        state,
        is_listed
    from scheduled_elements
    where schedule in ('doors', 'windows')
),
sizes as (
    select
        openings.snapshot_id,
        openings.element_no,
        max(
            case
                when element_quantities.quantity = 'Width'
                    then try_cast(round(element_quantities.value_exact, 3) as decimal(12, 3))
            end
        ) as width_m,
        max(
            case
                when element_quantities.quantity = 'Height'
                    then try_cast(round(element_quantities.value_exact, 3) as decimal(12, 3))
            end
        ) as height_m,
        max(case when element_quantities.is_doubtful then 1 else 0 end) as is_doubtful,
        min(element_quantities.basis) as lowest_basis,
        max(element_quantities.basis) as highest_basis
    from openings
    join element_quantities
        on element_quantities.snapshot_id = openings.snapshot_id
        and element_quantities.element_no = openings.element_no
        and element_quantities.quantity in ('Width', 'Height')
    group by openings.snapshot_id, openings.element_no
)
select
    openings.snapshot_id,
    openings.element_no,
    openings.vendor,
    openings.project_id,
    openings.model_id,
    openings.model_name,
    openings.building_id,
    openings.building_name,
    openings.storey_name,
    openings.storey_elevation_m,
    openings.ifc_class,
    openings.type_name,
    openings.mark,
    openings.is_external,
    openings.part_of,
    openings.state,
    cast(sizes.width_m * 1000 as bigint) as width_mm,
    cast(sizes.height_m * 1000 as bigint) as height_mm,
    openings.is_listed,
    case when openings.is_listed then sizes.width_m * sizes.height_m end as value_exact,
    'm2' as unit,
    case
        when sizes.lowest_basis < sizes.highest_basis then 'mixed'
        else sizes.lowest_basis
    end as basis,
    sizes.width_m is not null and sizes.height_m is not null as is_sized,
    coalesce(sizes.is_doubtful, 0) = 1 as is_doubtful,
    case when sizes.is_doubtful = 0 then sizes.lowest_basis end as lowest_basis,
    case when sizes.is_doubtful = 0 then sizes.highest_basis end as highest_basis
from openings
left join sizes
    on sizes.snapshot_id = openings.snapshot_id
    and sizes.element_no = openings.element_no
