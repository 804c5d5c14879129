-- title: Property that is missing, not false
-- why: A rule that asks for outer or load-bearing elements can say neither yes nor no.
-- severity: note
-- Named where others of the class in the model say yes or no.
with known as (
    select
        snapshot_id,
        ifc_class,
        count(is_external) as external_known,
        count(load_bearing) as bearing_known
    from checked_elements
    where counted
    group by snapshot_id, ifc_class
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
    'not said, though others of the class do: '
    || case
        when checked_elements.is_external is null and known.external_known > 0
            then case
                when checked_elements.load_bearing is null and known.bearing_known > 0
                    then 'whether it is outside, and whether it bears loads'
                else 'whether it is outside'
            end
        else 'whether it bears loads'
    end as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from checked_elements
join known
    on known.snapshot_id = checked_elements.snapshot_id
    and known.ifc_class = checked_elements.ifc_class
where checked_elements.counted
    and (
        (checked_elements.is_external is null and known.external_known > 0)
        or (checked_elements.load_bearing is null and known.bearing_known > 0)
    )
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no
