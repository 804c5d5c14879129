-- title: Completeness
-- question: For how many elements of each class is each quantity known, and on which basis?
-- grain: vendor, project_id, model_id, model_name, ifc_class, quantity
-- elements: takeoff_elements
-- by: model off; vendor, project_id, model_id, model_name
-- by: class on; ifc_class
-- param: quantity texts = null; IFC quantity names to show; null: all there are
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: ifc_class text; IFC class without Ifc
-- column: quantity text; IFC4X3 quantity name
-- column: elements bigint; elements of the class
-- column: counted bigint; elements with a figure picked
-- column: missing bigint; elements without any usable figure
-- column: doubtful bigint; elements whose figures disagree within one set
-- column: authored bigint; elements with a figure that the author wrote
-- column: vendor_calculated bigint; elements with a figure that the vendor calculated
-- column: computed bigint; elements with a figure computed from geometry
-- column: derived bigint; elements whose figure is the sum of their parts
-- column: picked_authored bigint; elements whose picked figure is the authored one
with known_bases as (
    select
        snapshot_id,
        element_no,
        case when quantity = 'Count' then 'StatedCount' else quantity end as quantity,
        max(case when basis = 'authored' then 1 end) as authored,
        max(case when basis = 'vendor_calculated' then 1 end) as vendor_calculated,
        max(case when basis = 'computed' then 1 end) as computed
    from stated_figures
    group by snapshot_id, element_no, quantity
),
figures as (
    select
        case when $by_model then takeoff_figures.vendor end as vendor,
        case when $by_model then takeoff_figures.project_id end as project_id,
        case when $by_model then takeoff_figures.model_id end as model_id,
        case when $by_model then takeoff_figures.model_name end as model_name,
        case when $by_class then takeoff_figures.ifc_class end as ifc_class,
        takeoff_figures.quantity,
        takeoff_figures.value_exact,
        takeoff_figures.is_doubtful,
        takeoff_figures.basis,
        known_bases.authored,
        known_bases.vendor_calculated,
        known_bases.computed
    from takeoff_figures
    left join known_bases
        on takeoff_figures.is_figure
        and known_bases.snapshot_id = takeoff_figures.snapshot_id
        and known_bases.element_no = takeoff_figures.element_no
        and known_bases.quantity = takeoff_figures.quantity
),
sums as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        ifc_class,
        quantity,
        count(value_exact) as counted,
        count(case when is_doubtful then 1 end) as doubtful,
        count(authored) as authored,
        count(vendor_calculated) as vendor_calculated,
        count(computed) as computed,
        count(case when basis = 'derived' then 1 end) as derived,
        count(case when basis = 'authored' then 1 end) as picked_authored
    from figures
    group by
        vendor,
        project_id,
        model_id,
        model_name,
        ifc_class,
        quantity
),
lines as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        ifc_class,
        quantity,
        max(case when quantity = 'Count' then counted end) over (
            partition by
                vendor,
                project_id,
                model_id,
                model_name,
                ifc_class
        ) as elements,
        counted,
        doubtful,
        authored,
        vendor_calculated,
        computed,
        derived,
        picked_authored
    from sums
)
select
    vendor,
    project_id,
    model_id,
    model_name,
    ifc_class,
    quantity,
    elements,
    counted,
    elements - counted - doubtful as missing,
    doubtful,
    authored,
    vendor_calculated,
    computed,
    derived,
    picked_authored
from lines
where quantity <> 'Count'
order by
    vendor nulls last,
    project_id nulls last,
    model_id nulls last,
    model_name nulls last,
    ifc_class nulls last,
    quantity
