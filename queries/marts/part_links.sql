-- title: Which whole a part belongs to
-- grain: snapshot_id, element_no
-- kept: a join over all elements, one row a part
select
    parts.snapshot_id,
    parts.element_no,
    wholes.element_no as whole_no
from elements as parts
join elements as wholes
    on wholes.snapshot_id = parts.snapshot_id
    and wholes.element_id = parts.parent_id
where parts.role = 'part'
