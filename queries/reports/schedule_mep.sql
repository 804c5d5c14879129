-- title: Schedule of building services
-- question: What is there of each system, by type and size, and how long are its runs?
-- grain: vendor, project_id, model_id, model_name, storey_name, system, ifc_class, predefined_type, type_name, size, diameter_mm, width_mm, height_mm, cross_section_mm2, part_of, state
-- partitions: elements of building services
-- counts: state
-- elements: scheduled_mep
-- figures: diameter_mm of "NominalDiameter"|"Nominal Diameter"|Diameter|OuterDiameter
-- figures: width_mm of Width
-- figures: height_mm of Height
-- figures: cross_section_mm2 of GrossCrossSectionArea|CrossSectionArea
-- figures: length_m of Length
-- figures: outer_surface_m2 of OuterSurfaceArea
-- figures: mass_kg of $mass
-- by: model off; vendor, project_id, model_id, model_name
-- by: storey off; storey_name, storey_elevation_m
-- by: system on; system
-- by: type on; predefined_type, type_name
-- by: size on; size, diameter_mm, width_mm, height_mm, cross_section_mm2
-- param: mass text in GrossWeight|NetWeight = GrossWeight; which weight is the mass
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as DuctSegment; null: all of the schedule
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: storey_name text; storey as the model names it; null if none
-- column: storey_elevation_m double m; elevation of the storey; the lowest where models differ
-- column: system text; building system as the model names it; null if none
-- column: ifc_class text; IFC class without Ifc
-- column: predefined_type text; IFC predefined type, or the user's text behind it; null if none
-- column: type_name text; name of the element type; null if none
-- column: size text; size as the model writes it (property Size); null if it does not
-- column: diameter_mm bigint mm; nominal diameter, else diameter or outer one; null if not stated
-- column: width_mm bigint mm; width; null if unknown or doubtful
-- column: height_mm bigint mm; height; null if unknown or doubtful
-- column: cross_section_mm2 bigint mm2; area of the section; null if unknown or doubtful
-- column: part_of text; class of the whole that they are parts of; null if none
-- column: state text; counted, part, in_whole (the whole stands for it); else why not counted
-- column: elements bigint; elements in the line
-- column: length_m decimal m; sum of Length; null if none is known
-- column: without_length bigint; elements that are not in it
-- column: outer_surface_m2 decimal m2; sum of OuterSurfaceArea; null if none is known
-- column: without_outer_surface bigint; elements that are not in it
-- column: mass_kg decimal kg; sum of the weight asked for; null if none is known
-- column: without_mass bigint; elements that are not in it
-- column: doubtful bigint; elements of which such a figure disagrees within one set
-- column: basis text; what sizes and figures rest on, mixed if on several; null if none is known
with listed as (
    select
        case when $by_model then vendor end as vendor,
        case when $by_model then project_id end as project_id,
        case when $by_model then model_id end as model_id,
        case when $by_model then model_name end as model_name,
        case when $by_storey then storey_name end as storey_name,
        case when $by_storey then storey_elevation_m end as storey_elevation_m,
        case when $by_system then system end as system,
        ifc_class,
        case when $by_type then predefined_type end as predefined_type,
        case when $by_type then type_name end as type_name,
        case when $by_size then size end as size,
        case when $by_size then diameter_mm end as diameter_mm,
        case when $by_size then width_mm end as width_mm,
        case when $by_size then height_mm end as height_mm,
        case when $by_size then cross_section_mm2 end as cross_section_mm2,
        part_of,
        state,
        length_m,
        outer_surface_m2,
        case when $mass = 'NetWeight' then net_weight_kg else gross_weight_kg end as mass_kg,
        is_doubtful,
        lowest_basis,
        highest_basis
    from scheduled_mep
)
select
    vendor,
    project_id,
    model_id,
    model_name,
    storey_name,
    round(min(storey_elevation_m), 6) as storey_elevation_m,
    system,
    ifc_class,
    predefined_type,
    type_name,
    size,
    diameter_mm,
    width_mm,
    height_mm,
    cross_section_mm2,
    part_of,
    state,
    count(*) as elements,
    cast(sum(length_m) as decimal(38, 12)) as length_m,
    count(*) - count(length_m) as without_length,
    cast(sum(outer_surface_m2) as decimal(38, 12)) as outer_surface_m2,
    count(*) - count(outer_surface_m2) as without_outer_surface,
    cast(sum(mass_kg) as decimal(38, 12)) as mass_kg,
    count(*) - count(mass_kg) as without_mass,
    count(case when is_doubtful then 1 end) as doubtful,
    case
        when min(lowest_basis) < max(highest_basis) then 'mixed'
        else min(lowest_basis)
    end as basis
from listed
group by
    vendor,
    project_id,
    model_id,
    model_name,
    storey_name,
    system,
    ifc_class,
    predefined_type,
    type_name,
    size,
    diameter_mm,
    width_mm,
    height_mm,
    cross_section_mm2,
    part_of,
    state
order by
    vendor nulls last,
    project_id nulls last,
    model_id nulls last,
    model_name nulls last,
    storey_elevation_m nulls last,
    storey_name nulls last,
    system nulls last,
    ifc_class nulls last,
    predefined_type nulls last,
    type_name nulls last,
    size nulls last,
    diameter_mm nulls last,
    width_mm nulls last,
    height_mm nulls last,
    cross_section_mm2 nulls last,
    part_of nulls last,
    state
