"""Carbon factors: kg CO2e per declared unit, from a CSV of one's own.

Columns: key_kind (material or item), key, module (A1-A3, A4, ..., C4, D), kg_co2e, declared_unit,
density_kg_m3 (empty unless volumes are to become masses), source, version, region. Source and
version are needed on every line. Module D lies beyond the system's boundary and is never netted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from takeoff.config import read_rows
from takeoff.core.errors import InputRefused
from takeoff.reports.bill_units import BillUnit, UnitTable, rounded

# EN 15978, in its order. A group stands for its parts, never beside them.
MODULES = (
    *("A1-A3", "A1", "A2", "A3", "A4", "A5"),
    *("B1", "B2", "B3", "B4", "B5", "B6", "B7"),
    *("C1", "C2", "C3", "C4", "D"),
)
KEY_KINDS = ("material", "item")

_PARTS = {"A1", "A2", "A3"}
_NEEDED = ("key_kind", "key", "module", "kg_co2e", "declared_unit", "source", "version")
_HIGHEST = Decimal(10**8)


@dataclass(frozen=True)
class CarbonFactor:
    """One factor; `density` is null if none is stated."""

    key_kind: str
    key: str
    module: str
    kg_co2e: Decimal
    unit: BillUnit
    density: Decimal | None
    source: str
    version: str

    @property
    def per_si(self) -> Decimal:
        """kg CO2e for one SI unit of what is declared, rounded half even to 9 decimals."""
        return rounded(Fraction(self.kg_co2e) / self.unit.factor)


def read_factors(path: Path, units: UnitTable) -> tuple[CarbonFactor, ...]:
    """The factors of a file, in its order.

    Raises: InputRefused for a line without source, version, known unit or module, a wrong number,
    and a key that has two factors for one module, or A1-A3 beside one of its parts.
    """
    rows = read_rows(path)
    factors = [_factor(f"{path} line {n}", row, units) for n, row in enumerate(rows, start=2)]
    if not factors:
        raise InputRefused(f"The carbon factors {path} hold no line.")
    _refuse_twice(path, factors)
    return tuple(factors)


def _factor(where: str, row: Mapping[str, str], units: UnitTable) -> CarbonFactor:
    for name in _NEEDED:
        if not (row.get(name) or "").strip():
            raise InputRefused(f"{where}: a carbon factor needs its {name}.")
    if row["key_kind"] not in KEY_KINDS or row["module"] not in MODULES:
        raise InputRefused(
            f"{where}: key_kind is {' or '.join(KEY_KINDS)}, module one of {', '.join(MODULES)}."
        )
    try:
        unit = units.named(row["declared_unit"])
    except InputRefused as error:
        raise InputRefused(f"{where}: {error}") from error
    density = (row.get("density_kg_m3") or "").strip()
    return CarbonFactor(
        key_kind=row["key_kind"],
        key=row["key"],
        module=row["module"],
        kg_co2e=_number(where, "kg_co2e", row["kg_co2e"]),
        unit=unit,
        density=_density(where, density) if density else None,
        source=row["source"],
        version=row["version"],
    )


def _density(where: str, text: str) -> Decimal:
    density = _number(where, "density_kg_m3", text)
    if density <= 0:
        raise InputRefused(f"{where}: a density is above 0.")
    return density


def _number(where: str, name: str, text: str) -> Decimal:
    """A factor may be below 0: wood stores carbon in A1-A3, and D mostly is."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise InputRefused(f"{where}: {name} {text!r} is no number.") from error
    if not number.is_finite() or abs(number) >= _HIGHEST or number != round(number, 9):
        raise InputRefused(f"{where}: {name} {text} is not below {_HIGHEST} with 9 decimals.")
    return number


def _refuse_twice(path: Path, factors: Sequence[CarbonFactor]) -> None:
    modules: dict[tuple[str, str], set[str]] = {}
    for factor in factors:
        known = modules.setdefault((factor.key_kind, factor.key), set())
        group = "A1-A3" in known | {factor.module} and bool((known | {factor.module}) & _PARTS)
        if factor.module in known or group:
            raise InputRefused(
                f"The carbon factors {path} state {factor.module} of {factor.key} twice, by itself "
                "or within A1-A3; keep one."
            )
        known.add(factor.module)
