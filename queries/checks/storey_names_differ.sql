-- title: Storey of another name, or at another height, than in the project's other models
-- why: A takeoff by storey has two lines for one storey, or one line for two.
-- severity: warning
-- param: tolerance decimal = 0.05; metres by which one storey's height may differ between models
with storeys as (
    select
        selected_models.project_id,
        selected_models.model_no,
        locations.snapshot_id,
        locations.model_id,
        locations.location_id,
        trim(locations.name) as name,
        locations.elevation_m,
        locations.evidence_no,
        locations.source_row
    from locations
    join selected_models
        on selected_models.snapshot_id = locations.snapshot_id
    where locations.kind = 'storey'
        and selected_models.is_newest
),
pairs as (
    select
        storeys.snapshot_id,
        storeys.model_id,
        storeys.location_id,
        storeys.name,
        storeys.evidence_no,
        storeys.source_row,
        min(
            case
                when storeys.name = others.name then 'at another height in '
                else 'called ''' || coalesce(others.name, '') || ''' in '
            end || others.model_id
        ) as detail
    from storeys
    join storeys as others
        on others.project_id = storeys.project_id
        and others.model_no < storeys.model_no
    where (
        storeys.name = others.name
        and abs(storeys.elevation_m - others.elevation_m) > cast($tolerance as double)
    )
        or (
            coalesce(storeys.name, '') <> coalesce(others.name, '')
            and abs(storeys.elevation_m - others.elevation_m) <= cast($tolerance as double)
        )
    group by
        storeys.snapshot_id,
        storeys.model_id,
        storeys.location_id,
        storeys.name,
        storeys.evidence_no,
        storeys.source_row
)
select
    model_id,
    location_id as element_id,
    cast(null as integer) as element_no,
    snapshot_id,
    'BuildingStorey' as ifc_class,
    name,
    cast(null as varchar) as quantity,
    cast(null as varchar) as unit,
    cast(null as decimal(32, 12)) as value_exact,
    cast(null as decimal(32, 12)) as suspected_exact,
    cast(null as decimal(32, 12)) as effect_exact,
    detail,
    evidence_no,
    source_row
from pairs
order by
    model_id,
    snapshot_id,
    location_id
