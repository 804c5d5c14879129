-- title: What stands behind the lines of stated_changes: the elements of either side, and what is stated
-- grain: pair_no, side, snapshot_id, element_no, ordinal
-- element_no is null for a change as the vendor states it (side: stated). An element that is not
-- compared (a type, a location, an annotation) is there under its own id.
select
    side_changes.pair_no,
    side_changes.side,
    side_changes.snapshot_id,
    side_changes.element_no,
    coalesce(new_elements.element_id, old_elements.element_id) as element_id,
    cast(null as integer) as ordinal,
    cast(null as integer) as evidence_no,
    cast(null as bigint) as source_row
from side_changes
left join compared_elements as old_elements
    on old_elements.pair_no = side_changes.pair_no
    and old_elements.side = 'old'
    and old_elements.element_no = side_changes.old_no
left join compared_elements as new_elements
    on new_elements.pair_no = side_changes.pair_no
    and new_elements.side = 'new'
    and new_elements.element_no = side_changes.new_no
union all
select
    compared_pairs.pair_no,
    case
        when elements.snapshot_id = compared_pairs.old_snapshot_id then 'old'
        else 'new'
    end as side,
    elements.snapshot_id,
    elements.element_no,
    elements.element_id,
    cast(null as integer) as ordinal,
    cast(null as integer) as evidence_no,
    cast(null as bigint) as source_row
from compared_pairs
join elements
    on elements.snapshot_id in (compared_pairs.old_snapshot_id, compared_pairs.new_snapshot_id)
    and elements.role in ('type', 'annotation', 'location')
union all
select
    compared_pairs.pair_no,
    'stated' as side,
    changes_stated.snapshot_id,
    cast(null as integer) as element_no,
    changes_stated.element_id,
    changes_stated.ordinal,
    changes_stated.evidence_no,
    changes_stated.source_row
from compared_pairs
join selected_snapshots as old_snapshots
    on old_snapshots.snapshot_id = compared_pairs.old_snapshot_id
join selected_snapshots as new_snapshots
    on new_snapshots.snapshot_id = compared_pairs.new_snapshot_id
join changes_stated
    on changes_stated.snapshot_id = compared_pairs.new_snapshot_id
    and changes_stated.old_version = old_snapshots.source_version
    and changes_stated.new_version = new_snapshots.source_version
