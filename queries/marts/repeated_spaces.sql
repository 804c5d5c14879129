-- title: Spaces that an earlier model of the same project holds already
-- grain: snapshot_id, element_no
-- kept: a join over the GUIDs of spaces, few rows
-- By GUID, as element_twins does for elements: the first of a GUID against the first, the second
-- against the second. Nothing is compared between two models that draw the same building.
with spaces as (
    select
        selected_models.model_no,
        elements.project_id,
        elements.snapshot_id,
        elements.element_no,
        elements.ifc_guid,
        row_number() over (
            partition by elements.snapshot_id, elements.ifc_guid
            order by elements.element_no
        ) as copy_no
    from elements
    join selected_models
        on selected_models.snapshot_id = elements.snapshot_id
    where elements.role = 'space'
        and elements.ifc_guid is not null
        and selected_models.is_newest
)
select distinct
    spaces.snapshot_id,
    spaces.element_no
from spaces as earlier_spaces
join spaces
    on spaces.project_id = earlier_spaces.project_id
    and spaces.model_no > earlier_spaces.model_no
    and spaces.ifc_guid = earlier_spaces.ifc_guid
    and spaces.copy_no = earlier_spaces.copy_no
left join model_overlaps
    on model_overlaps.model_no = earlier_spaces.model_no
    and model_overlaps.other_model_no = spaces.model_no
where not coalesce(model_overlaps.is_same_building, false)
