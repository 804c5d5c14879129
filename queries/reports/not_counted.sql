-- title: Not counted
-- question: Which elements do reports not count, why, and what would they add?
-- grain: not_counted_reason, vendor, project_id, model_id, model_name, ifc_class
-- elements: counted_elements
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- column: not_counted_reason text; older_revision, other_source, failed_check, or its role
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: ifc_class text; IFC class without Ifc
-- column: elements bigint; elements that are not counted
-- column: net_volume_m3 decimal m3; NetVolume of their own, not of their parts; null if none has one
-- column: with_net_volume bigint; elements in that sum
select
    counted_elements.not_counted_reason,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.model_name,
    counted_elements.ifc_class,
    count(*) as elements,
    cast(sum(element_quantities.value_exact) as decimal(38, 12)) as net_volume_m3,
    count(element_quantities.value_exact) as with_net_volume
from counted_elements
left join element_quantities
    on element_quantities.snapshot_id = counted_elements.snapshot_id
    and element_quantities.element_no = counted_elements.element_no
    and element_quantities.quantity = 'NetVolume'
    and element_quantities.origin <> 'rule'
where not counted_elements.counted
group by
    counted_elements.not_counted_reason,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.model_name,
    counted_elements.ifc_class
order by
    not_counted_reason,
    vendor,
    project_id,
    model_id,
    model_name nulls last,
    ifc_class nulls last
