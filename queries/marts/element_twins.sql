-- title: Elements that an earlier model of the same project holds already, each with its first copy
-- grain: snapshot_id, element_no
-- kept: a join over shared GUIDs, few rows
-- column: first_snapshot_id text; snapshot of the copy that counts
-- column: first_element_no integer; element_no of the copy that counts
-- Earlier: by vendor, project_id, model_id. What counts by itself and what is a part of something
-- that does (at most four levels down) are compared; where a GUID stands several times in one
-- model, the first with the first, the second with the second. Nothing is compared between two
-- models that draw the same building: which of them counts is not for an element to say (see
-- model_overlaps). Parts of a whole that stands in an earlier model itself are not compared.
with pairs as (
    select
        model_no,
        other_model_no
    from model_overlaps
    where is_one_project
        and not is_same_building
),
paired_models as (
    select model_no
    from pairs
    union
    select other_model_no as model_no
    from pairs
),
holdings as (
    select
        paired_models.model_no,
        elements.snapshot_id,
        elements.element_no,
        elements.ifc_guid,
        coalesce(part_links.top_no, elements.element_no) as top_no,
        part_links.element_no is not null as is_part,
        row_number() over (
            partition by elements.snapshot_id, elements.ifc_guid
            order by elements.element_no
        ) as copy_no
    from paired_models
    join selected_models
        on selected_models.model_no = paired_models.model_no
    join elements
        on elements.snapshot_id = selected_models.snapshot_id
    left join part_links
        on part_links.snapshot_id = elements.snapshot_id
        and part_links.element_no = elements.element_no
    where elements.ifc_guid is not null
        and (elements.role = 'physical' or part_links.top_role = 'physical')
),
repeated_tops as (
    select distinct
        repeated.snapshot_id,
        repeated.top_no
    from pairs
    join holdings
        on holdings.model_no = pairs.model_no
        and not holdings.is_part
    join holdings as repeated
        on repeated.model_no = pairs.other_model_no
        and repeated.ifc_guid = holdings.ifc_guid
        and repeated.copy_no = holdings.copy_no
        and not repeated.is_part
),
twins as (
    select
        repeated.snapshot_id,
        repeated.element_no,
        holdings.snapshot_id as first_snapshot_id,
        holdings.element_no as first_element_no,
        row_number() over (
            partition by repeated.snapshot_id, repeated.element_no
            order by holdings.model_no
        ) as place
    from pairs
    join holdings
        on holdings.model_no = pairs.model_no
    join holdings as repeated
        on repeated.model_no = pairs.other_model_no
        and repeated.ifc_guid = holdings.ifc_guid
        and repeated.copy_no = holdings.copy_no
    left join repeated_tops
        on repeated_tops.snapshot_id = holdings.snapshot_id
        and repeated_tops.top_no = holdings.top_no
    left join repeated_tops as own_tops
        on own_tops.snapshot_id = repeated.snapshot_id
        and own_tops.top_no = repeated.top_no
    where repeated_tops.top_no is null
        and (own_tops.top_no is null or not repeated.is_part)
)
select
    snapshot_id,
    element_no,
    first_snapshot_id,
    first_element_no
from twins
where place = 1
