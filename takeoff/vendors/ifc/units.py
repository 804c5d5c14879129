"""The units of an IFC file: what it declares, and the exact factor from each to SI."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation, localcontext
from typing import TypeAlias

from takeoff.vendors.ifc.model import Entity, Model
from takeoff.vendors.ifc.values import Number, Ref, Typed, Value

# Exponents of length, mass, time, current, temperature, amount and light.
Dimensions: TypeAlias = tuple[int, int, int, int, int, int, int]

_NONE: Dimensions = (0, 0, 0, 0, 0, 0, 0)
_SYMBOLS = ("m", "kg", "s", "A", "K", "mol", "cd")
_KINDS: dict[Dimensions, tuple[str, str]] = {
    (1, 0, 0, 0, 0, 0, 0): ("length", "m"),
    (2, 0, 0, 0, 0, 0, 0): ("area", "m2"),
    (3, 0, 0, 0, 0, 0, 0): ("volume", "m3"),
    (0, 1, 0, 0, 0, 0, 0): ("mass", "kg"),
    (0, 0, 1, 0, 0, 0, 0): ("time", "s"),
}
_TYPES = {
    "length": "LENGTHUNIT",
    "area": "AREAUNIT",
    "volume": "VOLUMEUNIT",
    "mass": "MASSUNIT",
    "time": "TIMEUNIT",
}
_POWERS = {"area": 2, "volume": 3}
# The names of IfcSIUnitName with their dimensions; all have factor 1 but GRAM.
_SI: dict[str, Dimensions] = {
    "METRE": (1, 0, 0, 0, 0, 0, 0),
    "SQUARE_METRE": (2, 0, 0, 0, 0, 0, 0),
    "CUBIC_METRE": (3, 0, 0, 0, 0, 0, 0),
    "GRAM": (0, 1, 0, 0, 0, 0, 0),
    "SECOND": (0, 0, 1, 0, 0, 0, 0),
    "AMPERE": (0, 0, 0, 1, 0, 0, 0),
    "KELVIN": (0, 0, 0, 0, 1, 0, 0),
    "MOLE": (0, 0, 0, 0, 0, 1, 0),
    "CANDELA": (0, 0, 0, 0, 0, 0, 1),
    "LUMEN": (0, 0, 0, 0, 0, 0, 1),
    "LUX": (-2, 0, 0, 0, 0, 0, 1),
    "RADIAN": _NONE,
    "STERADIAN": _NONE,
    "HERTZ": (0, 0, -1, 0, 0, 0, 0),
    "BECQUEREL": (0, 0, -1, 0, 0, 0, 0),
    "NEWTON": (1, 1, -2, 0, 0, 0, 0),
    "PASCAL": (-1, 1, -2, 0, 0, 0, 0),
    "JOULE": (2, 1, -2, 0, 0, 0, 0),
    "WATT": (2, 1, -3, 0, 0, 0, 0),
    "GRAY": (2, 0, -2, 0, 0, 0, 0),
    "SIEVERT": (2, 0, -2, 0, 0, 0, 0),
    "COULOMB": (0, 0, 1, 1, 0, 0, 0),
    "VOLT": (2, 1, -3, -1, 0, 0, 0),
    "OHM": (2, 1, -3, -2, 0, 0, 0),
    "SIEMENS": (-2, -1, 3, 2, 0, 0, 0),
    "FARAD": (-2, -1, 4, 2, 0, 0, 0),
    "HENRY": (2, 1, -2, -2, 0, 0, 0),
    "WEBER": (2, 1, -2, -1, 0, 0, 0),
    "TESLA": (0, 1, -2, -1, 0, 0, 0),
}
_BASE_FACTORS = {"GRAM": Decimal("0.001")}
_PREFIX_POWERS = {"SQUARE_METRE": 2, "CUBIC_METRE": 3}
_PREFIXES = {
    "EXA": 18,
    "PETA": 15,
    "TERA": 12,
    "GIGA": 9,
    "MEGA": 6,
    "KILO": 3,
    "HECTO": 2,
    "DECA": 1,
    "DECI": -1,
    "CENTI": -2,
    "MILLI": -3,
    "MICRO": -6,
    "NANO": -9,
    "PICO": -12,
    "FEMTO": -15,
    "ATTO": -18,
}
_DEEPEST = 8
# What a unit's factor and the exponents in it may be; others are no unit's.
_EXPONENTS = frozenset(map(Decimal, range(-9, 10)))
_MOST_DIGITS = 60


@dataclass(frozen=True)
class Unit:
    """A unit: its text as written, its factor to SI (null if it cannot be told), what it measures.

    `status` is declared, own, derived or unknown, as `quantities.unit_status` means it.
    """

    text: str | None
    factor: Decimal | None
    dimensions: Dimensions | None
    status: str = "declared"

    @property
    def kind(self) -> str:
        """length, area, volume, mass, time, or other."""
        return _KINDS.get(self.dimensions or _NONE, ("other", ""))[0]

    @property
    def symbol(self) -> str | None:
        """The SI unit that figures in this one are brought to; null if that cannot be told."""
        if self.factor is None or self.dimensions is None:
            return None
        if self.dimensions in _KINDS:
            return _KINDS[self.dimensions][1]
        powers = zip(_SYMBOLS, self.dimensions, strict=True)
        parts = [name if power == 1 else f"{name}{power}" for name, power in powers if power]
        return " ".join(parts) or "1"


# What counts and bare numbers are in.
PIECES = Unit(None, Decimal(1), _NONE)
UNKNOWN = Unit(None, None, None, "unknown")


class Units:
    """The units of one file: those of the project by type, and any other by its record."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._own: dict[int, Unit] = {}
        self._known: dict[int, Unit] = {}
        self._by_type: dict[str, Unit] = {}
        self.repeated: list[tuple[str, int]] = []
        for project in model.of_class("IfcProject"):
            self._declare(model.get(project.ref("UnitsInContext")))

    def declared(self, unit_type: str) -> Unit | None:
        """The project's unit of a type such as LENGTHUNIT; null if it names none."""
        return self._by_type.get(unit_type)

    def of_kind(self, kind: str) -> Unit:
        """The project's unit for figures of a kind.

        Areas and volumes without one are in the square and cube of the length unit (`derived`);
        counts need none; whatever else is not declared is `unknown`.
        """
        if kind == "count":
            return PIECES
        declared = self._by_type.get(_TYPES[kind])
        if declared is not None:
            return declared if declared.kind == kind else replace(declared, factor=None)
        length = self._by_type.get("LENGTHUNIT")
        if kind not in _POWERS or length is None or length.kind != "length":
            return UNKNOWN
        derived = self._by_type[_TYPES[kind]] = _power(length, _POWERS[kind])
        return derived

    def own(self, ref: Ref | None) -> Unit | None:
        """The unit that a figure or property names for itself; null if it names none."""
        if ref is None:
            return None
        if ref not in self._own:
            self._own[ref] = replace(self._read(ref, 0), status="own")
        return self._own[ref]

    def _declare(self, assignment: Entity | None) -> None:
        for ref in assignment.refs("Units") if assignment is not None else []:
            entity = self._model.get(ref)
            if entity is None:
                continue
            unit_type = entity.text("UnitType") or entity.cls.name
            if unit_type not in self._by_type:
                self._by_type[unit_type] = self._read(ref, 0)
            elif unit_type in _TYPES.values():
                self.repeated.append((unit_type, int(ref)))

    def _read(self, ref: Ref | None, depth: int) -> Unit:
        if ref is None:
            return Unit(None, None, None)
        if ref not in self._known:
            # Until it is known, for one that leads to itself.
            self._known[ref] = Unit(None, None, None)
            self._known[ref] = self._fresh(ref, depth)
        return self._known[ref]

    def _fresh(self, ref: Ref, depth: int) -> Unit:
        entity = self._model.get(ref)
        if entity is None or depth > _DEEPEST:
            return Unit(None, None, None)
        if entity.cls.name == "IfcSIUnit":
            return _si_unit(entity)
        if entity.cls.is_a("IfcConversionBasedUnit"):
            return self._conversion(entity, depth)
        if entity.cls.name == "IfcDerivedUnit":
            return self._product(entity, depth)
        return Unit(entity.text("Name") or entity.text("Currency"), None, None)

    def _conversion(self, entity: Entity, depth: int) -> Unit:
        measure = self._model.get(entity.ref("ConversionFactor"))
        name = entity.text("Name")
        if measure is None:
            return Unit(name, None, None)
        base = self._read(measure.ref("UnitComponent"), depth + 1)
        times = _decimal(measure["ValueComponent"])
        offset = entity["ConversionOffset"]
        shifted = offset is not None and _decimal(offset) != 0
        if base.factor is None or times is None or times <= 0 or shifted:
            return Unit(name, None, base.dimensions)
        return Unit(name, base.factor * times, base.dimensions)

    def _product(self, entity: Entity, depth: int) -> Unit:
        texts, factor, dimensions = [], Decimal(1), _NONE
        for ref in entity.refs("Elements"):
            element = self._model.get(ref)
            exponent = None if element is None else _decimal(element["Exponent"])
            if element is None or exponent not in _EXPONENTS:
                return Unit(entity.text("UserDefinedType"), None, None)
            part = _power(self._read(element.ref("Unit"), depth + 1), int(exponent))
            texts.append(part.text or "?")
            if part.factor is None or part.dimensions is None:
                return Unit(" ".join(texts), None, None)
            factor *= part.factor
            dimensions = _sum(dimensions, part.dimensions)
        return Unit(" ".join(texts), factor, dimensions)


def _si_unit(entity: Entity) -> Unit:
    name, prefix = entity.text("Name") or "", entity.text("Prefix")
    text = name if prefix is None else f"{prefix} {name}"
    dimensions = _SI.get(name)
    if dimensions is None or (prefix is not None and prefix not in _PREFIXES):
        return Unit(text, None, dimensions)
    power = _PREFIXES[prefix] * _PREFIX_POWERS.get(name, 1) if prefix is not None else 0
    return Unit(text, _BASE_FACTORS.get(name, Decimal(1)) * Decimal(10) ** power, dimensions)


def _power(unit: Unit, exponent: int) -> Unit:
    if exponent == 1:
        return unit
    text = None if unit.text is None else f"{unit.text}^{exponent}"
    if unit.factor is None or unit.dimensions is None:
        return Unit(text, None, None, "derived")
    with localcontext() as context:
        context.prec = 60
        factor = unit.factor**exponent
    return Unit(text, factor, _times(unit.dimensions, exponent), "derived")


def _sum(one: Dimensions, other: Dimensions) -> Dimensions:
    a, b, c, d, e, f, g = (x + y for x, y in zip(one, other, strict=True))
    return a, b, c, d, e, f, g


def _times(dimensions: Dimensions, exponent: int) -> Dimensions:
    a, b, c, d, e, f, g = (exponent * power for power in dimensions)
    return a, b, c, d, e, f, g


def _decimal(value: Value) -> Decimal | None:
    if isinstance(value, Typed):
        value = value.value
    if not isinstance(value, Number):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if abs(number.adjusted()) < _MOST_DIGITS else None
