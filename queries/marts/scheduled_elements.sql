-- title: The elements that schedules list, parts of other elements among them
-- grain: snapshot_id, element_no
-- column: is_listed boolean; counted or part: its figures are in the schedule's sums
-- Elements and parts of the classes in schedule_classes, of the classes and storeys asked.
-- state: counted; part (of something that counts and is no thing of this schedule: the door of a
-- curtain wall, the beam of a roof); in_whole (its whole is of the same schedule, and stands for
-- it); or why it does not count: other_source, failed_check, older_revision (see counted_elements;
-- a part does not count either where its outermost whole does not). `is_listed`: counted or part,
-- so that its figures are in the schedule's sums. `part_of` is the class of the direct whole.
with parts as (
    select
        part_links.snapshot_id,
        part_links.element_no,
        wholes.ifc_class as part_of,
        whole_classes.schedule as whole_schedule,
        top_classes.schedule as top_schedule,
        case
            when repeated_elements.element_no is not null then 'other_source'
            when doubted_elements.element_no is not null then 'failed_check'
            when tops.not_counted_reason in ('other_source', 'failed_check')
                then tops.not_counted_reason
        end as not_listed_reason
    from part_links
    join elements as wholes
        on wholes.snapshot_id = part_links.snapshot_id
        and wholes.element_no = part_links.whole_no
    join counted_elements as tops
        on tops.snapshot_id = part_links.snapshot_id
        and tops.element_no = part_links.top_no
    left join schedule_classes as whole_classes
        on whole_classes.ifc_class = wholes.ifc_class
    left join schedule_classes as top_classes
        on top_classes.ifc_class = tops.ifc_class
    left join repeated_elements
        on repeated_elements.snapshot_id = part_links.snapshot_id
        and repeated_elements.element_no = part_links.element_no
    left join doubted_elements
        on doubted_elements.snapshot_id = part_links.snapshot_id
        and doubted_elements.element_no = part_links.element_no
),
judged as (
    select
        counted_elements.snapshot_id,
        counted_elements.element_no,
        counted_elements.vendor,
        counted_elements.project_id,
        counted_elements.model_id,
        counted_elements.model_name,
        counted_elements.building_id,
        counted_elements.building_name,
        counted_elements.storey_name,
        counted_elements.storey_elevation_m,
        counted_elements.ifc_class,
        counted_elements.predefined_type,
        counted_elements.type_name,
        counted_elements.mark,
        counted_elements.system,
        counted_elements.is_external,
        schedule_classes.schedule,
        parts.part_of,
        case
            when counted_elements.counted then 'counted'
            when counted_elements.not_counted_reason <> 'part'
                then counted_elements.not_counted_reason
            when parts.not_listed_reason is not null then parts.not_listed_reason
            when schedule_classes.schedule in (parts.whole_schedule, parts.top_schedule)
                then 'in_whole'
            else 'part'
        end as state
    from counted_elements
    join schedule_classes
        on schedule_classes.ifc_class = counted_elements.ifc_class
    left join parts
        on parts.snapshot_id = counted_elements.snapshot_id
        and parts.element_no = counted_elements.element_no
    where counted_elements.role in ('physical', 'part')
)
select
    snapshot_id,
    element_no,
    vendor,
    project_id,
    model_id,
    model_name,
    building_id,
    building_name,
    storey_name,
    storey_elevation_m,
    ifc_class,
    predefined_type,
    type_name,
    mark,
    system,
    is_external,
    schedule,
    part_of,
    state,
    state in ('counted', 'part') as is_listed
from judged
where (
    ifc_class in (select classes_asked.ifc_class from classes_asked)
    or not exists (select 1 from classes_asked)
)
and (
    storey_name in (select storeys_asked.storey_name from storeys_asked)
    or not exists (select 1 from storeys_asked)
)
