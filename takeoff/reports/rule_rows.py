"""Rules, codes, rates and factors into the tables of a query session (engines.rule_tables)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import pyarrow as pa

from takeoff.config import Settings, read_rows
from takeoff.core.tables import EXACT
from takeoff.engines.engine import Engine
from takeoff.engines.formulas import RuleFormulas, formula_values
from takeoff.engines.statements import BASES
from takeoff.reports.bill_units import BillUnit, UnitTable, per_unit
from takeoff.reports.carbon_factors import CarbonFactor
from takeoff.reports.classification import Classification
from takeoff.reports.rates import Rate
from takeoff.reports.rule_tests import in_list
from takeoff.reports.rules import Condition, Rule, RuleSet

_CLASSES = "ifc_classes.csv"
_TEXT, _INT, _FLAG = pa.string(), pa.int32(), pa.bool_()
_RATE = pa.decimal128(17, 9)
_HIGHEST_RATE = Decimal(10**8)
_RULES = {
    "rule_no": _INT,
    "kind": _TEXT,
    "trade": _TEXT,
    "rule": _TEXT,
    "predefined_types": _TEXT,
    "item": _TEXT,
    "title": _TEXT,
    "is_excluding": _FLAG,
    "unit": _TEXT,
    "unit_kind": _TEXT,
    "si_unit": _TEXT,
    "unit_factor": EXACT,
    "waste_factor": pa.decimal128(9, 6),
    "decimals": _INT,
    "opening_above": EXACT,
    "formula": _TEXT,
}
_TESTS = {
    "rule_no": _INT,
    "test_no": _INT,
    "test": _TEXT,
    "field": _TEXT,
    "set_name": _TEXT,
    "property": _TEXT,
    "operator": _TEXT,
    "allowed": _TEXT,
    "pattern": _TEXT,
    "number": EXACT,
    "unit_kind": _TEXT,
}
_RATES = {
    "rate_no": _INT,
    "item": _TEXT,
    "title": _TEXT,
    "rate": pa.decimal128(26, 9),
    "rate_unit": _TEXT,
    "unit_kind": _TEXT,
    "currency": _TEXT,
    "source": _TEXT,
}
_FACTORS = {
    "factor_no": _INT,
    "key_kind": _TEXT,
    "key": _TEXT,
    "module": _TEXT,
    "kg_co2e": _RATE,
    "declared_unit": _TEXT,
    "unit_kind": _TEXT,
    "kg_co2e_per_si": _RATE,
    "density_kg_m3": _RATE,
    "source": _TEXT,
    "version": _TEXT,
}


def fill_rules(
    engine: Engine,
    settings: Settings,
    units: UnitTable,
    rule_set: RuleSet,
    classification: Classification | None,
) -> None:
    """To be called once a session, before anything is asked of the marts of rules."""
    code_rules = () if classification is None else classification.rules
    first_code_rule = len(rule_set.rules) + 1
    conditions = [
        *((number, rule.condition) for number, rule in enumerate(rule_set.rules, start=1)),
        *((number, rule.condition) for number, rule in enumerate(code_rules, first_code_rule)),
    ]
    measuring = [_measuring(number, rule) for number, rule in enumerate(rule_set.rules, start=1)]
    coding = [
        {**_blank(number, rule.condition), "kind": "classification", "rule": rule.name}
        | {"item": rule.code}
        for number, rule in enumerate(code_rules, first_code_rule)
    ]
    _fill(engine, "class_kinds", {"ifc_class": _TEXT, "kind_of": _TEXT}, _class_kinds(settings))
    _fill(engine, "rules", _RULES, [*measuring, *coding])
    _fill(
        engine,
        "rule_classes",
        {"rule_no": _INT, "ifc_class": _TEXT},
        [{"rule_no": n, "ifc_class": c} for n, asked in conditions for c in asked.classes],
    )
    _fill(
        engine,
        "rule_tests",
        _TESTS,
        [t.row(n, no) for n, asked in conditions for no, t in enumerate(asked.tests, start=1)],
    )
    _fill_units(engine, units)
    _fill_formulas(engine, rule_set)
    if classification is not None:
        _fill_codes(engine, classification)


def fill_rates(engine: Engine, rates: Sequence[Rate], rule_set: RuleSet) -> None:
    """The rates, and each in all units of the bill that measure the same kind of thing."""
    bill_units = {rule.unit.name: rule.unit for rule in rule_set.rules if rule.unit is not None}
    rows = [
        {
            "rate_no": number,
            "item": rate.item,
            "title": rate.title,
            "rate": rate.rate,
            "rate_unit": rate.unit_name,
            "unit_kind": None if rate.unit is None else rate.unit.kind,
            "currency": rate.currency,
            "source": rate.source,
        }
        for number, rate in enumerate(rates)
    ]
    _fill(engine, "rates", _RATES, rows)
    _fill(
        engine,
        "unit_rates",
        {"rate_no": _INT, "unit": _TEXT, "unit_rate": _RATE},
        [row for n, rate in enumerate(rates) for row in _unit_rates(n, rate, bill_units)],
    )


def fill_factors(engine: Engine, factors: Sequence[CarbonFactor]) -> None:
    rows = [
        {
            "factor_no": number,
            "key_kind": factor.key_kind,
            "key": factor.key,
            "module": factor.module,
            "kg_co2e": factor.kg_co2e,
            "declared_unit": factor.unit.name,
            "unit_kind": factor.unit.kind,
            "kg_co2e_per_si": factor.per_si,
            "density_kg_m3": factor.density,
            "source": factor.source,
            "version": factor.version,
        }
        for number, factor in enumerate(factors)
    ]
    _fill(engine, "carbon_factors", _FACTORS, rows)


def _unit_rates(
    number: int, rate: Rate, bill_units: Mapping[str, BillUnit]
) -> Iterable[dict[str, object]]:
    for name, unit in bill_units.items():
        if rate.unit is not None and rate.unit.kind == unit.kind:
            unit_rate = per_unit(rate.rate, rate.unit, unit)
            if abs(unit_rate) < _HIGHEST_RATE:
                yield {"rate_no": number, "unit": name, "unit_rate": unit_rate}


def _blank(number: int, condition: Condition) -> dict[str, object]:
    types = condition.predefined_types
    return {
        **dict.fromkeys(_RULES),
        "rule_no": number,
        "predefined_types": in_list(list(types)) if types else None,
        "is_excluding": False,
    }


def _measuring(number: int, rule: Rule) -> dict[str, object]:
    unit = rule.unit
    return _blank(number, rule.condition) | {
        "kind": "measurement",
        "trade": rule.trade,
        "rule": rule.name,
        "item": rule.item,
        "title": rule.title,
        "is_excluding": rule.excludes,
        "unit": None if unit is None else unit.name,
        "unit_kind": None if unit is None else unit.kind,
        "si_unit": None if unit is None else unit.si_unit,
        "unit_factor": None if unit is None else _factor(unit),
        "waste_factor": 1 + rule.waste_percent / 100,
        "decimals": rule.decimals,
        "opening_above": rule.opening_above,
        "formula": rule.formula or None,
    }


def _factor(unit: BillUnit) -> Decimal:
    """Exact for every factor of the table: none has more than 12 decimals."""
    return Decimal(unit.factor.numerator) / Decimal(unit.factor.denominator)


def _class_kinds(settings: Settings) -> list[dict[str, str]]:
    parents = {row["ifc_class"]: row["parent"] for row in read_rows(settings.rules_file(_CLASSES))}
    rows = []
    for ifc_class in parents:
        kind: str | None = ifc_class
        while kind is not None:
            rows.append({"ifc_class": ifc_class, "kind_of": kind})
            kind = parents.get(kind)
    return rows


def _fill_units(engine: Engine, units: UnitTable) -> None:
    rows = [
        {"unit": name, "unit_kind": unit.kind, "factor": _factor(unit)}
        for name, unit in units.factors().items()
    ]
    _fill(engine, "unit_factors", {"unit": _TEXT, "unit_kind": _TEXT, "factor": EXACT}, rows)


def _fill_formulas(engine: Engine, rule_set: RuleSet) -> None:
    formulas = [
        RuleFormulas(number, rule.formulas)
        for number, rule in enumerate(rule_set.rules, start=1)
        if rule.formulas
    ]
    rows = [
        {"rule_no": rule.rule_no, "figure": name, **_quantity(name)}
        for rule in formulas
        for name in dict.fromkeys(name for formula in rule.formulas for name in formula.names)
    ]
    columns = {"rule_no": _INT, "figure": _TEXT, "quantity": _TEXT, "basis": _TEXT}
    _fill(engine, "rule_figure_names", columns, rows)
    if rows:
        engine.define("formula_values", formula_values(formulas))


def _quantity(name: str) -> dict[str, object]:
    """A name is a quantity, or a basis and a quantity."""
    basis, _, quantity = name.rpartition(".")
    quantity = "Count" if quantity == "StatedCount" else quantity
    return {"quantity": quantity, "basis": basis if basis in BASES else None}


def _fill_codes(engine: Engine, classification: Classification) -> None:
    checked = bool(classification.codes)
    _fill(
        engine,
        "classification_names",
        {"code_system": _TEXT, "is_checked": _FLAG},
        [{"code_system": name, "is_checked": checked} for name in classification.names],
    )
    codes = classification.codes.values()
    _fill(
        engine,
        "code_table",
        {"code": _TEXT, "level": _INT, "title": _TEXT},
        [{"code": c.code, "level": c.level, "title": c.title} for c in codes],
    )
    _fill(
        engine,
        "code_ancestors",
        {"code": _TEXT, "ancestor": _TEXT, "level": _INT, "title": _TEXT},
        [
            {"code": code.code, "ancestor": above.code, "level": above.level, "title": above.title}
            for code in codes
            for above in classification.ancestors(code.code)
        ],
    )


def _fill(
    engine: Engine,
    name: str,
    columns: Mapping[str, pa.DataType],
    rows: Sequence[Mapping[str, object]],
) -> None:
    engine.fill(name, pa.Table.from_pylist(list(rows), pa.schema(list(columns.items()))))
