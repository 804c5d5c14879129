-- title: What compared elements are, beside their figures
-- grain: pair_no, side, element_no
-- `building`, `storey` and `space` are null if the element stands in none.
select
    compared_elements.pair_no,
    compared_elements.side,
    compared_elements.snapshot_id,
    compared_elements.vendor,
    compared_elements.element_no,
    compared_elements.element_id,
    compared_elements.ifc_guid,
    compared_elements.ifc_class,
    compared_elements.predefined_type,
    compared_elements.name,
    compared_elements.type_name,
    compared_elements.mark,
    compared_elements.building_id,
    compared_elements.building_name,
    compared_elements.storey_id,
    compared_elements.storey_name,
    compared_elements.space_id,
    compared_elements.space_name,
    compared_elements.system,
    compared_elements.phase,
    compared_elements.is_external,
    compared_elements.load_bearing,
    compared_elements.role,
    wholes.element_no as whole_no,
    material_labels.material,
    element_codes.code
from compared_elements
left join compared_elements as wholes
    on wholes.pair_no = compared_elements.pair_no
    and wholes.side = compared_elements.side
    and wholes.element_id = compared_elements.parent_id
left join material_labels
    on material_labels.snapshot_id = compared_elements.snapshot_id
    and material_labels.element_no = compared_elements.element_no
left join element_codes
    on element_codes.snapshot_id = compared_elements.snapshot_id
    and element_codes.element_no = compared_elements.element_no
