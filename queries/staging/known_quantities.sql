-- title: The quantities that the models asked about state, with their units
-- grain: quantity
-- kept: one pass over the figures, few rows
select
    quantity,
    min(unit) as unit
from quantities
where quantity is not null
group by quantity
