-- title: Models
-- question: Which models and versions does an answer stand on, and how complete are they?
-- grain: snapshot_id
-- elements: counted_elements
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: project_name text; the project's name
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: snapshot_id text; the committed version
-- column: sequence integer; counts the model's snapshots
-- column: is_current boolean; no newer one is committed
-- column: taken_at timestamp; when it was fetched
-- column: source_version_label text; what the vendor calls the version
-- column: proof text; stated_total or protocol_end; none: not proved complete
-- column: elements bigint; elements of all roles
-- column: counted bigint; elements that reports count
-- column: not_counted bigint; elements that they do not, see not_counted
-- column: figures bigint; figures of all bases
-- column: warnings bigint; things noticed while reading
-- column: same_building_as text; models that draw the same building; never added up
with judged as (
    select
        snapshot_id,
        count(case when counted then 1 end) as counted,
        count(case when not counted then 1 end) as not_counted
    from counted_elements
    group by snapshot_id
),
pairs as (
    select
        model_no,
        other_model_no
    from model_overlaps
    where is_same_building
    union all
    select
        other_model_no as model_no,
        model_no as other_model_no
    from model_overlaps
    where is_same_building
),
same_buildings as (
    select
        pairs.model_no,
        string_agg(
            selected_models.vendor || ':' || selected_models.model_id, '; '
            order by selected_models.model_no
        ) as same_building_as
    from pairs
    join selected_models
        on selected_models.model_no = pairs.other_model_no
    group by pairs.model_no
)
select
    selected_snapshots.vendor,
    selected_snapshots.project_id,
    selected_snapshots.project_name,
    selected_snapshots.model_id,
    selected_snapshots.model_name,
    selected_snapshots.snapshot_id,
    selected_snapshots.sequence,
    selected_snapshots.is_current,
    selected_snapshots.taken_at,
    selected_snapshots.source_version_label,
    selected_snapshots.proof,
    selected_snapshots.elements,
    coalesce(judged.counted, 0) as counted,
    coalesce(judged.not_counted, 0) as not_counted,
    selected_snapshots.quantities as figures,
    selected_snapshots.warnings,
    same_buildings.same_building_as
from selected_snapshots
join selected_models
    on selected_models.snapshot_id = selected_snapshots.snapshot_id
left join judged
    on judged.snapshot_id = selected_snapshots.snapshot_id
left join same_buildings
    on same_buildings.model_no = selected_models.model_no
order by selected_models.model_no
