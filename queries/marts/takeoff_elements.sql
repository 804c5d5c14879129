-- title: The elements that count, with everything that they can be grouped by
-- grain: snapshot_id, element_no
select
    asked_elements.snapshot_id,
    asked_elements.element_no,
    asked_elements.vendor,
    asked_elements.project_id,
    asked_elements.model_id,
    asked_elements.model_name,
    asked_elements.discipline,
    asked_elements.building_id,
    asked_elements.building_name,
    asked_elements.storey_name,
    asked_elements.ifc_class,
    asked_elements.type_name,
    material_labels.material,
    element_codes.code
from asked_elements
left join material_labels
    on material_labels.snapshot_id = asked_elements.snapshot_id
    and material_labels.element_no = asked_elements.element_no
left join element_codes
    on element_codes.snapshot_id = asked_elements.snapshot_id
    and element_codes.element_no = asked_elements.element_no
