-- title: Which whole a part belongs to
-- grain: snapshot_id, element_no
-- kept: joins over the parts, one row a part
-- column: whole_no integer; element_no of the direct whole; null if the element is no part
-- column: top_no integer; element_no of the outermost whole
-- column: top_role text; role of the outermost whole
-- `whole_no` is the direct whole, `top_no` the outermost one and `top_role` its role. Four steps up
-- at most: what lies deeper has a part as its `top_no`.
with links as (
    select
        parts.snapshot_id,
        parts.element_no,
        wholes.element_no as whole_no,
        wholes.role as whole_role
    from elements as parts
    join elements as wholes
        on wholes.snapshot_id = parts.snapshot_id
        and wholes.element_id = parts.parent_id
    where parts.role = 'part'
)
select
    links.snapshot_id,
    links.element_no,
    links.whole_no,
    coalesce(fourth.whole_no, third.whole_no, second.whole_no, links.whole_no) as top_no,
    coalesce(fourth.whole_role, third.whole_role, second.whole_role, links.whole_role) as top_role
from links
left join links as second
    on second.snapshot_id = links.snapshot_id
    and second.element_no = links.whole_no
left join links as third
    on third.snapshot_id = second.snapshot_id
    and third.element_no = second.whole_no
left join links as fourth
    on fourth.snapshot_id = third.snapshot_id
    and fourth.element_no = third.whole_no
