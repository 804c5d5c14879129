-- title: Elements of building services with their sizes, lengths, surfaces and masses
-- grain: snapshot_id, element_no
-- column: gross_weight_kg decimal kg; GrossWeight as picked
-- column: net_weight_kg decimal kg; NetWeight as picked
-- column: lowest_basis text; first basis, by name, of the element's figures
-- column: highest_basis text; last of these; mixed, if it is not the lowest
-- `size` is the property Size as written. `diameter_mm` is NominalDiameter as stated in any set,
-- else Diameter, else OuterDiameter; `width_mm` and `height_mm` are Width and Height: in whole
-- millimetres. `cross_section_mm2` is GrossCrossSectionArea, else CrossSectionArea, in whole square
-- millimetres. All are null if unknown or doubtful. Figures are null unless the element is listed
-- (see scheduled_elements).
with listed as (
    select
        snapshot_id,
        element_no,
        vendor,
        project_id,
        model_id,
        model_name,
        storey_name,
        storey_elevation_m,
        system,
        ifc_class,
        predefined_type,
        type_name,
        part_of,
        state,
        is_listed
    from scheduled_elements
    where schedule = 'mep'
),
written_sizes as (
    select
        properties.snapshot_id,
        properties.element_no,
        properties.text,
        row_number() over (
            partition by properties.snapshot_id, properties.element_no
            order by properties.ordinal
        ) as place
    from properties
    join listed
        on listed.snapshot_id = properties.snapshot_id
        and listed.element_no = properties.element_no
    where properties.name = 'Size'
        and properties.text not in ('', 'Size')
),
nominal_diameters as (
    select
        quantities.snapshot_id,
        quantities.element_no,
        case
            when min(quantities.value_exact) = max(quantities.value_exact)
                then min(quantities.value_exact)
        end as value_exact
    from quantities
    join listed
        on listed.snapshot_id = quantities.snapshot_id
        and listed.element_no = quantities.element_no
    where quantities.source_name in ('NominalDiameter', 'Nominal Diameter')
        and quantities.kind = 'length'
    group by quantities.snapshot_id, quantities.element_no
),
figures as (
    select
        listed.snapshot_id,
        listed.element_no,
        coalesce(
            max(
                case
                    when element_quantities.quantity = 'Diameter'
                        then try_cast(round(element_quantities.value_exact, 3) as decimal(12, 3))
                end
            ),
            max(
                case
                    when element_quantities.quantity = 'OuterDiameter'
                        then try_cast(round(element_quantities.value_exact, 3) as decimal(12, 3))
                end
            )
        ) as diameter_m,
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
        coalesce(
            max(
                case
                    when element_quantities.quantity = 'GrossCrossSectionArea'
                        then try_cast(round(element_quantities.value_exact, 6) as decimal(18, 6))
                end
            ),
            max(
                case
                    when element_quantities.quantity = 'CrossSectionArea'
                        then try_cast(round(element_quantities.value_exact, 6) as decimal(18, 6))
                end
            )
        ) as cross_section_m2,
        max(
            case when element_quantities.quantity = 'Length' then element_quantities.value_exact end
        ) as length_m,
        max(
            case
                when element_quantities.quantity = 'OuterSurfaceArea'
                    then element_quantities.value_exact
            end
        ) as outer_surface_m2,
        max(
            case
                when element_quantities.quantity = 'GrossWeight'
                    then element_quantities.value_exact
            end
        ) as gross_weight_kg,
        max(
            case
                when element_quantities.quantity = 'NetWeight'
                    then element_quantities.value_exact
            end
        ) as net_weight_kg,
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
            'Diameter', 'OuterDiameter', 'Width', 'Height', 'GrossCrossSectionArea',
            'CrossSectionArea', 'Length', 'OuterSurfaceArea', 'GrossWeight', 'NetWeight'
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
    listed.storey_name,
    listed.storey_elevation_m,
    listed.system,
    listed.ifc_class,
    listed.predefined_type,
    listed.type_name,
    listed.part_of,
    listed.state,
    listed.is_listed,
    written_sizes.text as size,
    cast(
        coalesce(
            try_cast(round(nominal_diameters.value_exact, 3) as decimal(12, 3)),
            figures.diameter_m
        ) * 1000 as bigint
    ) as diameter_mm,
    cast(figures.width_m * 1000 as bigint) as width_mm,
    cast(figures.height_m * 1000 as bigint) as height_mm,
    cast(figures.cross_section_m2 * 1000000 as bigint) as cross_section_mm2,
    case when listed.is_listed then figures.length_m end as length_m,
    case when listed.is_listed then figures.outer_surface_m2 end as outer_surface_m2,
    case when listed.is_listed then figures.gross_weight_kg end as gross_weight_kg,
    case when listed.is_listed then figures.net_weight_kg end as net_weight_kg,
    coalesce(figures.is_doubtful, 0) = 1 as is_doubtful,
    figures.lowest_basis,
    figures.highest_basis
from listed
left join figures
    on figures.snapshot_id = listed.snapshot_id
    and figures.element_no = listed.element_no
left join written_sizes
    on written_sizes.snapshot_id = listed.snapshot_id
    and written_sizes.element_no = listed.element_no
    and written_sizes.place = 1
left join nominal_diameters
    on nominal_diameters.snapshot_id = listed.snapshot_id
    and nominal_diameters.element_no = listed.element_no
