-- title: What the openings of an element add up to under its rule
-- grain: snapshot_id, element_no, rule_no, figure
-- column: figure text; a name in the rule's formulas
-- Large: each opening that is larger than the rule's limit, Small: the others. Null if an opening is
-- not known; also if the model holds no opening of the element, but states more gross than net, or
-- holds no openings at all and does not state gross and net alike.
with measured as (
    select
        element_rules.snapshot_id,
        element_rules.element_no,
        element_rules.rule_no,
        rules.opening_above
    from element_rules
    join rules
        on rules.rule_no = element_rules.rule_no
    where element_rules.kind = 'measurement'
        and not element_rules.is_undecided
        and element_rules.rule_no in (
            select rule_figure_names.rule_no
            from rule_figure_names
            where rule_figure_names.quantity like '%Opening%'
        )
),
models_with_openings as (
    select distinct snapshot_id
    from relations
    where kind = 'voids'
),
sides as (
    select
        snapshot_id,
        element_no,
        max(case when quantity in ('GrossSideArea', 'GrossArea') then value_exact end) as gross_m2,
        max(case when quantity in ('NetSideArea', 'NetArea') then value_exact end) as net_m2,
        max(case when quantity = 'GrossVolume' then value_exact end) as gross_m3,
        max(case when quantity = 'NetVolume' then value_exact end) as net_m3
    from element_quantities
    where quantity in (
        'GrossSideArea', 'GrossArea', 'NetSideArea', 'NetArea', 'GrossVolume', 'NetVolume'
    )
    group by snapshot_id, element_no
),
hosts as (
    select
        measured.snapshot_id,
        measured.element_no,
        measured.rule_no,
        measured.opening_above,
        models_with_openings.snapshot_id is not null as model_has_openings,
        abs(cast(sides.gross_m2 - sides.net_m2 as double))
        > 0.000001 * abs(cast(sides.gross_m2 as double)) as differs_m2,
        abs(cast(sides.gross_m3 - sides.net_m3 as double))
        > 0.000001 * abs(cast(sides.gross_m3 as double)) as differs_m3
    from measured
    left join models_with_openings
        on models_with_openings.snapshot_id = measured.snapshot_id
    left join sides
        on sides.snapshot_id = measured.snapshot_id
        and sides.element_no = measured.element_no
),
openings as (
    select
        hosts.snapshot_id,
        hosts.element_no,
        hosts.rule_no,
        hosts.opening_above,
        'Area' as measure,
        opening_figures.element_no as opening_no,
        opening_figures.area_m2 as value_exact,
        coalesce(not hosts.differs_m2, hosts.model_has_openings) as is_whole
    from hosts
    left join opening_figures
        on opening_figures.snapshot_id = hosts.snapshot_id
        and opening_figures.host_no = hosts.element_no
    union all
    select
        hosts.snapshot_id,
        hosts.element_no,
        hosts.rule_no,
        hosts.opening_above,
        'Volume' as measure,
        opening_figures.element_no as opening_no,
        opening_figures.volume_m3 as value_exact,
        coalesce(not hosts.differs_m3, hosts.model_has_openings) as is_whole
    from hosts
    left join opening_figures
        on opening_figures.snapshot_id = hosts.snapshot_id
        and opening_figures.host_no = hosts.element_no
),
sums as (
    select
        snapshot_id,
        element_no,
        rule_no,
        measure,
        count(opening_no) as openings,
        count(opening_no) = count(value_exact)
        and (count(opening_no) > 0 or min(case when is_whole then 1 else 0 end) = 1) as is_known,
        sum(case when value_exact > opening_above then value_exact end) as large,
        sum(case when value_exact <= opening_above then value_exact end) as small,
        sum(value_exact) as every
    from openings
    group by snapshot_id, element_no, rule_no, measure
)
select
    snapshot_id,
    element_no,
    rule_no,
    'LargeOpening' || measure as figure,
    openings,
    case when is_known then cast(coalesce(large, 0) as decimal(32, 12)) end as value_exact
from sums
union all
select
    snapshot_id,
    element_no,
    rule_no,
    'SmallOpening' || measure as figure,
    openings,
    case when is_known then cast(coalesce(small, 0) as decimal(32, 12)) end as value_exact
from sums
union all
select
    snapshot_id,
    element_no,
    rule_no,
    'AllOpening' || measure as figure,
    openings,
    case when is_known then cast(coalesce(every, 0) as decimal(32, 12)) end as value_exact
from sums
