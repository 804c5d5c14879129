-- title: The quantities that the models asked about state, with their units
-- grain: quantity
-- kept: one pass over the figures, few rows
-- column: stated_quantity text; as the models call it: Count, if it is StatedCount
-- Count is the number of elements; what a model itself calls Count (the bars of a mesh) is shown
-- as StatedCount.
select
    case when quantity = 'Count' then 'StatedCount' else quantity end as quantity,
    quantity as stated_quantity,
    min(unit) as unit
from quantities
where quantity is not null
group by quantity
