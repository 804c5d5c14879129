-- title: Quantity set that is misspelt or has no name
-- why: Programs that go by the standard's name do not find it; figures of other sets stand before it.
-- severity: note
-- Standard sets are BaseQuantities, and Qto_ with a class and Quantities.
with sets as (
    select distinct
        snapshot_id,
        element_no,
        coalesce(trim(source_set), '') as set_name
    from quantities
    where origin = 'qto'
        and basis = 'authored'
)
select
    checked_elements.model_id,
    checked_elements.element_id,
    checked_elements.element_no,
    checked_elements.snapshot_id,
    checked_elements.ifc_class,
    checked_elements.name,
    cast(null as varchar) as quantity,
    cast(null as varchar) as unit,
    cast(null as decimal(32, 12)) as value_exact,
    cast(null as decimal(32, 12)) as suspected_exact,
    cast(null as decimal(32, 12)) as effect_exact,
    case
        when sets.set_name = '' then 'a quantity set has no name'
        else 'the set ''' || sets.set_name || ''' is nearly one of the standard'
    end as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from sets
join checked_elements
    on checked_elements.snapshot_id = sets.snapshot_id
    and checked_elements.element_no = sets.element_no
where sets.set_name = ''
    or (
        regexp_extract(lower(sets.set_name), '^(qto|base_?quant)', 0) <> ''
        and regexp_extract(sets.set_name, '^(Qto_[A-Z][A-Za-z]*Quantities|BaseQuantities)$', 0) = ''
    )
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no,
    sets.set_name
