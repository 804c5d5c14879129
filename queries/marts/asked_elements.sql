-- title: The elements that count, of the classes and storeys asked
-- grain: snapshot_id, element_no
-- Those named in the question (classes_asked, storeys_asked), or else all.
select
    snapshot_id,
    element_no,
    vendor,
    project_id,
    model_id,
    model_name,
    discipline,
    building_id,
    building_name,
    storey_name,
    storey_elevation_m,
    ifc_class,
    type_name
from counted_elements
where counted
    and (
        ifc_class in (select classes_asked.ifc_class from classes_asked)
        or not exists (select 1 from classes_asked)
    )
    and (
        storey_name in (select storeys_asked.storey_name from storeys_asked)
        or not exists (select 1 from storeys_asked)
    )
