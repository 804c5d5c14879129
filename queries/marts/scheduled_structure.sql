-- title: Elements of the structure with their sections, lengths, areas, volumes and masses
-- grain: snapshot_id, element_no
-- column: net_area_m2 decimal m2; NetArea as picked
-- `width_mm` and `height_mm` are Width and Height in whole millimetres; of a slab, width_mm is its
-- thickness (Width, else Thickness) and height_mm null. `cross_section_mm2` is CrossSectionArea in
-- whole square millimetres. All are null if unknown or doubtful. Slabs have an area (NetArea) and
-- no length, all else a length and no area. Figures are null unless the element is listed (see
-- scheduled_elements).
with listed as (
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
        predefined_type,
        type_name,
        part_of,
        state,
        is_listed
    from scheduled_elements
    where schedule = 'structure'
),
figures as (
    select
        listed.snapshot_id,
        listed.element_no,
        max(
            case
                when element_quantities.quantity = 'Width'
                    then try_cast(round(element_quantities.value_exact, 3) as decimal(12, 3))
            end
        ) as width_m,
        max(
            case
                when element_quantities.quantity = 'Thickness'
                    then try_cast(round(element_quantities.value_exact, 3) as decimal(12, 3))
            end
        ) as thickness_m,
        max(
            case
                when element_quantities.quantity = 'Height'
                    then try_cast(round(element_quantities.value_exact, 3) as decimal(12, 3))
            end
        ) as height_m,
        max(
            case
                when element_quantities.quantity = 'CrossSectionArea'
                    then try_cast(round(element_quantities.value_exact, 6) as decimal(18, 6))
            end
        ) as cross_section_m2,
        max(
            case when element_quantities.quantity = 'Length' then element_quantities.value_exact end
        ) as length_m,
        max(
            case
                when element_quantities.quantity = 'NetArea'
                    then element_quantities.value_exact
            end
        ) as net_area_m2,
        max(
            case
                when element_quantities.quantity = 'NetVolume'
                    then element_quantities.value_exact
            end
        ) as net_volume_m3,
        max(
            case
                when element_quantities.quantity = 'GrossVolume'
                    then element_quantities.value_exact
            end
        ) as gross_volume_m3,
        max(
            case
                when element_quantities.quantity = 'NetWeight'
                    then element_quantities.value_exact
            end
        ) as net_weight_kg,
        max(
            case
                when element_quantities.quantity = 'GrossWeight'
                    then element_quantities.value_exact
            end
        ) as gross_weight_kg,
        max(case when element_quantities.is_doubtful then 1 else 0 end) as is_doubtful,
        min(case when not element_quantities.is_doubtful then element_quantities.basis end)
            as lowest_basis,
        max(case when not element_quantities.is_doubtful then element_quantities.basis end)
            as highest_basis
    from listed
    join element_quantities
        on element_quantities.snapshot_id = listed.snapshot_id
        and element_quantities.element_no = listed.element_no
        and element_quantities.quantity in (
            'Width', 'Thickness', 'Height', 'CrossSectionArea', 'Length', 'NetArea',
            'NetVolume', 'GrossVolume', 'NetWeight', 'GrossWeight'
        )
    group by listed.snapshot_id, listed.element_no
)
select
    listed.snapshot_id,
    listed.element_no,
    listed.vendor,
    listed.project_id,
    listed.model_id,
    listed.model_name,
    listed.building_id,
    listed.building_name,
    listed.storey_name,
    listed.storey_elevation_m,
    listed.ifc_class,
    listed.predefined_type,
    listed.type_name,
    listed.part_of,
    listed.state,
    listed.is_listed,
    material_labels.material,
    cast(
        case
            when listed.ifc_class = 'Slab' then coalesce(figures.width_m, figures.thickness_m)
            else figures.width_m
        end * 1000 as bigint
    ) as width_mm,
    cast(
        case when listed.ifc_class <> 'Slab' then figures.height_m end * 1000 as bigint
    ) as height_mm,
    cast(figures.cross_section_m2 * 1000000 as bigint) as cross_section_mm2,
    case
        when listed.is_listed and listed.ifc_class <> 'Slab' then figures.length_m
    end as length_m,
    case
        when listed.is_listed and listed.ifc_class = 'Slab' then figures.net_area_m2
    end as net_area_m2,
    case when listed.is_listed then figures.net_volume_m3 end as net_volume_m3,
    case when listed.is_listed then figures.gross_volume_m3 end as gross_volume_m3,
    case when listed.is_listed then figures.net_weight_kg end as net_weight_kg,
    case when listed.is_listed then figures.gross_weight_kg end as gross_weight_kg,
    coalesce(figures.is_doubtful, 0) = 1 as is_doubtful,
    figures.lowest_basis,
    figures.highest_basis
from listed
left join figures
    on figures.snapshot_id = listed.snapshot_id
    and figures.element_no = listed.element_no
left join material_labels
    on material_labels.snapshot_id = listed.snapshot_id
    and material_labels.element_no = listed.element_no
