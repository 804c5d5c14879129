-- title: Schedule of the structure
-- question: What is there of each type and section, how long is it, and what does it weigh?
-- grain: vendor, project_id, model_id, model_name, building_id, building_name, storey_name, ifc_class, predefined_type, type_name, material, width_mm, height_mm, cross_section_mm2, part_of, state
-- partitions: beams, columns, members, piles, footings and slabs
-- counts: state
-- elements: scheduled_structure
-- figures: width_mm of Width|Thickness
-- figures: height_mm of Height
-- figures: cross_section_mm2 of CrossSectionArea
-- figures: length_m of Length
-- figures: area_m2 of NetArea
-- figures: volume_m3 of $volume
-- figures: mass_kg of $mass
-- by: model off; vendor, project_id, model_id, model_name
-- by: building off; building_id, building_name
-- by: storey off; storey_name, storey_elevation_m
-- by: type on; predefined_type, type_name
-- by: material on; material
-- by: section on; width_mm, height_mm, cross_section_mm2
-- param: volume text in NetVolume|GrossVolume = NetVolume; which volume to add up
-- param: mass text in NetWeight|GrossWeight = NetWeight; which weight is the mass
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Beam; null: all of the schedule
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: building_id text; id of the building, so that two of one name stay two; null if none
-- column: building_name text; building as the model names it
-- column: storey_name text; storey as the model names it; null if none
-- column: storey_elevation_m double m; elevation of the storey; the lowest where models differ
-- column: ifc_class text; IFC class without Ifc
-- column: predefined_type text; IFC predefined type, or the user's text behind it; null if none
-- column: type_name text; name of the element type; null if none
-- column: material text; all materials of the element, in alphabetical order; null if none
-- column: width_mm bigint mm; width, of slabs the thickness; null if unknown
-- column: height_mm bigint mm; height; null if unknown or doubtful, and for slabs
-- column: cross_section_mm2 bigint mm2; area of the section; null if unknown or doubtful
-- column: part_of text; class of the whole that they are parts of; null if none
-- column: state text; counted, part, in_whole (the whole stands for it); else why not counted
-- column: elements bigint; elements in the line
-- column: length_m decimal m; sum of Length; null if none is known, and for slabs
-- column: without_length bigint; elements that are not in it
-- column: area_m2 decimal m2; sum of NetArea of slabs; null if none is known, and for all else
-- column: without_area bigint; elements that are not in it
-- column: volume_m3 decimal m3; sum of the volume asked for; null if none is known
-- column: without_volume bigint; elements that are not in it
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
        case when $by_building then building_id end as building_id,
        case when $by_building then building_name end as building_name,
        case when $by_storey then storey_name end as storey_name,
        case when $by_storey then storey_elevation_m end as storey_elevation_m,
        ifc_class,
        case when $by_type then predefined_type end as predefined_type,
        case when $by_type then type_name end as type_name,
        case when $by_material then material end as material,
        case when $by_section then width_mm end as width_mm,
        case when $by_section then height_mm end as height_mm,
        case when $by_section then cross_section_mm2 end as cross_section_mm2,
        part_of,
        state,
        length_m,
        net_area_m2 as area_m2,
        case when $volume = 'GrossVolume' then gross_volume_m3 else net_volume_m3 end as volume_m3,
        case when $mass = 'GrossWeight' then gross_weight_kg else net_weight_kg end as mass_kg,
        is_doubtful,
        lowest_basis,
        highest_basis
    from scheduled_structure
)
select
    vendor,
    project_id,
    model_id,
    model_name,
    building_id,
    building_name,
    storey_name,
    round(min(storey_elevation_m), 6) as storey_elevation_m,
    ifc_class,
    predefined_type,
    type_name,
    material,
    width_mm,
    height_mm,
    cross_section_mm2,
    part_of,
    state,
    count(*) as elements,
    cast(sum(length_m) as decimal(38, 12)) as length_m,
    count(*) - count(length_m) as without_length,
    cast(sum(area_m2) as decimal(38, 12)) as area_m2,
    count(*) - count(area_m2) as without_area,
    cast(sum(volume_m3) as decimal(38, 12)) as volume_m3,
    count(*) - count(volume_m3) as without_volume,
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
    building_id,
    building_name,
    storey_name,
    ifc_class,
    predefined_type,
    type_name,
    material,
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
    building_name nulls last,
    building_id nulls last,
    storey_elevation_m nulls last,
    storey_name nulls last,
    ifc_class nulls last,
    predefined_type nulls last,
    type_name nulls last,
    material nulls last,
    width_mm nulls last,
    height_mm nulls last,
    cross_section_mm2 nulls last,
    part_of nulls last,
    state
