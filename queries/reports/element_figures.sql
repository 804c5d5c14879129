-- title: Figures of elements
-- question: How much is each element, and what does each figure rest on?
-- grain: element_key, quantity
-- partitions: elements
-- elements: listed_elements
-- param: quantity texts = null; IFC quantity names to show; null: all there are
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: element_key text; key of the element, as in report elements
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: storey_name text; storey as the model names it; null if none
-- column: ifc_class text; IFC class without Ifc
-- column: type_name text; name of the element type; null if none
-- column: name text; the element's name; null if none
-- column: ifc_guid text; IFC GlobalId; upper and lower case differ; null if none
-- column: quantity text; IFC4X3 name; Count: 1 an element, StatedCount: as the model says
-- column: unit text; SI unit of the value, 1 for counts; null if no element has the quantity
-- column: value decimal; the figure picked; null if there is none that is usable
-- column: elements bigint; 1, for sums
-- column: counted bigint; 1 if there is a value, else 0
-- column: missing bigint; 1 if there is no usable figure, else 0
-- column: doubtful bigint; 1 if the figures of one set disagree, so that none is picked, else 0
-- column: basis text; what the figure rests on; null for Count, and without a value
select
    listed_elements.element_key,
    listed_elements.vendor,
    listed_elements.project_id,
    listed_elements.model_id,
    listed_elements.storey_name,
    listed_elements.ifc_class,
    listed_elements.type_name,
    listed_elements.name,
    listed_elements.ifc_guid,
    takeoff_figures.quantity,
    max(takeoff_figures.unit) as unit,
    cast(max(takeoff_figures.value_exact) as decimal(38, 12)) as value,
    cast(1 as bigint) as elements,
    count(takeoff_figures.value_exact) as counted,
    cast(1 as bigint)
        - count(takeoff_figures.value_exact)
        - count(case when takeoff_figures.is_doubtful then 1 end) as missing,
    count(case when takeoff_figures.is_doubtful then 1 end) as doubtful,
    max(takeoff_figures.basis) as basis
from listed_elements
join takeoff_figures
    on takeoff_figures.snapshot_id = listed_elements.snapshot_id
    and takeoff_figures.element_no = listed_elements.element_no
group by
    listed_elements.element_key,
    listed_elements.vendor,
    listed_elements.project_id,
    listed_elements.model_id,
    listed_elements.storey_name,
    listed_elements.ifc_class,
    listed_elements.type_name,
    listed_elements.name,
    listed_elements.ifc_guid,
    takeoff_figures.quantity
order by
    listed_elements.vendor,
    listed_elements.project_id,
    listed_elements.model_id,
    listed_elements.ifc_class nulls last,
    listed_elements.type_name nulls last,
    listed_elements.name nulls last,
    listed_elements.element_key,
    takeoff_figures.quantity
