-- title: What reports add up: every figure of the elements that count, and each element as one
-- grain: snapshot_id, element_no, quantity, is_figure
-- Quantity Count is 1 for every element that counts, so none is lost for want of figures; a count
-- that the model states is StatedCount. For a quantity named in the question, every element has one
-- more row without value, so that groups in which no element has it are seen.
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.model_name,
    counted_elements.discipline,
    counted_elements.building_id,
    counted_elements.building_name,
    counted_elements.storey_name,
    counted_elements.storey_elevation_m,
    counted_elements.ifc_class,
    counted_elements.type_name,
    'Count' as quantity,
    '1' as unit,
    cast(1 as decimal(32, 12)) as value_exact,
    false as is_doubtful,
    cast(null as varchar) as basis,
    true as is_figure
from counted_elements
where counted_elements.counted
union all
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.model_name,
    counted_elements.discipline,
    counted_elements.building_id,
    counted_elements.building_name,
    counted_elements.storey_name,
    counted_elements.storey_elevation_m,
    counted_elements.ifc_class,
    counted_elements.type_name,
    case
        when element_quantities.quantity = 'Count' then 'StatedCount'
        else element_quantities.quantity
    end as quantity,
    element_quantities.unit,
    element_quantities.value_exact,
    element_quantities.is_doubtful,
    case when not element_quantities.is_doubtful then element_quantities.basis end as basis,
    true as is_figure
from counted_elements
join element_quantities
    on element_quantities.snapshot_id = counted_elements.snapshot_id
    and element_quantities.element_no = counted_elements.element_no
where counted_elements.counted
union all
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.model_name,
    counted_elements.discipline,
    counted_elements.building_id,
    counted_elements.building_name,
    counted_elements.storey_name,
    counted_elements.storey_elevation_m,
    counted_elements.ifc_class,
    counted_elements.type_name,
    asked_quantities.quantity,
    asked_quantities.unit,
    cast(null as decimal(32, 12)) as value_exact,
    false as is_doubtful,
    cast(null as varchar) as basis,
    false as is_figure
from counted_elements
cross join asked_quantities
where counted_elements.counted
    and asked_quantities.is_named
    and asked_quantities.quantity <> 'Count'
