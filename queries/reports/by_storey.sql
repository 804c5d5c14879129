-- title: Takeoff by storey
-- question: What stands on each storey of each building, class by class?
-- grain: vendor, project_id, model_id, model_name, building_id, building_name, storey_name, ifc_class, quantity
-- partitions: elements
-- elements: takeoff_elements
-- by: model off; vendor, project_id, model_id, model_name
-- by: building on; building_id, building_name
-- by: storey on; storey_name, storey_elevation_m
-- by: class on; ifc_class
-- param: quantity texts = null; IFC quantity names to show; null: all there are
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: building_id text; id of the building, so that two of one name stay two; null if none
-- column: building_name text; building as the model names it
-- column: storey_name text; storey as the model names it; null if none
-- column: storey_elevation_m double m; elevation of the storey; the lowest where models differ
-- column: ifc_class text; IFC class without Ifc
-- column: quantity text; IFC4X3 name; Count: number of elements, StatedCount: as the model says
-- column: unit text; SI unit of the value, 1 for counts; null if no element has the quantity
-- column: value decimal; sum of the figures picked; null if no element has one
-- column: elements bigint; elements in the group
-- column: counted bigint; elements whose figure is in the sum
-- column: missing bigint; elements without a usable figure
-- column: doubtful bigint; elements whose figures disagree within one set; not in the sum
-- column: basis text; what the figures in the sum rest on, mixed if on several; null for Count
with figures as (
    select
        case when $by_model then takeoff_figures.vendor end as vendor,
        case when $by_model then takeoff_figures.project_id end as project_id,
        case when $by_model then takeoff_figures.model_id end as model_id,
        case when $by_model then takeoff_figures.model_name end as model_name,
        case when $by_building then takeoff_figures.building_id end as building_id,
        case when $by_building then takeoff_figures.building_name end as building_name,
        case when $by_storey then takeoff_figures.storey_name end as storey_name,
        case when $by_storey then takeoff_figures.storey_elevation_m end as storey_elevation_m,
        case when $by_class then takeoff_figures.ifc_class end as ifc_class,
        takeoff_figures.quantity,
        takeoff_figures.unit,
        takeoff_figures.value_exact,
        takeoff_figures.is_doubtful,
        takeoff_figures.basis
    from takeoff_figures
),
sums as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        building_id,
        building_name,
        storey_name,
        min(storey_elevation_m) as storey_elevation_m,
        ifc_class,
        quantity,
        max(unit) as unit,
        case when min(unit) = max(unit) then cast(sum(value_exact) as decimal(38, 12)) end as value,
        count(value_exact) as counted,
        count(case when is_doubtful then 1 end) as doubtful,
        case when min(basis) < max(basis) then 'mixed' else min(basis) end as basis
    from figures
    group by
        vendor,
        project_id,
        model_id,
        model_name,
        building_id,
        building_name,
        storey_name,
        ifc_class,
        quantity
),
lines as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        building_id,
        building_name,
        storey_name,
        round(
            min(storey_elevation_m) over (partition by building_id, building_name, storey_name), 6
        ) as storey_elevation_m,
        ifc_class,
        quantity,
        unit,
        value,
        max(case when quantity = 'Count' then counted end) over (
            partition by
                vendor,
                project_id,
                model_id,
                model_name,
                building_id,
                building_name,
                storey_name,
                ifc_class
        ) as elements,
        counted,
        doubtful,
        basis
    from sums
)
select
    vendor,
    project_id,
    model_id,
    model_name,
    building_id,
    building_name,
    storey_name,
    storey_elevation_m,
    ifc_class,
    quantity,
    unit,
    value,
    elements,
    counted,
    elements - counted - doubtful as missing,
    doubtful,
    basis
from lines
order by
    vendor nulls last,
    project_id nulls last,
    model_id nulls last,
    model_name nulls last,
    building_name nulls last,
    building_id nulls last,
    storey_elevation_m nulls last,
    storey_name nulls last,
    ifc_class nulls last,
    case when quantity = 'Count' then 0 else 1 end,
    quantity
