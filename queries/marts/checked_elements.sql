-- title: The elements that checks look at
-- grain: snapshot_id, element_no
-- column: host_no integer; element_no of what an opening voids; null if it is none
-- Those of the newest snapshots that have figures people use: physical ones, parts, openings and
-- spaces. `counted` as in counted_elements; `host_no` is the element that an opening voids and
-- `whole_no` the whole of a part.
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.element_id,
    counted_elements.ifc_guid,
    counted_elements.ifc_class,
    counted_elements.name,
    counted_elements.type_name,
    counted_elements.storey_name,
    counted_elements.is_external,
    counted_elements.load_bearing,
    counted_elements.role,
    counted_elements.counted,
    hosts.element_no as host_no,
    part_links.whole_no,
    elements.authoring_id,
    elements.evidence_no,
    elements.source_row
from counted_elements
join elements
    on elements.snapshot_id = counted_elements.snapshot_id
    and elements.element_no = counted_elements.element_no
left join elements as hosts
    on hosts.snapshot_id = counted_elements.snapshot_id
    and hosts.element_id = counted_elements.parent_id
    and counted_elements.role = 'opening'
left join part_links
    on part_links.snapshot_id = counted_elements.snapshot_id
    and part_links.element_no = counted_elements.element_no
where counted_elements.role in ('physical', 'part', 'opening', 'space')
    and coalesce(counted_elements.not_counted_reason, '') <> 'older_revision'
