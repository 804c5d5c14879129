"""The paths of the vendor's contract, recognised again in the evidence."""

from __future__ import annotations

import re

# The client's own record of what it asked for; it is no answer, and so no request path.
ASKED = "bimplus-asked.json"

_TEAM = r"/[^/]+"
_KINDS = {
    "objects": rf"{_TEAM}/objects/[^/]+/properties/\d+",
    "tree": rf"{_TEAM}/objects/[^/]+/topology",
    "types": rf"{_TEAM}/projects/[^/]+/element-types",
    "disciplines": rf"{_TEAM}/divisions/[^/]+/disciplines",
    "model": rf"{_TEAM}/divisions/[^/]+",
    "units": rf"{_TEAM}/units",
    "calculated": rf"{_TEAM}/services/BaseQuantities",
    "attribute": rf"{_TEAM}/freeattributes/[^/]+",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}


def kind_of(name: str) -> str | None:
    """Which answer a document's name (request path with query) stands for; null if none of ours."""
    if name == ASKED:
        return "asked"
    path = name.partition("?")[0]
    return next((kind for kind, found in _PATTERNS.items() if found.fullmatch(path)), None)
