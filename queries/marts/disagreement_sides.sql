-- title: The elements behind the lines of disagreements, of either source
-- grain: pair_no, side, element_no
-- side: old is the first source (a), new the other (b).
select
    compared_sides.pair_no,
    compared_sides.side,
    compared_sides.snapshot_id,
    compared_sides.element_no,
    other_snapshots.vendor as other_vendor,
    other_snapshots.model_id as other_model_id,
    other_snapshots.snapshot_id as other_snapshot_id,
    first_elements.element_id as a_element_id,
    other_elements.element_id as b_element_id
from compared_sides
join compared_pairs
    on compared_pairs.pair_no = compared_sides.pair_no
join selected_snapshots as other_snapshots
    on other_snapshots.snapshot_id = compared_pairs.new_snapshot_id
left join compared_elements as first_elements
    on first_elements.pair_no = compared_sides.pair_no
    and first_elements.side = 'old'
    and first_elements.element_no = compared_sides.old_no
left join compared_elements as other_elements
    on other_elements.pair_no = compared_sides.pair_no
    and other_elements.side = 'new'
    and other_elements.element_no = compared_sides.new_no
