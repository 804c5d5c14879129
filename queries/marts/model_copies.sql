-- title: Pairs of models of which one was made from the other, as the vendor states it
-- grain: model_no, copy_no
-- kept: one row a pair, few rows
-- column: copy_no integer; model_no of the copy
-- column: copied text; forked, cloned or exported
-- column: is_kept_apart boolean; not added up, or told to draw one building
-- copied: forked, cloned or exported. The lineage of the copy's snapshot names the other model by its
-- id. `shared_guids` as in model_overlaps, 0 if none. `is_kept_apart`: reports never add the two up,
-- or were told that both draw one building. Snapshots that are compared are no pair.
with models as (
    select
        selected_models.model_no,
        selected_models.vendor,
        selected_models.model_id,
        selected_models.snapshot_id,
        selected_snapshots.lineage
    from selected_models
    join selected_snapshots
        on selected_snapshots.snapshot_id = selected_models.snapshot_id
    where selected_models.is_newest
        and not exists (select 1 from compared_pairs)
),
copies as (
    select
        originals.model_no,
        models.model_no as copy_no,
        originals.snapshot_id,
        models.snapshot_id as copy_snapshot_id,
        case
            when strpos(models.lineage, '"forked_from": "' || originals.model_id || '"') > 0
                then 'forked'
            when strpos(models.lineage, '"cloned_from": "' || originals.model_id || '"') > 0
                then 'cloned'
            when strpos(models.lineage, '"exported_from": "' || originals.model_id || '"') > 0
                then 'exported'
        end as copied
    from models
    join models as originals
        on originals.model_no <> models.model_no
    where models.lineage like '%_from": "%'
),
stated_buildings as (
    select distinct
        building_models.snapshot_id,
        other_building_models.snapshot_id as other_snapshot_id
    from building_models
    join building_models as other_building_models
        on other_building_models.building = building_models.building
)
select
    copies.model_no,
    copies.copy_no,
    copies.copied,
    coalesce(model_overlaps.shared_guids, 0) as shared_guids,
    coalesce(model_overlaps.is_same_building, false)
    or stated_buildings.snapshot_id is not null as is_kept_apart
from copies
left join model_overlaps
    on model_overlaps.model_no = least(copies.model_no, copies.copy_no)
    and model_overlaps.other_model_no = greatest(copies.model_no, copies.copy_no)
left join stated_buildings
    on stated_buildings.snapshot_id = copies.snapshot_id
    and stated_buildings.other_snapshot_id = copies.copy_snapshot_id
where copies.copied is not null
