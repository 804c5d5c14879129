-- title: Matched elements whose body lies elsewhere
-- grain: pair_no, old_no, new_no
-- kept: one pass over the boxes of both sides, few rows
-- The box around the body shifted by more than a millimetre and is as large as it was, to a
-- millimetre; or its level sides changed places, as by a quarter turn. A box of another size is no
-- shift: the element became longer. Coordinates are a model's own: between two models (files of
-- other names) they are compared only if more than half of the bodies lie where they lay.
with boxes_of_both as (
    select
        element_matches.pair_no,
        element_matches.old_no,
        element_matches.new_no,
        old_snapshots.vendor = new_snapshots.vendor
        and old_snapshots.project_id = new_snapshots.project_id
        and old_snapshots.model_id = new_snapshots.model_id as is_one_model,
        greatest(
            abs(new_boxes.min_x_m - old_boxes.min_x_m),
            abs(new_boxes.min_y_m - old_boxes.min_y_m),
            abs(new_boxes.min_z_m - old_boxes.min_z_m)
        ) as shift_m,
        old_boxes.max_x_m - old_boxes.min_x_m as old_x_m,
        old_boxes.max_y_m - old_boxes.min_y_m as old_y_m,
        old_boxes.max_z_m - old_boxes.min_z_m as old_z_m,
        new_boxes.max_x_m - new_boxes.min_x_m as new_x_m,
        new_boxes.max_y_m - new_boxes.min_y_m as new_y_m,
        new_boxes.max_z_m - new_boxes.min_z_m as new_z_m
    from element_matches
    join element_boxes as old_boxes
        on old_boxes.snapshot_id = element_matches.old_snapshot_id
        and old_boxes.element_no = element_matches.old_no
    join element_boxes as new_boxes
        on new_boxes.snapshot_id = element_matches.new_snapshot_id
        and new_boxes.element_no = element_matches.new_no
    join selected_snapshots as old_snapshots
        on old_snapshots.snapshot_id = element_matches.old_snapshot_id
    join selected_snapshots as new_snapshots
        on new_snapshots.snapshot_id = element_matches.new_snapshot_id
),
judged as (
    select
        pair_no,
        old_no,
        new_no,
        is_one_model,
        shift_m > 0.001 as is_shifted,
        greatest(abs(new_x_m - old_x_m), abs(new_y_m - old_y_m), abs(new_z_m - old_z_m)) <= 0.001
            as is_as_large,
        greatest(abs(new_x_m - old_y_m), abs(new_y_m - old_x_m), abs(new_z_m - old_z_m)) <= 0.001
            as is_as_large_turned
    from boxes_of_both
),
shared_origins as (
    select pair_no
    from judged
    group by pair_no
    having min(case when is_one_model then 1 else 0 end) = 1
        or 2 * sum(case when is_as_large and not is_shifted then 1 else 0 end) > count(*)
)
select
    judged.pair_no,
    judged.old_no,
    judged.new_no
from judged
join shared_origins
    on shared_origins.pair_no = judged.pair_no
where (judged.is_as_large and judged.is_shifted)
    or (judged.is_as_large_turned and not judged.is_as_large)
