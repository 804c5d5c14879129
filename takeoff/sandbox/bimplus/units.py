"""Units: the vendor's records of them, and how their symbols are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from takeoff.sandbox.bimplus.vocabulary import own_id

_METRE = "7be3452a-47f9-4fd8-bd94-ef6c967d684e"
_KILOGRAM = "3b871b65-516e-4e7e-a35f-faa7501d5d0d"
_SECOND = "456e899b-2bda-49a5-8e6f-e1ff8bfd9e14"
_KELVIN = "cbd91636-49fa-4a4f-bdcc-03f27ca205f8"
_BASE = {
    "m": (_METRE, "length", "LENGTHUNIT"),
    "kg": (_KILOGRAM, "mass", "MASSUNIT"),
    "s": (_SECOND, "time", "TIMEUNIT"),
    "K": (_KELVIN, "thermodynamic temperature", "THERMODYNAMICTEMPERATUREUNIT"),
}
# Description, word of the IFC, and the base unit with its factor and power.
_DERIVED = {
    "mm": ("length", "LENGTHUNIT", _METRE, 0.001, 1),
    "cm": ("length", "LENGTHUNIT", _METRE, 0.01, 1),
    "mm2": ("area", "AREAUNIT", _METRE, 0.001, 2),
    "m2": ("area", "AREAUNIT", _METRE, 1, 2),
    "mm3": ("volume", "VOLUMEUNIT", _METRE, 0.001, 3),
    "m3": ("volume", "VOLUMEUNIT", _METRE, 1, 3),
    "l": ("volume", "VOLUMEUNIT", _METRE, 0.1, 3),
    "g": ("mass", "MASSUNIT", _KILOGRAM, 0.001, 1),
    "t": ("mass", "MASSUNIT", _KILOGRAM, 1000, 1),
}
_MILLIMETRE = "f99f40cf-da64-4c4f-8434-cb90722ba485"
_RAISED = {"mm2": "mm²", "m2": "m²", "mm3": "mm³", "m3": "m³"}
_PLAIN = {raised: plain for plain, raised in _RAISED.items()}


def written(symbol: str | None, symbols: str) -> str | None:
    """A symbol as the switch `bimplus_symbols` has it."""
    return _RAISED.get(symbol or "", symbol) if symbols == "superscript" else symbol


def unit_id(symbol: str) -> str:
    """The id of a symbol's record, whichever way it is written."""
    plain = _PLAIN.get(symbol, symbol)
    if plain == "mm":
        return _MILLIMETRE
    return _BASE[plain][0] if plain in _BASE else own_id("unit", plain)


def records(others: Iterable[str], symbols: str) -> list[dict[str, Any]]:
    """The records of all known units and of `others`, which are the vendor's users' own."""
    plain = [*_BASE, *_DERIVED]
    own = sorted({_PLAIN.get(one, one) for one in others} - set(plain))
    return [_record(one, symbols) for one in [*plain, *own]]


def _record(symbol: str, symbols: str) -> dict[str, Any]:
    shown = written(symbol, symbols)
    record: dict[str, Any] = {"id": unit_id(symbol), "unit": shown, "name": shown}
    if symbol in _BASE:
        _, record["description"], record["contextUnitType"] = _BASE[symbol]
    elif symbol in _DERIVED:
        description, context, base, factor, power = _DERIVED[symbol]
        record |= {"description": description, "contextUnitType": context}
        told = {"baseunitid": base, "usequence": 1, "ufactor": factor, "upower": power}
        record["baseunits"] = [told]
    else:
        record |= {"description": symbol, "contextUnitType": "USERDEFINED"}
    return record
