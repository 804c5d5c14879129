-- title: Origin marker that counts as an element
-- why: It is there to place the models over one another; nobody builds it.
-- severity: note
-- A thing without a class of its own that stands in at least two models of one project, or whose
-- body is a cube of a metre.
with cubes as (
    select
        snapshot_id,
        element_no
    from body_figures
    where quantity in ('NetVolume', 'NetSurfaceArea')
    group by snapshot_id, element_no
    having abs(max(case when quantity = 'NetVolume' then cast(value_exact as double) end) - 1)
        <= 0.000001
        and abs(
            max(case when quantity = 'NetSurfaceArea' then cast(value_exact as double) end) - 6
        ) <= 0.000001
),
firsts as (
    select distinct
        first_snapshot_id as snapshot_id,
        first_element_no as element_no
    from element_twins
),
figures as (
    select
        snapshot_id,
        element_no,
        value_exact
    from checked_figures
    where quantity = 'NetVolume'
)
select
    checked_elements.model_id,
    checked_elements.element_id,
    checked_elements.element_no,
    checked_elements.snapshot_id,
    checked_elements.ifc_class,
    checked_elements.name,
    case when figures.value_exact is not null then 'NetVolume' end as quantity,
    case when figures.value_exact is not null then 'm3' end as unit,
    figures.value_exact,
    case when figures.value_exact is not null then cast(0 as decimal(32, 12)) end
        as suspected_exact,
    cast(0 as decimal(32, 12)) - figures.value_exact as effect_exact,
    case
        when firsts.element_no is null then 'a cube of a metre'
        else 'the same thing in several models'
    end || ', of no class of its own' as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from checked_elements
left join cubes
    on cubes.snapshot_id = checked_elements.snapshot_id
    and cubes.element_no = checked_elements.element_no
left join firsts
    on firsts.snapshot_id = checked_elements.snapshot_id
    and firsts.element_no = checked_elements.element_no
left join figures
    on figures.snapshot_id = checked_elements.snapshot_id
    and figures.element_no = checked_elements.element_no
where checked_elements.counted
    and checked_elements.ifc_class = 'BuildingElementProxy'
    and (cubes.element_no is not null or firsts.element_no is not null)
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no
