"""The table library of a page: DataTables, from the package itables, which brings it whole.

Its script and style are written into each page, with the licences that they carry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from takeoff.core.errors import InputRefused

_CURE = "run: pip install 'takeoff[html]'"
# The module's last statement names what it offers: export{Xy as default,jq as jQuery,...}.
_EXPORTS = re.compile(r"export\s*\{[^{}]*?([\w$]+) as default\b[^{}]*\};?")
# What would begin or end a script inside a script; in strings and patterns the code means the same.
_MARKUP = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)


@dataclass(frozen=True)
class Library:
    """`script` is a module that makes `DataTable` known to the scripts after it; `style` is CSS."""

    script: str
    style: str


@cache
def library() -> Library:
    """Raises: InputRefused if the extra html is not installed, or is another than we can use."""
    spec = find_spec("itables")
    if spec is None or not spec.submodule_search_locations:
        raise InputRefused(f"A page needs the extra html, which is not installed; {_CURE}.")
    bundle = Path(spec.submodule_search_locations[0]) / "html" / "dt_bundle.js"
    try:
        script, style = (path.read_text("utf-8") for path in (bundle, bundle.with_suffix(".css")))
    except OSError as error:
        raise InputRefused(f"The installed itables lacks {bundle.name}; {_CURE}.") from error
    known, times = _EXPORTS.subn(r"globalThis.DataTable=\1;", script)
    if times != 1 or "</style" in style.lower():
        raise InputRefused(f"The installed itables is none that a page can use; {_CURE}.")
    return Library(_MARKUP.sub(r"\\x3c", known), style)
