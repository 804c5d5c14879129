-- title: The elements that count of two sources, with all that a reconciliation is grouped by
-- grain: pair_no, side, element_no
-- side: old is the first source (a), new the other (b). Labels are those of reconciled_elements.
select
    compared_sides.pair_no,
    compared_sides.side,
    compared_sides.snapshot_id,
    compared_sides.element_no,
    other_snapshots.vendor as other_vendor,
    other_snapshots.model_id as other_model_id,
    other_snapshots.snapshot_id as other_snapshot_id,
    reconciled_elements.ifc_class,
    reconciled_elements.storey_name,
    reconciled_elements.type_name,
    reconciled_elements.matched_by
from compared_sides
join asked_elements
    on asked_elements.snapshot_id = compared_sides.snapshot_id
    and asked_elements.element_no = compared_sides.element_no
join reconciled_elements
    on reconciled_elements.pair_no = compared_sides.pair_no
    and coalesce(reconciled_elements.old_no, -1) = coalesce(compared_sides.old_no, -1)
    and coalesce(reconciled_elements.new_no, -1) = coalesce(compared_sides.new_no, -1)
join compared_pairs
    on compared_pairs.pair_no = compared_sides.pair_no
join selected_snapshots as other_snapshots
    on other_snapshots.snapshot_id = compared_pairs.new_snapshot_id
