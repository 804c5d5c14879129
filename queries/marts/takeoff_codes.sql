-- title: The elements that count, once for every classification system
-- grain: snapshot_id, element_no, code_system
-- Every system of the models asked has every element: with its codes in it, or with code null. If
-- no model has any code, there is one system without name.
with systems as (
    select distinct code_system
    from code_labels
),
all_systems as (
    select code_system
    from systems
    union all
    select cast(null as varchar) as code_system
    where not exists (select 1 from systems)
)
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.model_name,
    all_systems.code_system,
    code_labels.code,
    code_labels.title
from counted_elements
cross join all_systems
left join code_labels
    on code_labels.snapshot_id = counted_elements.snapshot_id
    and code_labels.element_no = counted_elements.element_no
    and code_labels.code_system = all_systems.code_system
where counted_elements.counted
