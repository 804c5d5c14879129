-- title: Carbon by material
-- question: How much CO2e do the materials stand for, module by module, and what has no factor?
-- grain: vendor, project_id, model_id, model_name, module, material, split
-- partitions: volumes of each module; an element of three materials stands in three lines
-- elements: takeoff_materials
-- by: model off; vendor, project_id, model_id, model_name
-- param: factors text = null; CSV file with carbon factors of materials; null: none
-- param: quantity texts in NetVolume|GrossVolume = NetVolume; the volume that is taken
-- param: basis texts = null; bases that figures may have, the best first; null: all four
-- param: class texts = null; IFC classes to show, such as Wall; null: all there are
-- param: storey texts = null; names of the storeys to show; null: all there are
-- column: vendor text; vendor of the model
-- column: project_id text; project of the model
-- column: model_id text; the model
-- column: model_name text; the model's name
-- column: module text; module of EN 15978; null if there are no factors; D is never netted
-- column: material text; material as named; several together if they cannot be split
-- column: split text; whole, layers, constituents, not split or no material
-- column: volume_m3 decimal m3; sum of the pieces of this material; null if none is known
-- column: density_kg_m3 decimal kg/m3; density that the factor states; null if it states none
-- column: mass_kg decimal kg; volume times density, if the factor is per mass; null otherwise
-- column: kg_co2e_factor decimal; kg CO2e per declared unit, as the file states it
-- column: declared_unit text; unit of the factor
-- column: kg_co2e decimal kg; kg CO2e; null without a factor or a quantity
-- column: state text; rated, no factor, no quantity or refused (no way to the declared unit)
-- column: elements bigint; elements that have this material
-- column: counted bigint; elements of which a piece is in the volume
-- column: missing bigint; elements without a usable figure
-- column: doubtful bigint; elements whose figures disagree within one set; not in the volume
-- column: basis text; what the figures rest on, mixed if on several
-- column: source text; where the factor comes from
-- column: version text; its version
with modules as (
    select distinct module
    from carbon_factors
    where key_kind = 'material'
    union all
    select cast(null as varchar) as module
    where not exists (select 1 from carbon_factors where key_kind = 'material')
),
pieces as (
    select
        case when $by_model then vendor end as vendor,
        case when $by_model then project_id end as project_id,
        case when $by_model then model_id end as model_id,
        case when $by_model then model_name end as model_name,
        material,
        split,
        value_exact,
        is_doubtful,
        basis
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
        cast(sum(value_exact) as decimal(38, 12)) as volume_m3,
        count(*) as elements,
        count(value_exact) as counted,
        count(case when is_doubtful then 1 end) as doubtful,
        case when min(basis) < max(basis) then 'mixed' else min(basis) end as basis
    from pieces
    group by vendor, project_id, model_id, model_name, material, split
),
rated as (
    select
        sums.vendor,
        sums.project_id,
        sums.model_id,
        sums.model_name,
        modules.module,
        sums.material,
        sums.split,
        sums.volume_m3,
        carbon_factors.density_kg_m3,
        case
            when carbon_factors.unit_kind = 'mass'
                then cast(
                    cast(round(sums.volume_m3, 9) as decimal(20, 9)) * carbon_factors.density_kg_m3
                    as decimal(20, 6)
                )
        end as mass_kg,
        carbon_factors.factor_no,
        carbon_factors.kg_co2e as kg_co2e_factor,
        carbon_factors.declared_unit,
        carbon_factors.unit_kind,
        carbon_factors.kg_co2e_per_si,
        sums.elements,
        sums.counted,
        sums.doubtful,
        sums.basis,
        carbon_factors.source,
        carbon_factors.version
    from sums
    cross join modules
    left join carbon_factors
        on carbon_factors.key_kind = 'material'
        and carbon_factors.module = modules.module
        and lower(carbon_factors.key) = lower(sums.material)
)
select
    vendor,
    project_id,
    model_id,
    model_name,
    module,
    material,
    split,
    volume_m3,
    density_kg_m3,
    mass_kg,
    kg_co2e_factor,
    declared_unit,
    case unit_kind
        when 'volume'
            then cast(
                cast(round(volume_m3, 9) as decimal(20, 9)) * kg_co2e_per_si as decimal(38, 9)
            )
        when 'mass' then cast(mass_kg * kg_co2e_per_si as decimal(38, 9))
    end as kg_co2e,
    case
        when factor_no is null then 'no factor'
        when unit_kind not in ('volume', 'mass')
            or (unit_kind = 'mass' and density_kg_m3 is null) then 'refused'
        when volume_m3 is null then 'no quantity'
        else 'rated'
    end as state,
    elements,
    counted,
    elements - counted - doubtful as missing,
    doubtful,
    basis,
    source,
    version
from rated
order by
    vendor nulls last,
    project_id nulls last,
    model_id nulls last,
    model_name nulls last,
    module nulls last,
    material nulls last,
    split nulls last
