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
    asked_elements.snapshot_id,
    asked_elements.element_no,
    asked_elements.vendor,
    asked_elements.project_id,
    asked_elements.model_id,
    asked_elements.model_name,
    all_systems.code_system,
    code_labels.code,
    code_labels.title
from asked_elements
cross join all_systems
left join code_labels
    on code_labels.snapshot_id = asked_elements.snapshot_id
    and code_labels.element_no = asked_elements.element_no
    and code_labels.code_system = all_systems.code_system
