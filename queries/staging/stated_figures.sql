-- title: Every usable figure, with its place in the order in which figures are picked
-- grain: snapshot_id, element_no, ordinal
-- read anew: as many rows as the lake has figures, joined with small tables
-- Usable: the source's name maps to an IFC quantity and the value is known in SI. Only the bases
-- and quantities that are asked (basis_order, asked_quantities; all if none is named). `place` is
-- lower for what is picked first: by basis in that order, then origin, then the standard's own sets
-- before others. `whole_no` is the element_no of the whole, if the element is a part.
select
    quantities.snapshot_id,
    quantities.element_no,
    quantities.element_id,
    part_links.whole_no,
    quantities.quantity,
    quantities.kind,
    quantities.unit,
    quantities.value_exact,
    quantities.basis,
    quantities.origin,
    quantities.ordinal,
    quantities.source_set,
    quantities.source_name,
    basis_order.place * 100
    + case quantities.origin
        when 'qto' then 0
        when 'attribute' then 10
        when 'pset' then 20
        when 'type' then 30
        when 'mapping' then 40
        when 'dynamic' then 50
        else 60
    end
    + case
        when left(quantities.source_set, 4) = 'Qto_' then 0
        when quantities.source_set = 'BaseQuantities' then 0
        else 1
    end as place
from quantities
join basis_order
    on basis_order.basis = quantities.basis
join asked_quantities
    on asked_quantities.stated_quantity = quantities.quantity
left join part_links
    on part_links.snapshot_id = quantities.snapshot_id
    and part_links.element_no = quantities.element_no
where quantities.value_exact is not null
