"""The vendors, and every call of their interfaces that takeoff makes and the sandbox answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from takeoff.core.calls import Call
from takeoff.core.results import Result, listing
from takeoff.sandbox import routes
from takeoff.vendors import load, names

_VENDORS = {
    "vendor": "its name in commands",
    "title": "its name for people",
    "calls": "calls of its interface that takeoff makes; null if it is read from files",
}
_CALLS = {
    "vendor": "the vendor",
    "method": "HTTP method",
    "path": "path under the base URL",
    "does": "what it is for",
    "function": "what makes the call",
    "sandbox": "whether the sandbox answers it",
}
_NAME = re.compile(r"\{\w+\}")


def vendors() -> Result:
    """One row a vendor, those of installed packages included."""
    rows = [
        {"vendor": vendor, "title": getattr(load(vendor).client, "NAME", "IFC"), "calls": count}
        for vendor, count in ((vendor, len(_calls(vendor)) or None) for vendor in names())
    ]
    schema = pa.schema(
        [(name, pa.int64() if name == "calls" else pa.string()) for name in _VENDORS]
    )
    return listing("Vendors", pa.Table.from_pylist(rows, schema), _VENDORS)


def calls() -> Result:
    """One row a call, by vendor and in the order of its contract."""
    rows = [_row(vendor, call) for vendor in names() for call in _calls(vendor)]
    schema = pa.schema(
        [(name, pa.bool_() if name == "sandbox" else pa.string()) for name in _CALLS]
    )
    return listing("Calls", pa.Table.from_pylist(rows, schema), _CALLS)


def _calls(vendor: str) -> Sequence[Call]:
    found: Sequence[Call] = getattr(load(vendor).client, "CALLS", ())
    return found


def _row(vendor: str, call: Call) -> dict[str, object]:
    function = call.function
    return {
        "vendor": vendor,
        "method": call.method,
        "path": call.path,
        "does": call.does,
        "function": f"{function.__module__}.{function.__qualname__}",
        "sandbox": _is_answered(vendor, call),
    }


def _is_answered(vendor: str, call: Call) -> bool:
    found = routes(vendor)
    if found is None:
        return False
    base_path, known = found
    path = base_path + _NAME.sub("1", call.path.partition("?")[0])
    try:
        known.bind("127.0.0.1").match(path, method=call.method)
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True
