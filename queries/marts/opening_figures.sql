-- title: The area and volume of each opening that voids an element
-- grain: snapshot_id, host_no, element_no
-- Area: as picked, else width times height, else that of what fills it. Volume: as picked. A null
-- is an opening of which nothing is known. An opening that voids two elements stands with each.
with voids as (
    select distinct
        relations.snapshot_id,
        relations.from_element_no as element_no,
        relations.to_element_no as host_no
    from relations
    where relations.kind = 'voids'
),
fillings as (
    select distinct
        relations.snapshot_id,
        relations.from_element_no as filling_no,
        relations.to_element_no as element_no
    from relations
    where relations.kind = 'fills'
),
sizes as (
    select
        snapshot_id,
        element_no,
        max(case when quantity = 'Area' then value_exact end) as area_m2,
        max(
            case when quantity = 'Width' then try_cast(value_exact as decimal(18, 9)) end
        ) as width_m,
        max(
            case when quantity = 'Height' then try_cast(value_exact as decimal(18, 9)) end
        ) as height_m,
        max(case when quantity in ('Volume', 'NetVolume') then value_exact end) as volume_m3,
        max(case when is_doubtful and quantity = 'Area' then 1 else 0 end) as doubtful_area,
        max(
            case when is_doubtful and quantity in ('Volume', 'NetVolume') then 1 else 0 end
        ) as doubtful_volume
    from element_quantities
    where quantity in ('Area', 'Width', 'Height', 'Volume', 'NetVolume')
    group by snapshot_id, element_no
),
filling_sizes as (
    select
        fillings.snapshot_id,
        fillings.element_no,
        case
            when count(coalesce(sizes.area_m2, sizes.width_m * sizes.height_m)) = count(*)
                then cast(
                    sum(coalesce(sizes.area_m2, cast(sizes.width_m * sizes.height_m as decimal(32, 12))))
                    as decimal(32, 12)
                )
        end as area_m2
    from fillings
    left join sizes
        on sizes.snapshot_id = fillings.snapshot_id
        and sizes.element_no = fillings.filling_no
    group by fillings.snapshot_id, fillings.element_no
)
select
    voids.snapshot_id,
    voids.host_no,
    voids.element_no,
    case
        when sizes.doubtful_area = 1 then cast(null as decimal(32, 12))
        else coalesce(
            sizes.area_m2,
            cast(sizes.width_m * sizes.height_m as decimal(32, 12)),
            filling_sizes.area_m2
        )
    end as area_m2,
    case when coalesce(sizes.doubtful_volume, 0) = 0 then sizes.volume_m3 end as volume_m3
from voids
left join sizes
    on sizes.snapshot_id = voids.snapshot_id
    and sizes.element_no = voids.element_no
left join filling_sizes
    on filling_sizes.snapshot_id = voids.snapshot_id
    and filling_sizes.element_no = voids.element_no
