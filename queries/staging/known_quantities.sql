-- title: The quantities that the models asked about state, with their units
-- grain: quantity
-- kept: one pass over the figures, few rows
-- column: stated_quantity text; as the models call it: Count, if it is StatedCount
-- column: bit bigint; a power of 2, another one for each quantity of a band
-- column: band bigint; the number of the first of the sixty quantities that it is one of
-- Count is the number of elements; what a model itself calls Count (the bars of a mesh) is shown
-- as StatedCount.
with stated as (
    select
        quantity,
        min(unit) as unit,
        row_number() over (order by quantity) as quantity_no
    from quantities
    where quantity is not null
    group by quantity
)
select
    case when quantity = 'Count' then 'StatedCount' else quantity end as quantity,
    quantity as stated_quantity,
    unit,
    cast(1 as bigint) << cast(quantity_no % 60 as integer) as bit,
    quantity_no - quantity_no % 60 as band
from stated
