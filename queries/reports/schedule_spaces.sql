-- title: Schedule of spaces
-- question: Which rooms are there on each storey, with which areas, volumes and heights?
-- grain: vendor, project_id, model_id, model_name, building_id, building_name, storey_name, number, name, element_id, ifc_class, predefined_type, height_mm, state
-- counts: state
-- elements: scheduled_spaces
-- figures: height_mm of Height
-- figures: net_floor_area_m2 of NetFloorArea
-- figures: gross_floor_area_m2 of GrossFloorArea
-- figures: net_volume_m3 of NetVolume
-- figures: gross_volume_m3 of GrossVolume
-- by: model off; vendor, project_id, model_id, model_name
-- by: building off; building_id, building_name
-- by: storey on; storey_name, storey_elevation_m
-- by: space on; number, name, height_mm, element_id
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: building_id text; id of the building, so that two of one name stay two; null if none
-- column: building_name text; building as the model names it
-- column: storey_name text; storey as the model names it; null if none
-- column: storey_elevation_m double m; elevation of the storey; the lowest where models differ
-- column: number text; number of the room; null if none
-- column: name text; name of the room; null if none
-- column: ifc_class text; IFC class without Ifc; a SpatialZone may lie over Spaces
-- column: predefined_type text; INTERNAL, EXTERNAL, GFA (a whole floor), ...; null if not stated
-- column: state text; listed; else why its figures are in no sum: other_source, failed_check, ...
-- column: elements bigint; spaces in the line
-- column: height_mm bigint mm; height; null if unknown or doubtful
-- column: net_floor_area_m2 decimal m2; sum of NetFloorArea; null if none is known
-- column: without_net_floor_area bigint; spaces that are not in it
-- column: gross_floor_area_m2 decimal m2; sum of GrossFloorArea; null if none is known
-- column: without_gross_floor_area bigint; spaces that are not in it
-- column: net_volume_m3 decimal m3; sum of NetVolume; null if none is known
-- column: without_net_volume bigint; spaces that are not in it
-- column: gross_volume_m3 decimal m3; sum of GrossVolume; null if none is known
-- column: without_gross_volume bigint; spaces that are not in it
-- column: doubtful bigint; spaces of which such a figure disagrees within one set
-- column: basis text; what the figures rest on, mixed if on several; null if none is known
-- column: element_id text; the space's id at the vendor
with spaces as (
    select
        case when $by_model then vendor end as vendor,
        case when $by_model then project_id end as project_id,
        case when $by_model then model_id end as model_id,
        case when $by_model then model_name end as model_name,
        case when $by_building then building_id end as building_id,
        case when $by_building then building_name end as building_name,
        case when $by_storey then storey_name end as storey_name,
        case when $by_storey then storey_elevation_m end as storey_elevation_m,
        case when $by_space then number end as number,
        case when $by_space then name end as name,
        case when $by_space then element_id end as element_id,
        case when $by_space then height_mm end as height_mm,
        ifc_class,
        predefined_type,
        state,
        net_floor_area_m2,
        gross_floor_area_m2,
        net_volume_m3,
        gross_volume_m3,
        is_doubtful,
        lowest_basis,
        highest_basis
    from scheduled_spaces
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
    number,
    name,
    ifc_class,
    predefined_type,
    state,
    count(*) as elements,
    height_mm,
    cast(sum(net_floor_area_m2) as decimal(38, 12)) as net_floor_area_m2,
    count(*) - count(net_floor_area_m2) as without_net_floor_area,
    cast(sum(gross_floor_area_m2) as decimal(38, 12)) as gross_floor_area_m2,
    count(*) - count(gross_floor_area_m2) as without_gross_floor_area,
    cast(sum(net_volume_m3) as decimal(38, 12)) as net_volume_m3,
    count(*) - count(net_volume_m3) as without_net_volume,
    cast(sum(gross_volume_m3) as decimal(38, 12)) as gross_volume_m3,
    count(*) - count(gross_volume_m3) as without_gross_volume,
    count(case when is_doubtful then 1 end) as doubtful,
    case
        when min(lowest_basis) < max(highest_basis) then 'mixed'
        else min(lowest_basis)
    end as basis,
    element_id
from spaces
group by
    vendor,
    project_id,
    model_id,
    model_name,
    building_id,
    building_name,
    storey_name,
    number,
    name,
    ifc_class,
    predefined_type,
    state,
    height_mm,
    element_id
order by
    vendor nulls last,
    project_id nulls last,
    model_id nulls last,
    model_name nulls last,
    building_name nulls last,
    building_id nulls last,
    storey_elevation_m nulls last,
    storey_name nulls last,
    number nulls last,
    name nulls last,
    ifc_class nulls last,
    predefined_type nulls last,
    state,
    element_id nulls last,
    height_mm nulls last
