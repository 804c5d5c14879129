-- title: Volumes by material
-- question: How much of each material is there, layers split by their thickness?
-- grain: vendor, project_id, model_id, model_name, material, split, quantity
-- partitions: volumes; an element of three materials stands in three lines
-- elements: takeoff_materials
-- by: model off; vendor, project_id, model_id, model_name
-- param: quantity texts in NetVolume|GrossVolume = NetVolume, GrossVolume; one of these, or both
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: material text; material as named; several together if they cannot be split; null if none or unnamed
-- column: split text; whole, layers, constituents, not split or no material
-- column: quantity text; NetVolume or GrossVolume
-- column: unit text; SI unit of the value
-- column: value decimal; sum of the pieces of this material; null if none is known
-- column: elements bigint; elements that have this material
-- column: counted bigint; elements of which a piece is in the sum
-- column: missing bigint; elements without a usable figure
-- column: doubtful bigint; elements whose figures disagree within one set; not in the sum
-- column: basis text; what the figures in the sum rest on, mixed if on several; null for Count
with figures as (
    select
        case when $by_model then takeoff_materials.vendor end as vendor,
        case when $by_model then takeoff_materials.project_id end as project_id,
        case when $by_model then takeoff_materials.model_id end as model_id,
        case when $by_model then takeoff_materials.model_name end as model_name,
        takeoff_materials.material,
        takeoff_materials.split,
        takeoff_materials.quantity,
        takeoff_materials.unit,
        takeoff_materials.value_exact,
        takeoff_materials.is_doubtful,
        takeoff_materials.basis
    from takeoff_materials
),
sums as (
    select
        vendor,
        project_id,
        model_id,
        model_name,
        material,
        split,
        quantity,
        max(unit) as unit,
        case when min(unit) = max(unit) then cast(sum(value_exact) as decimal(38, 12)) end as value,
        count(*) as elements,
        count(value_exact) as counted,
        count(case when is_doubtful then 1 end) as doubtful,
        case when min(basis) < max(basis) then 'mixed' else min(basis) end as basis
    from figures
    group by
        vendor,
        project_id,
        model_id,
        model_name,
        material,
        split,
        quantity
)
select
    vendor,
    project_id,
    model_id,
    model_name,
    material,
    split,
    quantity,
    unit,
    value,
    elements,
    counted,
    elements - counted - doubtful as missing,
    doubtful,
    basis
from sums
order by
    vendor nulls last,
    project_id nulls last,
    model_id nulls last,
    model_name nulls last,
    material nulls last,
    split nulls last,
    quantity
