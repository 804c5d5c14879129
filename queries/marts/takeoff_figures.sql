-- title: What reports add up: every figure of the elements that count, and each element as one
-- grain: snapshot_id, element_no, quantity, is_figure
-- column: is_figure boolean; a figure; else it only shows that there is none
-- Quantity Count is 1 for every element that counts, so none is lost for want of figures; a count
-- that the model states is StatedCount. Rows that are no figure (`is_figure`) have no value and are
-- there so that groups in which no element has one are seen: for a quantity named in the question
-- one for every element, for others one for every element that states it without a usable value.
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
    case
        when element_quantities.quantity = 'Count' then 'StatedCount'
        else element_quantities.quantity
    end as quantity,
    element_quantities.unit,
    element_quantities.value_exact,
    element_quantities.is_doubtful,
    case when not element_quantities.is_doubtful then element_quantities.basis end as basis,
    true as is_figure
from asked_elements
join element_quantities
    on element_quantities.snapshot_id = asked_elements.snapshot_id
    and element_quantities.element_no = asked_elements.element_no
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
    asked_quantities.quantity,
    asked_quantities.unit,
    cast(null as decimal(32, 12)) as value_exact,
    false as is_doubtful,
    cast(null as varchar) as basis,
    false as is_figure
from asked_elements
cross join asked_quantities
where asked_quantities.is_named
    and asked_quantities.quantity <> 'Count'
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
    asked_quantities.quantity,
    asked_quantities.unit,
    cast(null as decimal(32, 12)) as value_exact,
    false as is_doubtful,
    cast(null as varchar) as basis,
    false as is_figure
from asked_elements
join unusable_figures
    on unusable_figures.snapshot_id = asked_elements.snapshot_id
    and unusable_figures.element_no = asked_elements.element_no
join asked_quantities
    on asked_quantities.stated_quantity = unusable_figures.quantity
where not asked_quantities.is_named
