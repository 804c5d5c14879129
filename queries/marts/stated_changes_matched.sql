-- title: The changes that a vendor states of the compared snapshots, beside those that we found
-- grain: pair_no, element_id
-- Only where the vendor compared these very versions. `stated_change` is null if the vendor states
-- none; `our_change` is null if we compared no such element (a type, a location, an annotation).
with stated as (
    select
        compared_pairs.pair_no,
        changes_stated.element_id,
        min(changes_stated.change) as stated_change,
        min(changes_stated.property_names) as property_names
    from compared_pairs
    join selected_snapshots as old_snapshots
        on old_snapshots.snapshot_id = compared_pairs.old_snapshot_id
    join selected_snapshots as new_snapshots
        on new_snapshots.snapshot_id = compared_pairs.new_snapshot_id
    join changes_stated
        on changes_stated.snapshot_id = compared_pairs.new_snapshot_id
        and changes_stated.old_version = old_snapshots.source_version
        and changes_stated.new_version = new_snapshots.source_version
    group by compared_pairs.pair_no, changes_stated.element_id
),
ours as (
    select
        element_changes.pair_no,
        coalesce(new_elements.element_id, old_elements.element_id) as element_id,
        element_changes.change,
        element_changes.what,
        coalesce(new_elements.ifc_guid, old_elements.ifc_guid) as ifc_guid,
        coalesce(new_elements.ifc_class, old_elements.ifc_class) as ifc_class,
        coalesce(new_elements.name, old_elements.name) as name
    from element_changes
    left join compared_elements as old_elements
        on old_elements.pair_no = element_changes.pair_no
        and old_elements.side = 'old'
        and old_elements.element_no = element_changes.old_no
    left join compared_elements as new_elements
        on new_elements.pair_no = element_changes.pair_no
        and new_elements.side = 'new'
        and new_elements.element_no = element_changes.new_no
    where element_changes.pair_no in (select stated.pair_no from stated)
)
select
    coalesce(stated.pair_no, ours.pair_no) as pair_no,
    coalesce(stated.element_id, ours.element_id) as element_id,
    stated.stated_change,
    stated.property_names,
    ours.change as our_change,
    ours.what,
    ours.ifc_guid,
    ours.ifc_class,
    ours.name
from stated
full join ours
    on ours.pair_no = stated.pair_no
    and ours.element_id = stated.element_id
