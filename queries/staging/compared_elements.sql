-- title: The elements of the snapshots that are compared
-- grain: pair_no, side, element_no
-- column: pair_no integer; which two snapshots are compared, from 0
-- column: side text; old or new; stated: what the vendor states
-- side: old or new; a snapshot may stand in several pairs, and on both sides of one. Types,
-- annotations and locations are no things of a building, and are not compared.
with sides as (
    select
        pair_no,
        'old' as side,
        old_snapshot_id as snapshot_id
    from compared_pairs
    union all
    select
        pair_no,
        'new' as side,
        new_snapshot_id as snapshot_id
    from compared_pairs
)
select
    sides.pair_no,
    sides.side,
    sides.snapshot_id,
    elements.vendor,
    elements.element_no,
    elements.element_id,
    elements.authoring_id,
    elements.ifc_guid,
    elements.ifc_class,
    elements.predefined_type,
    elements.name,
    elements.type_name,
    elements.mark,
    elements.building_id,
    elements.building_name,
    elements.storey_id,
    elements.storey_name,
    elements.space_id,
    elements.space_name,
    elements.system,
    elements.phase,
    elements.is_external,
    elements.load_bearing,
    elements.parent_id,
    elements.role
from sides
join elements
    on elements.snapshot_id = sides.snapshot_id
where elements.role not in ('type', 'annotation', 'location')
