-- title: Element that counts in models of several projects
-- why: Reports never look across projects for copies, so it is in the total more than once.
-- severity: error
-- Not for two models that draw the same building: these are never added up (see model_beside_copy).
with models as (
    select
        model_overlaps.model_no,
        model_overlaps.other_model_no
    from model_overlaps
    where not model_overlaps.is_one_project
        and not model_overlaps.is_same_building
),
copies as (
    select
        copies.snapshot_id,
        copies.element_no,
        min(firsts.model_id) as first_model_id
    from models
    join selected_models as first_models
        on first_models.model_no = models.model_no
    join selected_models as copy_models
        on copy_models.model_no = models.other_model_no
    join checked_elements as firsts
        on firsts.snapshot_id = first_models.snapshot_id
    join checked_elements as copies
        on copies.snapshot_id = copy_models.snapshot_id
        and copies.ifc_guid = firsts.ifc_guid
    where firsts.counted
        and copies.counted
    group by copies.snapshot_id, copies.element_no
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
    'counted in ' || copies.first_model_id || ' of another project, too' as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from checked_elements
join copies
    on copies.snapshot_id = checked_elements.snapshot_id
    and copies.element_no = checked_elements.element_no
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no
