-- title: Element without a code, in a model that has codes
-- why: A takeoff by code has it on the line of what is not classified.
-- severity: note
with known as (
    select distinct
        snapshot_id,
        element_no
    from codes
    where trim(code) <> ''
),
coded_models as (
    select distinct snapshot_id
    from known
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
    'it has no code, others of this model have' as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from checked_elements
join coded_models
    on coded_models.snapshot_id = checked_elements.snapshot_id
left join known
    on known.snapshot_id = checked_elements.snapshot_id
    and known.element_no = checked_elements.element_no
where checked_elements.counted
    and known.element_no is null
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no
