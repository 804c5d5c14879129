-- title: The elements behind the lines of changed_elements, of either side
-- grain: pair_no, side, element_no
select
    side_changes.pair_no,
    side_changes.side,
    side_changes.snapshot_id,
    side_changes.element_no,
    side_changes.change,
    coalesce(new_elements.role, old_elements.role) as role,
    coalesce(new_elements.ifc_guid, old_elements.ifc_guid) as ifc_guid,
    old_elements.element_id as old_element_id,
    new_elements.element_id as new_element_id
from side_changes
left join compared_elements as old_elements
    on old_elements.pair_no = side_changes.pair_no
    and old_elements.side = 'old'
    and old_elements.element_no = side_changes.old_no
left join compared_elements as new_elements
    on new_elements.pair_no = side_changes.pair_no
    and new_elements.side = 'new'
    and new_elements.element_no = side_changes.new_no
