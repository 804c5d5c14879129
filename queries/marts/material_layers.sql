-- title: Layers of the elements that count, with what each covers and holds
-- grain: snapshot_id, element_no, material, split, thickness_mm
-- The pieces of material_pieces, for NetVolume; layers of one material and thickness in one element
-- are one row, `layers` says how many. `thickness_mm` is null where there is no layer. `area_m2` is
-- NetSideArea of the bearer, or NetArea where it states none, once for each layer; only layers and
-- elements of one material have one. basis: derived where the volume is split into pieces.
with pieces as (
    select
        snapshot_id,
        element_no,
        bearer_no,
        material,
        split,
        round(thickness_m * 1000, 3) as thickness_mm,
        value_exact,
        is_doubtful,
        case
            when value_exact is null then cast(null as varchar)
            when count(*) over (partition by snapshot_id, element_no) > 1 then 'derived'
            else basis
        end as basis
    from material_pieces
    where quantity = 'NetVolume'
),
ranked_areas as (
    select
        snapshot_id,
        element_no,
        value_exact,
        is_doubtful,
        row_number() over (
            partition by snapshot_id, element_no
            order by case quantity when 'NetSideArea' then 0 else 1 end
        ) as place
    from element_quantities
    where quantity in ('NetSideArea', 'NetArea')
),
layers as (
    select
        pieces.snapshot_id,
        pieces.element_no,
        pieces.material,
        pieces.split,
        pieces.thickness_mm,
        pieces.value_exact,
        pieces.is_doubtful,
        pieces.basis,
        case
            when pieces.split in ('layers', 'whole') then ranked_areas.value_exact
        end as area_exact,
        pieces.split in ('layers', 'whole')
        and coalesce(ranked_areas.is_doubtful, false) as is_area_doubtful
    from pieces
    left join ranked_areas
        on ranked_areas.snapshot_id = pieces.snapshot_id
        and ranked_areas.element_no = pieces.bearer_no
        and ranked_areas.place = 1
),
sums as (
    select
        snapshot_id,
        element_no,
        material,
        split,
        thickness_mm,
        count(thickness_mm) as layers,
        cast(sum(value_exact) as decimal(38, 12)) as value_exact,
        case
            when count(area_exact) = count(*) then cast(sum(area_exact) as decimal(38, 12))
        end as area_m2,
        max(case when is_doubtful or is_area_doubtful then 1 else 0 end) = 1 as is_doubtful,
        min(basis) as basis
    from layers
    group by snapshot_id, element_no, material, split, thickness_mm
)
select
    asked_elements.snapshot_id,
    asked_elements.element_no,
    asked_elements.vendor,
    asked_elements.project_id,
    asked_elements.model_id,
    asked_elements.model_name,
    asked_elements.storey_name,
    asked_elements.storey_elevation_m,
    asked_elements.ifc_class,
    asked_elements.type_name,
    sums.material,
    sums.split,
    sums.thickness_mm,
    sums.layers,
    sums.area_m2,
    'NetVolume' as quantity,
    'm3' as unit,
    sums.value_exact,
    sums.is_doubtful,
    sums.basis
from asked_elements
join sums
    on sums.snapshot_id = asked_elements.snapshot_id
    and sums.element_no = asked_elements.element_no
