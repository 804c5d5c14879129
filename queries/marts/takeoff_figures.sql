-- title: What reports add up: every figure of the elements that count, and each element as one
-- grain: snapshot_id, element_no, quantity, is_figure
-- column: is_figure boolean; a figure; else it only shows that there is none
-- Quantity Count is 1 for every element that counts, so none is lost for want of figures. See
-- asked_figures for the others, of which those are shown whose elements count.
select
    snapshot_id,
    element_no,
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
    'Count' as quantity,
    '1' as unit,
    cast(1 as decimal(32, 12)) as value_exact,
    false as is_doubtful,
    cast(null as varchar) as basis,
    true as is_figure
from asked_elements
union all
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
    asked_figures.quantity,
    asked_figures.unit,
    asked_figures.value_exact,
    asked_figures.is_doubtful,
    asked_figures.basis,
    asked_figures.is_figure
from asked_elements
join asked_figures
    on asked_figures.snapshot_id = asked_elements.snapshot_id
    and asked_figures.element_no = asked_elements.element_no
