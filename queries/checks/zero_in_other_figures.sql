-- title: Zero that means not computed, in figures that no report adds up
-- why: A weight of zero beside real ones tells that the set was never worked out; do not use it.
-- severity: warning
-- No thing weighs nothing: a set that says so was not worked out, and its other zeros were not
-- either.
with weightless as (
    select
        quantities.snapshot_id,
        quantities.element_no,
        quantities.source_set,
        quantities.source_name,
        quantities.evidence_no,
        quantities.source_row,
        quantities.unit
    from quantities
    left join checked_figures
        on checked_figures.snapshot_id = quantities.snapshot_id
        and checked_figures.element_no = quantities.element_no
        and checked_figures.quantity = quantities.quantity
        and checked_figures.value_exact = 0
    where quantities.kind = 'mass'
        and quantities.value_exact = 0
        and quantities.basis in ('authored', 'vendor_calculated')
        and checked_figures.element_no is null
),
others as (
    select
        weightless.snapshot_id,
        weightless.element_no,
        weightless.source_set,
        count(*) as zeros
    from weightless
    join properties
        on properties.snapshot_id = weightless.snapshot_id
        and properties.element_no = weightless.element_no
        and properties.set_name = weightless.source_set
        and properties.number = 0
        and properties.name <> weightless.source_name
    group by weightless.snapshot_id, weightless.element_no, weightless.source_set
)
select
    checked_elements.model_id,
    checked_elements.element_id,
    checked_elements.element_no,
    checked_elements.snapshot_id,
    checked_elements.ifc_class,
    checked_elements.name,
    cast(null as varchar) as quantity,
    weightless.unit,
    cast(null as decimal(32, 12)) as value_exact,
    cast(null as decimal(32, 12)) as suspected_exact,
    cast(null as decimal(32, 12)) as effect_exact,
    coalesce(weightless.source_set || '.', '') || weightless.source_name || ' is zero'
    || case
        when others.zeros is not null
            then ', and so are ' || cast(others.zeros as varchar) || ' other figures of this set'
        else ''
    end as detail,
    weightless.evidence_no,
    weightless.source_row
from weightless
join checked_elements
    on checked_elements.snapshot_id = weightless.snapshot_id
    and checked_elements.element_no = weightless.element_no
left join others
    on others.snapshot_id = weightless.snapshot_id
    and others.element_no = weightless.element_no
    and coalesce(others.source_set, '') = coalesce(weightless.source_set, '')
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no,
    weightless.source_name,
    weightless.source_row
