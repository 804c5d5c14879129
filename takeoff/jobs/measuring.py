"""Measuring by rule: what a report needs of rules, codes, rates and factors, put into its session.

A report asks for them by parameters of these names: rules, system, codes, mapping, rates, region,
factors; and by `of` (whose factors they are) if it shows what elements are worth beside its figures
where rates or factors are given. Every job that runs a report, or looks behind its lines, prepares
it the same way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from takeoff.config import Settings, read_rows
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.engines.engine import Engine
from takeoff.reports import bill, carbon_lines
from takeoff.reports.asked import understand
from takeoff.reports.bill_units import UnitTable, read_units
from takeoff.reports.carbon_factors import read_factors
from takeoff.reports.catalog import Query
from takeoff.reports.classification import read_classification
from takeoff.reports.rates import Rate, read_rates
from takeoff.reports.rule_rows import fill_factors, fill_rates, fill_rules
from takeoff.reports.rules import RuleSet, read_rule_set
from takeoff.reports.valued import value_elements

_NAMES = "quantity_names.csv"
# What says nothing without rates or factors.
_OF_VALUES = ("rules", "system", "codes", "mapping", "region", "of")


@dataclass(frozen=True)
class Measuring:
    """What was prepared for one report, to be said with its figures; empty if it asks for none."""

    rule_set: RuleSet | None = None
    rates: tuple[Rate, ...] | None = None
    sources: tuple[str, ...] = ()

    @property
    def of_rules(self) -> tuple[str, ...]:
        """A sentence that names the rule set, where it is not the basis of all figures."""
        if self.rule_set is None:
            return ()
        return (f"Items are measured by {self.rule_set.in_words}.",)

    def noted(self, query: Query, result: Result) -> Result:
        """The result, with the rule set as its basis and what its figures leave out as notes."""
        about = result.provenance
        basis = about.basis
        if self.rule_set is not None:
            basis = f"{self.rule_set.in_words}; {basis.partition('; ')[2]}"
        said = (*self._said(query, result), *self.sources, *about.notes)
        return replace(result, provenance=replace(about, basis=basis, notes=said))

    def _said(self, query: Query, result: Result) -> tuple[str, ...]:
        """A report of one's own that has the columns of ours is told of in the same way."""
        columns = {column.name for column in query.columns}
        if {"amount", "pricing"} <= columns:
            return bill.notes(result, self.rates)
        if {"kg_co2e", "module"} <= columns:
            return carbon_lines.notes(result)
        return ()


def prepare(
    engine: Engine, settings: Settings, query: Query, params: Mapping[str, Any]
) -> Measuring:
    """Fills the session with the rules, codes, rates and factors that the report asks for.

    Raises: InputRefused naming the file and the line that cannot be used.
    """
    asked = {p.name: params.get(p.name) or p.default for p in query.params}
    if not asked.keys() & {"rules", "factors"}:
        return Measuring()
    units = read_units(settings)
    if "of" in asked:
        return _value(engine, settings, units, understand(engine, query, params).basis, asked)
    prepared = Measuring()
    if "rules" in asked:
        prepared = _measure(engine, settings, units, asked)
    if (path := _path(asked.get("factors"))) is not None:
        fill_factors(engine, read_factors(path, units))
        sources = (f"Carbon factors are from {_named(path)}.", *prepared.sources)
        prepared = replace(prepared, sources=sources)
    return prepared


def _value(
    engine: Engine,
    settings: Settings,
    units: UnitTable,
    basis: Sequence[str],
    asked: Mapping[str, Any],
) -> Measuring:
    """Every element gets its cost by the rates, and its carbon by the factors, that are given."""
    rates, factors = _path(asked["rates"]), _path(asked["factors"])
    if rates is None and factors is None:
        if given := [name for name in _OF_VALUES if asked.get(name) is not None]:
            raise InputRefused(
                f"{', '.join(given)} is for cost or carbon; give rates or factors, too."
            )
        return Measuring()
    of = None if factors is None else asked["of"] or "material"
    sources: tuple[str, ...] = ()
    if rates is not None or of == "item":
        rules = asked["rules"] or "none"
        measured = _measure(engine, settings, units, {**asked, "rules": rules})
        sources = (*measured.of_rules, *measured.sources)
    if factors is not None:
        fill_factors(engine, read_factors(factors, units))
        sources = (f"Carbon factors are from {_named(factors)}.", *sources)
    said = value_elements(engine, basis, is_priced=rates is not None, of=of)
    return Measuring(sources=(*said, *sources))


def _measure(
    engine: Engine, settings: Settings, units: UnitTable, asked: Mapping[str, Any]
) -> Measuring:
    rule_set = read_rule_set(settings, str(asked["rules"]), units, _quantities(settings))
    classification = read_classification(
        settings, units, asked.get("system"), _path(asked.get("codes")), _path(asked.get("mapping"))
    )
    fill_rules(engine, settings, units, rule_set, classification)
    sources: tuple[str, ...] = (f"Codes are of {classification.system}.",)
    path = _path(asked.get("rates"))
    if path is None:
        return Measuring(rule_set, None, sources)
    rates = read_rates(path, units, asked.get("region"))
    fill_rates(engine, rates, rule_set)
    return Measuring(rule_set, rates, (f"Rates are from {_named(path)}.", *sources))


def _quantities(settings: Settings) -> dict[str, str]:
    """The kind of every IFC quantity that a source's name can stand for."""
    rows = read_rows(settings.rules_file(_NAMES))
    return {row["quantity"]: row["kind"] for row in rows if row["quantity"]}


def _path(given: object) -> Path | None:
    return None if given is None else Path(str(given))


def _named(path: Path) -> str:
    return f"{path.name} (sha256 {hashlib.sha256(path.read_bytes()).hexdigest()[:12]})"
