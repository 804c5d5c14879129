-- title: The elements that count, one by one, with a key that survives a change of case
-- grain: snapshot_id, element_no
-- column: element_key text; 32 hexadecimal digits, the same as long as the vendor keeps the id
-- Ids and GUIDs may differ in nothing but the case of a letter, and spreadsheets, Power BI and many
-- databases hold such for the same. The key is made of vendor, project, model and the element's id.
select
    asked_elements.snapshot_id,
    asked_elements.element_no,
    md5(
        concat(
            asked_elements.vendor,
            ' ',
            md5(asked_elements.project_id),
            ' ',
            md5(asked_elements.model_id),
            ' ',
            elements.element_id
        )
    ) as element_key,
    asked_elements.vendor,
    asked_elements.project_id,
    asked_elements.model_id,
    asked_elements.model_name,
    asked_elements.discipline,
    asked_elements.building_id,
    asked_elements.building_name,
    asked_elements.storey_name,
    asked_elements.storey_elevation_m,
    elements.space_name,
    asked_elements.ifc_class,
    elements.predefined_type,
    asked_elements.type_name,
    elements.name,
    elements.mark,
    elements.system,
    elements.phase,
    elements.is_external,
    elements.load_bearing,
    elements.element_id,
    elements.ifc_guid
from asked_elements
join elements
    on elements.snapshot_id = asked_elements.snapshot_id
    and elements.element_no = asked_elements.element_no
