-- title: Model beside its copy, its fork or an older revision
-- why: Both draw the same building; where GUIDs do not show it, both are added up.
-- severity: warning
with pairs as (
    select
        model_no,
        other_model_no as copy_no,
        cast(shared_guids as varchar) || ' of ' || cast(smaller_guids as varchar)
        || ' GUIDs of the smaller model are also in ' as told
    from model_overlaps
    where is_same_building
    union all
    select
        model_no,
        copy_no,
        'by its lineage it was ' || copied || ' from, and shares '
        || cast(shared_guids as varchar) || ' GUIDs with ' as told
    from model_copies
    where not is_kept_apart
)
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
    pairs.told || firsts.vendor || ':' || firsts.model_id as detail,
    cast(null as integer) as evidence_no,
    cast(null as bigint) as source_row
from pairs
join selected_models as firsts
    on firsts.model_no = pairs.model_no
join selected_models as copies
    on copies.model_no = pairs.copy_no
order by
    copies.model_id,
    copies.snapshot_id,
    pairs.model_no
