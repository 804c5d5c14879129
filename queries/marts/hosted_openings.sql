-- title: The openings that void an element
-- grain: snapshot_id, element_no
-- column: openings bigint; openings that void the element
-- Volume and area are those of the openings as bodies, else as stated; null if one opening has none.
-- An opening may reach beyond its host, so its volume may be more than what is cut.
with openings as (
    select
        checked_elements.snapshot_id,
        checked_elements.host_no,
        max(
            case
                when checked_figures.quantity in ('Volume', 'NetVolume')
                    then coalesce(checked_figures.body_exact, checked_figures.value_exact)
            end
        ) as volume_m3,
        max(
            case when checked_figures.quantity = 'Area' then checked_figures.value_exact end
        ) as area_m2
    from checked_elements
    left join checked_figures
        on checked_figures.snapshot_id = checked_elements.snapshot_id
        and checked_figures.element_no = checked_elements.element_no
    where checked_elements.host_no is not null
    group by
        checked_elements.snapshot_id,
        checked_elements.host_no,
        checked_elements.element_no
)
select
    snapshot_id,
    host_no as element_no,
    count(*) as openings,
    case
        when count(volume_m3) = count(*) then cast(sum(volume_m3) as decimal(38, 12))
    end as volume_m3,
    case
        when count(area_m2) = count(*) then cast(sum(area_m2) as decimal(38, 12))
    end as area_m2
from openings
group by snapshot_id, host_no
