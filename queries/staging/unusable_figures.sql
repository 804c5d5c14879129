-- title: Quantities that an element states without a usable value
-- grain: snapshot_id, element_no, quantity
-- Their unit is unknown, or the value is no number; another figure of the element may be usable.
select distinct
    snapshot_id,
    element_no,
    quantity
from quantities
where quantity is not null
    and value_exact is null
