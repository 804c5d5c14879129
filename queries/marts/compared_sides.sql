-- title: Every compared element of either side, with its other
-- grain: pair_no, side, element_no
-- Both sides of a match have the same old_no and new_no; one of these is null for an element that
-- stands on one side only.
select
    compared_elements.pair_no,
    compared_elements.side,
    compared_elements.snapshot_id,
    compared_elements.element_no,
    compared_elements.element_no as old_no,
    element_matches.new_no,
    element_matches.key_no,
    element_matches.matched_by
from compared_elements
left join element_matches
    on element_matches.pair_no = compared_elements.pair_no
    and element_matches.old_no = compared_elements.element_no
where compared_elements.side = 'old'
union all
select
    compared_elements.pair_no,
    compared_elements.side,
    compared_elements.snapshot_id,
    compared_elements.element_no,
    element_matches.old_no,
    compared_elements.element_no as new_no,
    element_matches.key_no,
    element_matches.matched_by
from compared_elements
left join element_matches
    on element_matches.pair_no = compared_elements.pair_no
    and element_matches.new_no = compared_elements.element_no
where compared_elements.side = 'new'
