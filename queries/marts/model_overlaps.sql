-- title: Pairs of models that hold the same IFC GUIDs
-- grain: model_no, other_model_no
-- kept: one pass over all GUIDs, few rows
-- column: other_model_no integer; the later model of the two
-- column: shared_guids bigint; IFC GUIDs of elements and parts that both models hold
-- column: smaller_guids bigint; IFC GUIDs of the model that has fewer
-- column: is_same_building boolean; both draw the same building, and are not added up
-- column: is_one_project boolean; of one project, or said to draw one building
-- `is_same_building`: more than half of the smaller model's GUIDs of elements and parts, and at
-- least ten, stand in the other, so both draw the same building, whatever their projects and vendors
-- are called. Models of one project are those with the same project_id; those that a building is said
-- to be drawn by are of one project too, and it is said which of them counts first: they are never
-- `is_same_building`. Snapshots that are compared are no pair: each is judged by itself.
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
            and not exists (select 1 from compared_pairs)
    ) as counted_models
    where models > 1
),
stated_buildings as (
    select distinct
        models.model_no,
        other_models.model_no as other_model_no
    from building_models
    join building_models as other_building_models
        on other_building_models.building = building_models.building
    join selected_models as models
        on models.snapshot_id = building_models.snapshot_id
    join selected_models as other_models
        on other_models.snapshot_id = other_building_models.snapshot_id
        and other_models.model_no > models.model_no
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
    shared.is_one_project or stated_buildings.model_no is not null as is_one_project,
    shared.shared_guids,
    least(sizes.guids, other_sizes.guids) as smaller_guids,
    stated_buildings.model_no is null
    and shared.shared_guids >= 10
    and shared.shared_guids * 2 > least(sizes.guids, other_sizes.guids) as is_same_building
from shared
join sizes
    on sizes.model_no = shared.model_no
join sizes as other_sizes
    on other_sizes.model_no = shared.other_model_no
left join stated_buildings
    on stated_buildings.model_no = shared.model_no
    and stated_buildings.other_model_no = shared.other_model_no
