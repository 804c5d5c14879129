-- title: The elements with more than one code
-- grain: snapshot_id, element_no
-- Of one classification system or of several; what has no code in a second place has one at most.
select distinct
    snapshot_id,
    element_no
from codes
where ordinal > 0
