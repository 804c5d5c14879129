-- title: Element that another model of the project holds, too
-- why: Added up by hand it counts once for every model; reports here count the first copy.
-- severity: warning
-- Every copy that does not count is named, with its first one. Copies in all models of a project are
-- often markers of the origin.
with models as (
    select
        vendor,
        project_id,
        count(*) as models
    from selected_models
    where is_newest
    group by vendor, project_id
),
holders as (
    select
        vendor,
        project_id,
        ifc_guid,
        count(distinct snapshot_id) as holders
    from checked_elements
    where ifc_guid is not null
        and role = 'physical'
    group by vendor, project_id, ifc_guid
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
    'held by ' || firsts.model_id || ', too'
    || case
        when holders.holders = models.models and models.models > 2
            then '; it is in all ' || cast(models.models as varchar) || ' models of the project'
        else ''
    end as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from checked_elements
join element_twins
    on element_twins.snapshot_id = checked_elements.snapshot_id
    and element_twins.element_no = checked_elements.element_no
join selected_models as firsts
    on firsts.snapshot_id = element_twins.first_snapshot_id
left join holders
    on holders.vendor = checked_elements.vendor
    and holders.project_id = checked_elements.project_id
    and holders.ifc_guid = checked_elements.ifc_guid
left join models
    on models.vendor = checked_elements.vendor
    and models.project_id = checked_elements.project_id
where checked_elements.role = 'physical'
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no
