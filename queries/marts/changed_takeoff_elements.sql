-- title: The elements that count of the compared snapshots, with all that changes are grouped by
-- grain: pair_no, side, element_no
select
    side_changes.pair_no,
    side_changes.side,
    takeoff_elements.snapshot_id,
    takeoff_elements.element_no,
    side_changes.change,
    side_changes.matched_by,
    takeoff_elements.building_name,
    takeoff_elements.storey_name,
    takeoff_elements.ifc_class,
    takeoff_elements.type_name,
    takeoff_elements.material,
    takeoff_elements.code
from side_changes
join takeoff_elements
    on takeoff_elements.snapshot_id = side_changes.snapshot_id
    and takeoff_elements.element_no = side_changes.element_no
