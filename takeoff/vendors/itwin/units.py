"""Units as `getpersistenceunit` may spell them.

Its spelling is not documented: names of the vendor's unit schema (`CUB_M`, also behind `Units.` or
`u:`) are known, and signs and words that every vendor uses. What is neither is no unit of ours.
"""

from __future__ import annotations

import re

from takeoff.core.units import Unit, unit_named

_SCHEMA = re.compile(r"(?:u|units)[.:]", re.IGNORECASE)
# Survey feet are not here: they are not a third of a yard.
_NAMES = {
    "sq_m": "m2",
    "sq_mm": "mm2",
    "sq_cm": "cm2",
    "sq_ft": "ft2",
    "sq_in": "in2",
    "sq_yrd": "yd2",
    "cub_m": "m3",
    "cub_mm": "mm3",
    "cub_cm": "cm3",
    "cub_ft": "ft3",
    "cub_in": "in3",
    "cub_yrd": "yd3",
    "yrd": "yd",
    "litre": "l",
    "lbm": "lb",
    "grm": "g",
    "hr": "h",
}


def unit(written: str | None) -> Unit | None:
    """The unit of this spelling; null if it is none that we know."""
    if written is None:
        return None
    name = _SCHEMA.sub("", written.strip(), count=1)
    return unit_named(_NAMES.get(name.casefold(), name))
