-- title: Schedule of material layers
-- question: Which layers is each class built of, how thick, and how much of each is there?
-- grain: vendor, project_id, model_id, model_name, storey_name, ifc_class, type_name, material, thickness_mm, split
-- partitions: volumes; an element of three layers stands in three lines
-- elements: material_layers
-- by: model off; vendor, project_id, model_id, model_name
-- by: storey off; storey_name, storey_elevation_m
-- by: class on; ifc_class
-- by: type off; type_name
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: storey_name text; storey as the model names it; null if none
-- column: storey_elevation_m double m; elevation of the storey; the lowest where models differ
-- column: ifc_class text; IFC class without Ifc
-- column: type_name text; name of the element type; null if none
-- column: material text; material as named; several together if not split; null if none or unnamed
-- column: thickness_mm double mm; thickness of the layer; null if it is no layer, or unknown
-- column: split text; whole, layers, constituents, not split or no material (see by_material)
-- column: elements bigint; elements that have it
-- column: layers bigint; layers of it in them, such as two where a board is on both sides
-- column: area_m2 decimal m2; net side or main area that the layers cover; null if none is known
-- column: without_area bigint; elements without such an area; all where not one material or layer
-- column: net_volume_m3 decimal m3; share of NetVolume by thickness; null if none is known
-- column: without_volume bigint; elements without a usable NetVolume
-- column: doubtful bigint; elements of which such a figure disagrees within one set
-- column: basis text; what the volumes rest on: derived if split, mixed if on several
with layers as (
    select
        case when $by_model then vendor end as vendor,
        case when $by_model then project_id end as project_id,
        case when $by_model then model_id end as model_id,
        case when $by_model then model_name end as model_name,
        case when $by_storey then storey_name end as storey_name,
        case when $by_storey then storey_elevation_m end as storey_elevation_m,
        case when $by_class then ifc_class end as ifc_class,
        case when $by_type then type_name end as type_name,
        material,
        thickness_mm,
        split,
        layers,
        area_m2,
        value_exact,
        is_doubtful,
        basis
    from material_layers
)
select
    vendor,
    project_id,
    model_id,
    model_name,
    storey_name,
    round(min(storey_elevation_m), 6) as storey_elevation_m,
    ifc_class,
    type_name,
    material,
    thickness_mm,
    split,
    count(*) as elements,
    cast(sum(layers) as bigint) as layers,
    cast(sum(area_m2) as decimal(38, 12)) as area_m2,
    count(*) - count(area_m2) as without_area,
    cast(sum(value_exact) as decimal(38, 12)) as net_volume_m3,
    count(*) - count(value_exact) as without_volume,
    count(case when is_doubtful then 1 end) as doubtful,
    case when min(basis) < max(basis) then 'mixed' else min(basis) end as basis
from layers
group by
    vendor,
    project_id,
    model_id,
    model_name,
    storey_name,
    ifc_class,
    type_name,
    material,
    thickness_mm,
    split
order by
    vendor nulls last,
    project_id nulls last,
    model_id nulls last,
    model_name nulls last,
    storey_elevation_m nulls last,
    storey_name nulls last,
    ifc_class nulls last,
    type_name nulls last,
    material nulls last,
    thickness_mm nulls last,
    split
