-- title: Quantity that is missing where its class should have it
-- why: The element counts, but with nothing; the total is short.
-- severity: warning
-- param: accept_body boolean = true; a figure from the body is as good as a stated one
-- What a class should have stands in rules/expected_quantities.csv; any one of a row is enough.
with wanted as (
    select
        checked_elements.snapshot_id,
        checked_elements.element_no,
        expected_quantities.place,
        expected_quantities.quantities,
        count(
            case
                when checked_figures.basis = 'computed' and not $accept_body then null
                when checked_figures.value_exact is not null then 1
                when checked_figures.is_doubtful then 1
            end
        ) as figures
    from checked_elements
    join expected_quantities
        on expected_quantities.ifc_class = checked_elements.ifc_class
    left join checked_figures
        on checked_figures.snapshot_id = checked_elements.snapshot_id
        and checked_figures.element_no = checked_elements.element_no
        and checked_figures.quantity = expected_quantities.quantity
    where checked_elements.counted
        or checked_elements.role = 'space'
    group by
        checked_elements.snapshot_id,
        checked_elements.element_no,
        expected_quantities.place,
        expected_quantities.quantities
)
select
    checked_elements.model_id,
    checked_elements.element_id,
    checked_elements.element_no,
    checked_elements.snapshot_id,
    checked_elements.ifc_class,
    checked_elements.name,
    expected_quantities.quantity,
    cast(null as varchar) as unit,
    cast(null as decimal(32, 12)) as value_exact,
    body_figures.value_exact as suspected_exact,
    body_figures.value_exact as effect_exact,
    'a ' || checked_elements.ifc_class || ' should have '
    || replace(wanted.quantities, '|', ' or ')
    || case
        when body_figures.value_exact is not null then '; its body has one'
        else ''
    end as detail,
    checked_elements.evidence_no,
    checked_elements.source_row
from wanted
join checked_elements
    on checked_elements.snapshot_id = wanted.snapshot_id
    and checked_elements.element_no = wanted.element_no
join expected_quantities
    on expected_quantities.ifc_class = checked_elements.ifc_class
    and expected_quantities.place = wanted.place
    and expected_quantities.is_first
left join body_figures
    on body_figures.snapshot_id = wanted.snapshot_id
    and body_figures.element_no = wanted.element_no
    and body_figures.quantity = expected_quantities.quantity
where wanted.figures = 0
order by
    checked_elements.model_id,
    checked_elements.snapshot_id,
    checked_elements.element_no,
    wanted.place
