-- title: Every element's quantities, one figure each
-- grain: snapshot_id, element_no, quantity
-- An element without a usable figure of a quantity has no row. A doubtful one (its twins in one
-- set disagree) has a row without value. `ordinal` leads to the row of `quantities`; it is null
-- for doubtful and derived figures.
select
    snapshot_id,
    element_no,
    element_id,
    quantity,
    kind,
    unit,
    value_exact,
    is_doubtful,
    basis,
    origin,
    ordinal,
    source_set,
    source_name,
    picked_because
from picked_figures
union all
select
    snapshot_id,
    element_no,
    element_id,
    quantity,
    kind,
    unit,
    value_exact,
    false as is_doubtful,
    'derived' as basis,
    'rule' as origin,
    cast(null as integer) as ordinal,
    cast(null as varchar) as source_set,
    cast(null as varchar) as source_name,
    picked_because
from derived_figures
