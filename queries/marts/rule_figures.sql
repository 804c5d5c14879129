-- title: The figures that the formula of each element's rule may read
-- grain: snapshot_id, element_no, rule_no, figure
-- Each name in the rule's formulas has a row; its value is null if the element has none, or if its
-- figures disagree (`is_doubtful`). `basis` is null for counts and openings.
with named as (
    select
        element_rules.snapshot_id,
        element_rules.element_no,
        element_rules.rule_no,
        rule_figure_names.figure,
        rule_figure_names.quantity,
        rule_figure_names.basis
    from element_rules
    join rule_figure_names
        on rule_figure_names.rule_no = element_rules.rule_no
    where element_rules.kind = 'measurement'
        and not element_rules.is_undecided
)
select
    named.snapshot_id,
    named.element_no,
    named.rule_no,
    named.figure,
    case
        when named.figure = 'Count' then cast(1 as decimal(32, 12))
        when opening_sums.figure is not null then opening_sums.value_exact
        when named.basis is not null then basis_figures.value_exact
        else element_quantities.value_exact
    end as value_exact,
    case
        when named.figure = 'Count' or opening_sums.figure is not null then false
        when named.basis is not null then coalesce(basis_figures.is_doubtful, false)
        else coalesce(element_quantities.is_doubtful, false)
    end as is_doubtful,
    case
        when named.figure = 'Count' or opening_sums.figure is not null
            then cast(null as varchar)
        when named.basis is not null and basis_figures.value_exact is not null then named.basis
        when named.basis is null and not element_quantities.is_doubtful
            then element_quantities.basis
    end as basis
from named
left join element_quantities
    on element_quantities.snapshot_id = named.snapshot_id
    and element_quantities.element_no = named.element_no
    and element_quantities.quantity = named.quantity
    and named.basis is null
    and named.figure <> 'Count'
left join basis_figures
    on basis_figures.snapshot_id = named.snapshot_id
    and basis_figures.element_no = named.element_no
    and basis_figures.quantity = named.quantity
    and basis_figures.basis = named.basis
left join opening_sums
    on opening_sums.snapshot_id = named.snapshot_id
    and opening_sums.element_no = named.element_no
    and opening_sums.rule_no = named.rule_no
    and opening_sums.figure = named.figure
