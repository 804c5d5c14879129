-- title: Every compared element of either side, with what became of it
-- grain: pair_no, side, element_no
select
    compared_sides.pair_no,
    compared_sides.side,
    compared_sides.snapshot_id,
    compared_sides.element_no,
    compared_sides.old_no,
    compared_sides.new_no,
    element_changes.matched_by,
    element_changes.change,
    element_changes.what
from compared_sides
join element_changes
    on element_changes.pair_no = compared_sides.pair_no
    and coalesce(element_changes.old_no, -1) = coalesce(compared_sides.old_no, -1)
    and coalesce(element_changes.new_no, -1) = coalesce(compared_sides.new_no, -1)
