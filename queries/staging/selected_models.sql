-- title: The models asked about, numbered
-- grain: snapshot_id
-- column: model_no integer; the model's place among those asked, from 1
-- column: is_newest boolean; the newest of its model among those asked, or compared
-- Of two snapshots of one model only the newest counts (`is_newest`), unless they are compared: then
-- each counts by itself. The models that a building prefers come before all others.
with preferred as (
    select distinct snapshot_id
    from building_models
    where is_preferred
)
select
    selected_snapshots.snapshot_id,
    selected_snapshots.vendor,
    selected_snapshots.project_id,
    selected_snapshots.project_name,
    selected_snapshots.model_id,
    selected_snapshots.model_name,
    cast(
        row_number() over (
            order by
                case when preferred.snapshot_id is null then 1 else 0 end,
                selected_snapshots.vendor,
                selected_snapshots.project_id,
                selected_snapshots.model_id,
                selected_snapshots.sequence,
                selected_snapshots.taken_at,
                selected_snapshots.snapshot_id
        ) as integer
    ) as model_no,
    row_number() over (
        partition by
            selected_snapshots.vendor, selected_snapshots.project_id, selected_snapshots.model_id
        order by
            selected_snapshots.sequence desc,
            selected_snapshots.taken_at desc,
            selected_snapshots.snapshot_id desc
    ) = 1
    or exists (select 1 from compared_pairs) as is_newest
from selected_snapshots
left join preferred
    on preferred.snapshot_id = selected_snapshots.snapshot_id
