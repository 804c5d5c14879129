-- title: The models asked about, numbered
-- grain: snapshot_id
-- Of two snapshots of one model only the newest counts (`is_newest`).
select
    snapshot_id,
    vendor,
    project_id,
    project_name,
    model_id,
    model_name,
    cast(
        row_number() over (
            order by vendor, project_id, model_id, sequence, taken_at, snapshot_id
        ) as integer
    ) as model_no,
    row_number() over (
        partition by vendor, project_id, model_id
        order by sequence desc, taken_at desc, snapshot_id desc
    ) = 1 as is_newest
from selected_snapshots
