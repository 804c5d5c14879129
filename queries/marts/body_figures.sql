-- title: What the body of an element says of each quantity
-- grain: snapshot_id, element_no, quantity
select
    snapshot_id,
    element_no,
    quantity,
    max(value_exact) as value_exact
from quantities
where basis = 'computed'
    and quantity is not null
    and value_exact is not null
group by snapshot_id, element_no, quantity
