-- title: The rules that may fit an element, by its class
-- grain: snapshot_id, element_no, rule_no
-- column: rule_no integer; number of the rule in this session; null if none fits
-- column: class_fits boolean; it is for the element's class; null if that is not known
-- A rule is for its classes with all their subtypes. `class_fits` is null if the element's class is
-- not known: then it cannot be told.
with element_classes as (
    select distinct ifc_class
    from counted_elements
    where counted
),
told as (
    select
        element_classes.ifc_class,
        rule_classes.rule_no,
        1 as fits
    from element_classes
    cross join rule_classes
    where rule_classes.ifc_class = '*'
        or rule_classes.ifc_class = element_classes.ifc_class
    union all
    select
        element_classes.ifc_class,
        rule_classes.rule_no,
        1 as fits
    from element_classes
    join class_kinds
        on class_kinds.ifc_class = element_classes.ifc_class
    join rule_classes
        on rule_classes.ifc_class = class_kinds.kind_of
    union all
    select
        element_classes.ifc_class,
        rule_classes.rule_no,
        0 as fits
    from element_classes
    cross join rule_classes
    where element_classes.ifc_class is null
),
class_rules as (
    select
        coalesce(ifc_class, '') as ifc_class,
        rule_no,
        max(fits) as fits
    from told
    group by coalesce(ifc_class, ''), rule_no
)
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    counted_elements.predefined_type,
    class_rules.rule_no,
    case when class_rules.fits = 1 then true end as class_fits
from counted_elements
join class_rules
    on class_rules.ifc_class = coalesce(counted_elements.ifc_class, '')
where counted_elements.counted
