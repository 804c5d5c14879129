-- title: Model beside its copy, its fork or an older revision
-- why: Both draw the same building; reports never add them up and give no grand total.
-- severity: warning
select
    copies.model_id,
    cast(null as varchar) as element_id,
    cast(null as integer) as element_no,
    copies.snapshot_id,
    cast(null as varchar) as ifc_class,
    copies.model_name as name,
    cast(null as varchar) as quantity,
    cast(null as varchar) as unit,
    cast(null as decimal(32, 12)) as value_exact,
    cast(null as decimal(32, 12)) as suspected_exact,
    cast(null as decimal(32, 12)) as effect_exact,
    cast(model_overlaps.shared_guids as varchar) || ' of '
    || cast(model_overlaps.smaller_guids as varchar) || ' GUIDs of the smaller model are also in '
    || firsts.vendor || ':' || firsts.model_id as detail,
    cast(null as integer) as evidence_no,
    cast(null as bigint) as source_row
from model_overlaps
join selected_models as firsts
    on firsts.model_no = model_overlaps.model_no
join selected_models as copies
    on copies.model_no = model_overlaps.other_model_no
where model_overlaps.is_same_building
order by
    copies.model_id,
    copies.snapshot_id,
    model_overlaps.model_no
