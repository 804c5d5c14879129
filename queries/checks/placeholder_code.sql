-- title: Code that is a placeholder
-- why: It looks like a code and means that nobody chose one; a bill by code prices nothing for it.
-- severity: warning
with placeholders as (
    select
        snapshot_id,
        element_no,
        ordinal,
        system,
        code,
        evidence_no,
        source_row
    from codes
    where trim(code) <> ''
        and (
            regexp_extract(
                lower(trim(code)), '^_.*_$|^<.*>$|(^|[^a-z])code([^a-z]|$)|^[x?._0 -]+$', 0
            ) <> ''
            or lower(trim(code)) in (
                'tbd', 'tba', 'tbc', 'none', 'null', 'na', 'n/a', 'unknown', 'undefined',
                'unclassified', 'unassigned', 'placeholder', 'default', 'test'
            )
        )
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
    '''' || placeholders.code || ''' as its code'
    || coalesce(' in ' || placeholders.system, '') as detail,
    placeholders.evidence_no,
    placeholders.source_row
from placeholders
join checked_elements
    on checked_elements.snapshot_id = placeholders.snapshot_id
    and checked_elements.element_no = placeholders.element_no
where checked_elements.counted
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no,
    placeholders.ordinal
