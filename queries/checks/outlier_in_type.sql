-- title: Figure far from the others of its type
-- why: One wrong length in a row of equal beams is seen best beside the others.
-- severity: warning
-- param: times decimal = 10; how many times larger or smaller than the middle one
-- The middle of at least eight figures of one class, type and model; elements of one type may well
-- be of many sizes, so the spread of the others counts, too.
with ranked as (
    select
        snapshot_id,
        element_no,
        ifc_class,
        type_name,
        quantity,
        cast(value_exact as double) as value,
        row_number() over types_by_size as place,
        count(*) over types as figures
    from checked_figures
    where value_exact > 0
        and type_name is not null
        and basis in ('authored', 'vendor_calculated')
        and kind in ('length', 'area', 'volume', 'mass')
    window
        types as (partition by snapshot_id, ifc_class, type_name, quantity),
        types_by_size as (
            partition by snapshot_id, ifc_class, type_name, quantity
            order by value_exact, element_no
        )
),
middles as (
    select
        snapshot_id,
        ifc_class,
        type_name,
        quantity,
        max(figures) as figures,
        avg(
            case when place * 2 between figures and figures + 2 then value end
        ) as middle,
        max(case when place = floor((figures + 3) / 4) then value end) as quarter,
        max(case when place = figures + 1 - floor((figures + 3) / 4) then value end)
            as three_quarters
    from ranked
    group by snapshot_id, ifc_class, type_name, quantity
)
select
    checked_figures.model_id,
    checked_figures.element_id,
    checked_figures.element_no,
    checked_figures.snapshot_id,
    checked_figures.ifc_class,
    checked_figures.name,
    checked_figures.quantity,
    checked_figures.unit,
    checked_figures.value_exact,
    case
        when abs(
            cast(checked_figures.body_exact as double)
            / nullif(cast(checked_figures.value_exact as double), 0)
            - 1
        ) > 0.05
            then checked_figures.body_exact
    end as suspected_exact,
    case
        when abs(
            cast(checked_figures.body_exact as double)
            / nullif(cast(checked_figures.value_exact as double), 0)
            - 1
        ) > 0.05
            then checked_figures.body_exact - checked_figures.value_exact
    end as effect_exact,
    'the middle of ' || cast(middles.figures as varchar) || ' of this type is '
    || cast(cast(middles.middle as decimal(38, 3)) as varchar) as detail,
    checked_figures.evidence_no,
    checked_figures.source_row
from ranked
join middles
    on middles.snapshot_id = ranked.snapshot_id
    and coalesce(middles.ifc_class, '') = coalesce(ranked.ifc_class, '')
    and middles.type_name = ranked.type_name
    and middles.quantity = ranked.quantity
join checked_figures
    on checked_figures.snapshot_id = ranked.snapshot_id
    and checked_figures.element_no = ranked.element_no
    and checked_figures.quantity = ranked.quantity
where middles.figures >= 8
    and middles.three_quarters < 3 * middles.quarter
    and (
        ranked.value > cast($times as double) * middles.middle
        or ranked.value * cast($times as double) < middles.middle
    )
    and coalesce(
        abs(
            cast(checked_figures.body_exact as double)
            / nullif(cast(checked_figures.value_exact as double), 0)
            - 1
        ) > 0.05,
        true
    )
order by
    checked_figures.model_id,
    checked_figures.snapshot_id,
    checked_figures.element_no,
    checked_figures.quantity
