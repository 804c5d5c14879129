-- title: Every element, whether it counts, and if not, why
-- grain: snapshot_id, element_no
-- not_counted_reason: older_revision (a newer snapshot of the model is among those asked), a role
-- that is no work of its own (part, opening, space, location, type, annotation, marker), other_source
-- (an earlier model of the same project holds it, see repeated_elements), or failed_check (a check
-- shows that it counts twice, and the report leaves such out: doubted_elements); null if it counts.
-- Two elements of one file with the same GUID are two elements.
with judged as (
    select
        elements.snapshot_id,
        elements.vendor,
        elements.project_id,
        elements.model_id,
        selected_models.model_name,
        elements.element_id,
        elements.element_no,
        elements.ifc_guid,
        elements.ifc_class,
        elements.predefined_type,
        elements.name,
        elements.type_name,
        elements.mark,
        elements.discipline,
        elements.building_id,
        elements.building_name,
        elements.storey_id,
        elements.storey_name,
        elements.storey_elevation_m,
        elements.space_name,
        elements.system,
        elements.phase,
        elements.is_external,
        elements.load_bearing,
        elements.parent_id,
        elements.role,
        case
            when not selected_models.is_newest then 'older_revision'
            when elements.role <> 'physical' then elements.role
            when repeated_elements.element_no is not null then 'other_source'
            when doubted_elements.element_no is not null then 'failed_check'
        end as not_counted_reason
    from elements
    join selected_models
        on selected_models.snapshot_id = elements.snapshot_id
    left join repeated_elements
        on repeated_elements.snapshot_id = elements.snapshot_id
        and repeated_elements.element_no = elements.element_no
    left join doubted_elements
        on doubted_elements.snapshot_id = elements.snapshot_id
        and doubted_elements.element_no = elements.element_no
)
select
    snapshot_id,
    vendor,
    project_id,
    model_id,
    model_name,
    element_id,
    element_no,
    ifc_guid,
    ifc_class,
    predefined_type,
    name,
    type_name,
    mark,
    discipline,
    building_id,
    building_name,
    storey_id,
    storey_name,
    storey_elevation_m,
    space_name,
    system,
    phase,
    is_external,
    load_bearing,
    parent_id,
    role,
    not_counted_reason is null as counted,
    not_counted_reason
from judged
