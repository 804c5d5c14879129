-- title: Doors with their sizes
-- grain: snapshot_id, element_no
-- See scheduled_openings.
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
    type_name,
    mark,
    is_external,
    part_of,
    state,
    width_mm,
    height_mm,
    is_listed,
    value_exact,
    unit,
    basis,
    is_sized,
    is_doubtful,
    lowest_basis,
    highest_basis
from scheduled_openings
where ifc_class = 'Door'
