-- title: Every element's quantities, one figure each
-- grain: snapshot_id, element_no, quantity
-- An element without a usable figure of a quantity has no row. A doubtful one (its twins in one
-- set disagree) has a row without value. `ordinal` leads to the row of `quantities`; it is null
-- for doubtful and derived figures. A whole of which an earlier model holds a part keeps no volume
-- or weight of its own: it would count that part twice. Where a report leaves out what a check shows
-- to be wrong (doubted_figures), that figure is doubtful, too.
select
    picked_figures.snapshot_id,
    picked_figures.element_no,
    picked_figures.element_id,
    picked_figures.quantity,
    picked_figures.kind,
    picked_figures.unit,
    case
        when doubted_figures.element_no is null then picked_figures.value_exact
    end as value_exact,
    picked_figures.is_doubtful or doubted_figures.element_no is not null as is_doubtful,
    picked_figures.basis,
    picked_figures.origin,
    picked_figures.ordinal,
    picked_figures.source_set,
    picked_figures.source_name,
    case
        when doubted_figures.element_no is null then picked_figures.picked_because
        else 'left out: a check shows that it is wrong'
    end as picked_because
from picked_figures
left join doubted_figures
    on doubted_figures.snapshot_id = picked_figures.snapshot_id
    and doubted_figures.element_no = picked_figures.element_no
    and doubted_figures.quantity = picked_figures.quantity
left join wholes
    on wholes.snapshot_id = picked_figures.snapshot_id
    and wholes.element_no = picked_figures.element_no
    and wholes.touched_parts > 0
    and picked_figures.quantity in ('NetVolume', 'GrossVolume', 'NetWeight', 'GrossWeight')
where wholes.element_no is null
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
union all
select
    snapshot_id,
    element_no,
    element_id,
    quantity,
    kind,
    unit,
    cast(null as decimal(32, 12)) as value_exact,
    true as is_doubtful,
    'derived' as basis,
    'rule' as origin,
    cast(null as integer) as ordinal,
    cast(null as varchar) as source_set,
    cast(null as varchar) as source_name,
    'left out: a check shows that a part of it is wrong' as picked_because
from doubted_figures
where is_derived
