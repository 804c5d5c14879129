-- title: Elements that have parts, and how much of them an earlier model holds already
-- grain: snapshot_id, element_no
-- kept: three passes over the parts, one row a whole
-- column: parts bigint; direct parts
-- column: repeated_parts bigint; of these such as an earlier model holds wholly
-- column: touched_parts bigint; of these such as an earlier model holds something of
-- `repeated_parts` of its direct `parts` are held by an earlier model, themselves or by all their
-- own parts; `touched_parts` are those of which it holds something. Three levels of wholes.
with first_level as (
    select
        part_links.snapshot_id,
        part_links.whole_no,
        count(*) as parts,
        count(element_twins.element_no) as repeated_parts,
        count(element_twins.element_no) as touched_parts
    from part_links
    left join element_twins
        on element_twins.snapshot_id = part_links.snapshot_id
        and element_twins.element_no = part_links.element_no
    group by part_links.snapshot_id, part_links.whole_no
),
second_level as (
    select
        part_links.snapshot_id,
        part_links.whole_no,
        count(*) as parts,
        count(
            case
                when element_twins.element_no is not null then 1
                when first_level.repeated_parts = first_level.parts then 1
            end
        ) as repeated_parts,
        count(
            case
                when element_twins.element_no is not null then 1
                when first_level.touched_parts > 0 then 1
            end
        ) as touched_parts
    from part_links
    left join element_twins
        on element_twins.snapshot_id = part_links.snapshot_id
        and element_twins.element_no = part_links.element_no
    left join first_level
        on first_level.snapshot_id = part_links.snapshot_id
        and first_level.whole_no = part_links.element_no
    group by part_links.snapshot_id, part_links.whole_no
)
select
    part_links.snapshot_id,
    part_links.whole_no as element_no,
    count(*) as parts,
    count(
        case
            when element_twins.element_no is not null then 1
            when second_level.repeated_parts = second_level.parts then 1
        end
    ) as repeated_parts,
    count(
        case
            when element_twins.element_no is not null then 1
            when second_level.touched_parts > 0 then 1
        end
    ) as touched_parts
from part_links
left join element_twins
    on element_twins.snapshot_id = part_links.snapshot_id
    and element_twins.element_no = part_links.element_no
left join second_level
    on second_level.snapshot_id = part_links.snapshot_id
    and second_level.whole_no = part_links.element_no
group by part_links.snapshot_id, part_links.whole_no
