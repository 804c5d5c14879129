-- title: The elements that count, with everything that they can be grouped by
-- grain: snapshot_id, element_no
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.model_name,
    counted_elements.discipline,
    counted_elements.building_id,
    counted_elements.building_name,
    counted_elements.storey_name,
    counted_elements.ifc_class,
    counted_elements.type_name,
    material_labels.material,
    element_codes.code
from counted_elements
left join material_labels
    on material_labels.snapshot_id = counted_elements.snapshot_id
    and material_labels.element_no = counted_elements.element_no
left join element_codes
    on element_codes.snapshot_id = counted_elements.snapshot_id
    and element_codes.element_no = counted_elements.element_no
where counted_elements.counted
