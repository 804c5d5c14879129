-- title: Elements that an earlier model of the same project holds already
-- grain: snapshot_id, element_no
-- kept: a join over shared GUIDs, few rows
-- Earlier: by vendor, project_id, model_id. Nothing is repeated between two models that draw the
-- same building: which of them counts is not for an element to say (see model_overlaps).
with guids as (
    select
        selected_models.model_no,
        elements.snapshot_id,
        elements.element_no,
        elements.ifc_guid
    from elements
    join selected_models
        on selected_models.snapshot_id = elements.snapshot_id
        and selected_models.is_newest
    where elements.role = 'physical'
        and elements.ifc_guid is not null
)
select distinct
    repeated_guids.snapshot_id,
    repeated_guids.element_no
from model_overlaps
join guids
    on guids.model_no = model_overlaps.model_no
join guids as repeated_guids
    on repeated_guids.model_no = model_overlaps.other_model_no
    and repeated_guids.ifc_guid = guids.ifc_guid
where model_overlaps.is_one_project
    and not model_overlaps.is_same_building
