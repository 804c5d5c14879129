-- title: Spaces with their areas, volumes and heights
-- grain: snapshot_id, element_no
-- Of the storeys asked. state: listed, or why its figures are not in sums: other_source (an
-- earlier model of the project holds the space), failed_check or older_revision. `height_mm` is
-- Height in whole millimetres; null if unknown or doubtful. `is_doubtful`: a figure shown is.
with spaces as (
    select
        counted_elements.snapshot_id,
        counted_elements.element_no,
        counted_elements.vendor,
        counted_elements.project_id,
        counted_elements.model_id,
        counted_elements.model_name,
        counted_elements.element_id,
        counted_elements.building_id,
        counted_elements.building_name,
        counted_elements.storey_name,
        counted_elements.storey_elevation_m,
        counted_elements.ifc_class,
        counted_elements.predefined_type,
        case
            when counted_elements.not_counted_reason = 'older_revision' then 'older_revision'
            when repeated_spaces.element_no is not null then 'other_source'
            when doubted_elements.element_no is not null then 'failed_check'
            else 'listed'
        end as state
    from counted_elements
    left join repeated_spaces
        on repeated_spaces.snapshot_id = counted_elements.snapshot_id
        and repeated_spaces.element_no = counted_elements.element_no
    left join doubted_elements
        on doubted_elements.snapshot_id = counted_elements.snapshot_id
        and doubted_elements.element_no = counted_elements.element_no
    where counted_elements.role = 'space'
        and (
            counted_elements.storey_name in (select storeys_asked.storey_name from storeys_asked)
            or not exists (select 1 from storeys_asked)
        )
),
figures as (
    select
        spaces.snapshot_id,
        spaces.element_no,
        max(
            case
                when element_quantities.quantity = 'Height'
                    then try_cast(round(element_quantities.value_exact, 3) as decimal(12, 3))
            end
        ) as height_m,
        max(
            case
                when element_quantities.quantity = 'NetFloorArea'
                    then element_quantities.value_exact
            end
        ) as net_floor_area_m2,
        max(
            case
                when element_quantities.quantity = 'GrossFloorArea'
                    then element_quantities.value_exact
            end
        ) as gross_floor_area_m2,
        max(
            case
                when element_quantities.quantity = 'NetVolume' then element_quantities.value_exact
            end
        ) as net_volume_m3,
        max(
            case
                when element_quantities.quantity = 'GrossVolume'
                    then element_quantities.value_exact
            end
        ) as gross_volume_m3,
        max(case when element_quantities.is_doubtful then 1 else 0 end) as is_doubtful,
        min(case when not element_quantities.is_doubtful then element_quantities.basis end)
            as lowest_basis,
        max(case when not element_quantities.is_doubtful then element_quantities.basis end)
            as highest_basis
    from spaces
    join element_quantities
        on element_quantities.snapshot_id = spaces.snapshot_id
        and element_quantities.element_no = spaces.element_no
        and element_quantities.quantity in (
            'Height', 'NetFloorArea', 'GrossFloorArea', 'NetVolume', 'GrossVolume'
        )
    group by spaces.snapshot_id, spaces.element_no
)
select
    spaces.snapshot_id,
    spaces.element_no,
    spaces.vendor,
    spaces.project_id,
    spaces.model_id,
    spaces.model_name,
    spaces.element_id,
    spaces.building_id,
    spaces.building_name,
    spaces.storey_name,
    spaces.storey_elevation_m,
    space_labels.number,
    space_labels.name,
    spaces.ifc_class,
    spaces.predefined_type,
    spaces.state,
    spaces.state = 'listed' as is_listed,
    cast(figures.height_m * 1000 as bigint) as height_mm,
    case when spaces.state = 'listed' then figures.net_floor_area_m2 end as net_floor_area_m2,
    case when spaces.state = 'listed' then figures.gross_floor_area_m2 end as gross_floor_area_m2,
    case when spaces.state = 'listed' then figures.net_volume_m3 end as net_volume_m3,
    case when spaces.state = 'listed' then figures.gross_volume_m3 end as gross_volume_m3,
    coalesce(figures.is_doubtful, 0) = 1 as is_doubtful,
    figures.lowest_basis,
    figures.highest_basis
from spaces
join space_labels
    on space_labels.snapshot_id = spaces.snapshot_id
    and space_labels.element_no = spaces.element_no
left join figures
    on figures.snapshot_id = spaces.snapshot_id
    and figures.element_no = spaces.element_no
