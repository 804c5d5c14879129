-- title: The materials of the elements that count, each with its carbon, once a module
-- grain: snapshot_id, element_no, module, material, split
-- rating: rated, no factor, no quantity, or refused (no way to the declared unit). By NetVolume;
-- `kg_co2e` is null unless rated.
with modules as (
    select distinct module
    from carbon_factors
    where key_kind = 'material'
),
pieces as (
    select
        takeoff_materials.snapshot_id,
        takeoff_materials.element_no,
        takeoff_materials.material,
        takeoff_materials.split,
        modules.module,
        carbon_factors.factor_no,
        carbon_factors.kg_co2e as kg_co2e_factor,
        carbon_factors.declared_unit,
        carbon_factors.source,
        carbon_factors.version,
        carbon_factors.unit_kind,
        carbon_factors.density_kg_m3,
        carbon_factors.kg_co2e_per_si,
        try_cast(round(takeoff_materials.value_exact, 9) as decimal(20, 9)) as volume_m3
    from takeoff_materials
    cross join modules
    left join carbon_factors
        on carbon_factors.key_kind = 'material'
        and carbon_factors.module = modules.module
        and lower(carbon_factors.key) = lower(takeoff_materials.material)
    where takeoff_materials.quantity = 'NetVolume'
)
select
    snapshot_id,
    element_no,
    material,
    split,
    module,
    kg_co2e_factor,
    declared_unit,
    density_kg_m3,
    source,
    version,
    case
        when factor_no is null then 'no factor'
        when unit_kind not in ('volume', 'mass')
            or (unit_kind = 'mass' and density_kg_m3 is null) then 'refused'
        when volume_m3 is null then 'no quantity'
        else 'rated'
    end as rating,
    case unit_kind
        when 'volume' then try_cast(volume_m3 * kg_co2e_per_si as decimal(32, 12))
        when 'mass'
            then try_cast(
                try_cast(volume_m3 * density_kg_m3 as decimal(20, 6)) * kg_co2e_per_si
                as decimal(32, 12)
            )
    end as kg_co2e
from pieces
