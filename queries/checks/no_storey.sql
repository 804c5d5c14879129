-- title: Element on no storey
-- why: A takeoff by storey has it on a line without a name.
-- severity: note
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
    'it stands on no storey' as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from checked_elements
where checked_elements.counted
    and (checked_elements.storey_name is null or trim(checked_elements.storey_name) = '')
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no
