"""The tables of a session that measurement rules, codes, rates and carbon factors are put into.

They are empty until a job fills them (`Engine.fill`): then nothing is measured by rule, classified,
priced or rated. Lists of texts lie between unit separators, chr(31), so that no two read alike.
"""

RULE_TABLES = """
-- Each class with itself and all it is a kind of.
create or replace table class_kinds (ifc_class varchar, kind_of varchar);
-- kind: measurement or classification; of a trade the first rule that fits an element is its rule.
create or replace table rules (
    rule_no integer,
    kind varchar,
    trade varchar,
    rule varchar,
    predefined_types varchar,
    item varchar,
    title varchar,
    is_excluding boolean,
    unit varchar,
    unit_kind varchar,
    si_unit varchar,
    unit_factor decimal(32, 12),
    waste_factor decimal(9, 6),
    decimals integer,
    opening_above decimal(32, 12),
    formula varchar
);
create or replace table rule_classes (rule_no integer, ifc_class varchar);
create or replace table rule_tests (
    rule_no integer,
    test_no integer,
    test varchar,
    field varchar,
    set_name varchar,
    property varchar,
    operator varchar,
    allowed varchar,
    pattern varchar,
    number decimal(32, 12),
    unit_kind varchar
);
create or replace table rule_figure_names (
    rule_no integer, figure varchar, quantity varchar, basis varchar
);
create or replace table unit_factors (unit varchar, unit_kind varchar, factor decimal(32, 12));
-- Replaced by a view over rule_figures that works the formulas out.
create or replace view formula_values as
select
    cast(null as varchar) as snapshot_id,
    cast(null as integer) as element_no,
    cast(null as integer) as rule_no,
    cast(null as varchar) as formula,
    cast(null as decimal(32, 12)) as value_exact,
    cast(null as boolean) as is_doubtful,
    cast(null as varchar) as lowest_basis,
    cast(null as varchar) as highest_basis
where false;
-- The one classification in use: its names in models, its table, and each code's codes above.
create or replace table classification_names (code_system varchar, is_checked boolean);
create or replace table code_table (code varchar, level integer, title varchar);
create or replace table code_ancestors (
    code varchar, ancestor varchar, level integer, title varchar
);
create or replace table rates (
    rate_no integer,
    item varchar,
    title varchar,
    rate decimal(26, 9),
    rate_unit varchar,
    unit_kind varchar,
    currency varchar,
    source varchar
);
-- A rate in each unit of a bill that measures the same kind of thing.
create or replace table unit_rates (rate_no integer, unit varchar, unit_rate decimal(17, 9));
create or replace table carbon_factors (
    factor_no integer,
    key_kind varchar,
    key varchar,
    module varchar,
    kg_co2e decimal(17, 9),
    declared_unit varchar,
    unit_kind varchar,
    kg_co2e_per_si decimal(17, 9),
    density_kg_m3 decimal(17, 9),
    source varchar,
    version varchar
);
"""
