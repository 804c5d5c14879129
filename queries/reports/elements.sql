-- title: Elements
-- question: Which elements count, what are they, and where do they stand?
-- grain: element_key
-- partitions: elements
-- elements: listed_elements
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: element_key text; key of the element, safe where case does not count; see element_figures
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: discipline text; discipline as the model states it; null if it does not
-- column: building_id text; id of the building; null if none
-- column: building_name text; building as the model names it
-- column: storey_name text; storey as the model names it; null if none
-- column: storey_elevation_m double m; elevation of the storey; null if unknown
-- column: space_name text; space that contains it; null if none
-- column: ifc_class text; IFC class without Ifc
-- column: predefined_type text; IFC predefined type, or the user's text behind it; null if none
-- column: type_name text; name of the element type; null if none
-- column: name text; the element's name; null if none
-- column: mark text; mark or tag that people see on drawings; null if none
-- column: material text; all materials of the element, in alphabetical order; null if none
-- column: code text; all codes of the element with their systems; null if unclassified
-- column: system text; building system that it belongs to; null if none
-- column: phase text; construction phase or status; null if none
-- column: is_external boolean; part of the building's outside; null if unknown
-- column: load_bearing boolean; carries loads; null if unknown
-- column: element_id text; the element's id at the vendor; upper and lower case differ
-- column: ifc_guid text; IFC GlobalId; upper and lower case differ; null if none
-- column: elements bigint; 1, for sums
select
    listed_elements.element_key,
    listed_elements.vendor,
    listed_elements.project_id,
    listed_elements.model_id,
    listed_elements.model_name,
    listed_elements.discipline,
    listed_elements.building_id,
    listed_elements.building_name,
    listed_elements.storey_name,
    round(listed_elements.storey_elevation_m, 6) as storey_elevation_m,
    listed_elements.space_name,
    listed_elements.ifc_class,
    listed_elements.predefined_type,
    listed_elements.type_name,
    listed_elements.name,
    listed_elements.mark,
    material_labels.material,
    element_codes.code,
    listed_elements.system,
    listed_elements.phase,
    listed_elements.is_external,
    listed_elements.load_bearing,
    listed_elements.element_id,
    listed_elements.ifc_guid,
    cast(1 as bigint) as elements
from listed_elements
left join material_labels
    on material_labels.snapshot_id = listed_elements.snapshot_id
    and material_labels.element_no = listed_elements.element_no
left join element_codes
    on element_codes.snapshot_id = listed_elements.snapshot_id
    and element_codes.element_no = listed_elements.element_no
order by
    listed_elements.vendor,
    listed_elements.project_id,
    listed_elements.model_id,
    listed_elements.building_name nulls last,
    listed_elements.storey_elevation_m nulls last,
    listed_elements.storey_name nulls last,
    listed_elements.ifc_class nulls last,
    listed_elements.type_name nulls last,
    listed_elements.name nulls last,
    listed_elements.element_key
