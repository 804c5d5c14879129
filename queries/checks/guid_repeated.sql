-- title: GUID that several elements of one model have
-- why: They are counted as several; a program that goes by GUID keeps one of them and loses the rest.
-- severity: warning
with repeated as (
    select
        snapshot_id,
        ifc_guid,
        count(*) as elements
    from checked_elements
    where ifc_guid is not null
        and trim(ifc_guid) <> ''
    group by snapshot_id, ifc_guid
    having count(*) > 1
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
    cast(repeated.elements as varchar) || ' elements of this model have the GUID '
    || checked_elements.ifc_guid as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from checked_elements
join repeated
    on repeated.snapshot_id = checked_elements.snapshot_id
    and repeated.ifc_guid = checked_elements.ifc_guid
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no
