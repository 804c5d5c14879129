-- title: Elements that an earlier model of the same project holds already
-- grain: snapshot_id, element_no
-- kept: few rows
-- Those with a copy in it (see element_twins), and wholes all of whose parts it holds.
select
    snapshot_id,
    element_no
from element_twins
union
select
    snapshot_id,
    element_no
from wholes
where repeated_parts = parts
