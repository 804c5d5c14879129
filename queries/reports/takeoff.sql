-- title: Takeoff
-- question: How much of everything is there, and for how many elements is it known?
-- grain: vendor, project_id, model_id, model_name, discipline, building_id, building_name, storey_name, ifc_class, type_name, material, code, quantity
-- partitions: elements
-- elements: takeoff_elements
-- by: vendor off; vendor
-- by: project off; project_id
-- by: model off; vendor, project_id, model_id, model_name
-- by: discipline off; discipline
-- by: building off; building_id, building_name
-- by: storey off; storey_name, storey_elevation_m
-- by: class on; ifc_class
-- by: type off; type_name
-- by: material off; material
-- by: code off; code
-- param: quantity texts = null; IFC quantity names to show; null: all there are
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: discipline text; discipline as the model states it; null if it does not
-- column: building_id text; id of the building, so that two of one name stay two; null if none
-- column: building_name text; building as the model names it
-- column: storey_name text; storey as the model names it; null if none
-- column: storey_elevation_m double m; elevation of the storey; the lowest where models differ
-- column: ifc_class text; IFC class without Ifc
-- column: type_name text; name of the element type; null if none
-- column: material text; all materials of the element, in alphabetical order; null if none
-- column: code text; all codes of the element with their systems; null if unclassified
-- column: quantity text; IFC4X3 name; Count: number of elements, StatedCount: as the model says
-- column: unit text; SI unit of the value, 1 for counts; null if no element has the quantity
-- column: value decimal; sum of the figures picked; null if no element has one
-- column: elements bigint; elements in the group
-- column: counted bigint; elements whose figure is in the sum
-- column: missing bigint; elements without a usable figure
-- column: doubtful bigint; elements whose figures disagree within one set; not in the sum
-- column: basis text; what the figures in the sum rest on, mixed if on several; null for Count
with asked_materials as (
    select
        snapshot_id,
        element_no,
        material
    from material_labels
    where $by_material
),
asked_codes as (
    select
        snapshot_id,
        element_no,
        code
    from element_codes
    where $by_code
),
labelled_elements as (
    select
        asked_elements.snapshot_id,
        asked_elements.element_no,
        asked_elements.vendor,
        asked_elements.project_id,
        asked_elements.model_id,
        asked_elements.model_name,
        asked_elements.discipline,
        asked_elements.building_id,
        asked_elements.building_name,
        asked_elements.storey_name,
        asked_elements.storey_elevation_m,
        asked_elements.ifc_class,
        asked_elements.type_name,
        asked_materials.material,
        asked_codes.code
    from asked_elements
    left join asked_materials
        on asked_materials.snapshot_id = asked_elements.snapshot_id
        and asked_materials.element_no = asked_elements.element_no
    left join asked_codes
        on asked_codes.snapshot_id = asked_elements.snapshot_id
        and asked_codes.element_no = asked_elements.element_no
),
all_figures as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        discipline,
        building_id,
        building_name,
        storey_name,
        storey_elevation_m,
        ifc_class,
        type_name,
        material,
        code,
        'Count' as quantity,
        '1' as unit,
        cast(1 as decimal(32, 12)) as value_exact,
        false as is_doubtful,
        cast(null as varchar) as basis
    from labelled_elements
    union all
    select
        labelled_elements.vendor,
        labelled_elements.project_id,
        labelled_elements.model_id,
        labelled_elements.model_name,
        labelled_elements.discipline,
        labelled_elements.building_id,
        labelled_elements.building_name,
        labelled_elements.storey_name,
        labelled_elements.storey_elevation_m,
        labelled_elements.ifc_class,
        labelled_elements.type_name,
        labelled_elements.material,
        labelled_elements.code,
        asked_figures.quantity,
        asked_figures.unit,
        asked_figures.value_exact,
        asked_figures.is_doubtful,
        asked_figures.basis
    from labelled_elements
    join asked_figures
        on asked_figures.snapshot_id = labelled_elements.snapshot_id
        and asked_figures.element_no = labelled_elements.element_no
),
figures as (
    select
        case when $by_vendor or $by_model then vendor end as vendor,
        case when $by_project or $by_model then project_id end as project_id,
        case when $by_model then model_id end as model_id,
        case when $by_model then model_name end as model_name,
        case when $by_discipline then discipline end as discipline,
        case when $by_building then building_id end as building_id,
        case when $by_building then building_name end as building_name,
        case when $by_storey then storey_name end as storey_name,
        case when $by_storey then storey_elevation_m end as storey_elevation_m,
        case when $by_class then ifc_class end as ifc_class,
        case when $by_type then type_name end as type_name,
        case when $by_material then material end as material,
        case when $by_code then code end as code,
        quantity,
        unit,
        value_exact,
        is_doubtful,
        basis
    from all_figures
),
sums as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        discipline,
        building_id,
        building_name,
        storey_name,
        min(storey_elevation_m) as storey_elevation_m,
        ifc_class,
        type_name,
        material,
        code,
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
        discipline,
        building_id,
        building_name,
        storey_name,
        ifc_class,
        type_name,
        material,
        code,
        quantity
),
lines as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        discipline,
        building_id,
        building_name,
        storey_name,
        round(
            min(storey_elevation_m) over (partition by building_id, building_name, storey_name), 6
        ) as storey_elevation_m,
        ifc_class,
        type_name,
        material,
        code,
        quantity,
        unit,
        value,
        max(case when quantity = 'Count' then counted end) over (
            partition by
                vendor,
                project_id,
                model_id,
                model_name,
                discipline,
                building_id,
                building_name,
                storey_name,
                ifc_class,
                type_name,
                material,
                code
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
    discipline,
    building_id,
    building_name,
    storey_name,
    storey_elevation_m,
    ifc_class,
    type_name,
    material,
    code,
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
    discipline nulls last,
    building_name nulls last,
    building_id nulls last,
    storey_elevation_m nulls last,
    storey_name nulls last,
    ifc_class nulls last,
    type_name nulls last,
    material nulls last,
    code nulls last,
    case when quantity = 'Count' then 0 else 1 end,
    quantity
