-- title: The quantities that reports show
-- grain: quantity
-- column: is_named boolean; named in the question; else it is one of all that there are
-- Those named in the question (`is_named`), or else all that the models state.
select
    quantities_asked.quantity,
    known_quantities.stated_quantity,
    known_quantities.unit,
    true as is_named
from quantities_asked
left join known_quantities
    on known_quantities.quantity = quantities_asked.quantity
union all
select
    quantity,
    stated_quantity,
    unit,
    false as is_named
from known_quantities
where not exists (select 1 from quantities_asked)
