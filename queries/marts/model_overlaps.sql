-- title: Pairs of models that hold the same IFC GUIDs
-- grain: model_no, other_model_no
-- kept: one pass over all GUIDs, few rows
-- `is_same_building`: more than half of the smaller model's GUIDs of elements and parts, and at
-- least ten, stand in the other, so both draw the same building, whatever their projects and vendors
-- are called. Models of one project are those with the same project_id.
with several_models as (
    select
        snapshot_id,
        model_no,
        project_id
    from (
        select
            snapshot_id,
            model_no,
            project_id,
            count(*) over () as models
        from selected_models
        where is_newest
    ) as counted_models
    where models > 1
),
guids as (
    select distinct
        several_models.model_no,
        several_models.project_id,
        elements.ifc_guid
    from elements
    join several_models
        on several_models.snapshot_id = elements.snapshot_id
    where elements.role in ('physical', 'part')
        and elements.ifc_guid is not null
),
sizes as (
    select
        model_no,
        count(*) as guids
    from guids
    group by model_no
),
shared as (
    select
        guids.model_no,
        other_guids.model_no as other_model_no,
        guids.project_id = other_guids.project_id as is_one_project,
        count(*) as shared_guids
    from guids
    join guids as other_guids
        on other_guids.ifc_guid = guids.ifc_guid
        and other_guids.model_no > guids.model_no
    group by guids.model_no, other_guids.model_no, guids.project_id = other_guids.project_id
)
select
    shared.model_no,
    shared.other_model_no,
    shared.is_one_project,
    shared.shared_guids,
    least(sizes.guids, other_sizes.guids) as smaller_guids,
    shared.shared_guids >= 10
    and shared.shared_guids * 2 > least(sizes.guids, other_sizes.guids) as is_same_building
from shared
join sizes
    on sizes.model_no = shared.model_no
join sizes as other_sizes
    on other_sizes.model_no = shared.other_model_no
