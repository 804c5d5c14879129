-- title: Schedule of doors
-- question: How many doors of which type and size are there on each storey?
-- grain: vendor, project_id, model_id, model_name, building_id, building_name, storey_name, mark, type_name, is_external, width_mm, height_mm, part_of, state
-- partitions: doors
-- counts: state
-- elements: scheduled_doors
-- figures: width_mm of Width
-- figures: height_mm of Height
-- by: model off; vendor, project_id, model_id, model_name
-- by: building off; building_id, building_name
-- by: storey on; storey_name, storey_elevation_m
-- by: mark off; mark
-- by: type on; type_name
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
-- column: mark text; mark or tag of the single door; null if none
-- column: type_name text; name of the door type; null if none
-- column: is_external boolean; in the outside of the building; null if not stated
-- column: width_mm bigint mm; overall width; null if unknown or doubtful
-- column: height_mm bigint mm; overall height; null if unknown or doubtful
-- column: part_of text; class of the whole they are parts of, such as CurtainWall; null if none
-- column: state text; counted, part, in_whole (its whole is a door); else why they do not count
-- column: elements bigint; doors in the line
-- column: area_m2 decimal m2; width times height, summed; only of what is counted or a part
-- column: counted bigint; doors whose width and height are known
-- column: missing bigint; doors of which one of them is not known
-- column: doubtful bigint; doors of which one of them has figures that disagree within one set
-- column: basis text; what the sizes rest on, mixed if on several; null if none is known
with doors as (
    select
        case when $by_model then vendor end as vendor,
        case when $by_model then project_id end as project_id,
        case when $by_model then model_id end as model_id,
        case when $by_model then model_name end as model_name,
        case when $by_building then building_id end as building_id,
        case when $by_building then building_name end as building_name,
        case when $by_storey then storey_name end as storey_name,
        case when $by_storey then storey_elevation_m end as storey_elevation_m,
        case when $by_mark then mark end as mark,
        case when $by_type then type_name end as type_name,
        is_external,
        width_mm,
        height_mm,
        part_of,
        state,
        value_exact,
        is_sized,
        is_doubtful,
        lowest_basis,
        highest_basis
    from scheduled_doors
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
    mark,
    type_name,
    is_external,
    width_mm,
    height_mm,
    part_of,
    state,
    count(*) as elements,
    cast(sum(value_exact) as decimal(38, 6)) as area_m2,
    count(case when is_sized then 1 end) as counted,
    count(case when not is_sized and not is_doubtful then 1 end) as missing,
    count(case when is_doubtful then 1 end) as doubtful,
    case
        when min(lowest_basis) < max(highest_basis) then 'mixed'
        else min(lowest_basis)
    end as basis
from doors
group by
    vendor,
    project_id,
    model_id,
    model_name,
    building_id,
    building_name,
    storey_name,
    mark,
    type_name,
    is_external,
    width_mm,
    height_mm,
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
    mark nulls last,
    type_name nulls last,
    is_external nulls last,
    width_mm nulls last,
    height_mm nulls last,
    part_of nulls last,
    state
