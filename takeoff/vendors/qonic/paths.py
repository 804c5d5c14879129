"""The paths of the vendor's contract, written for asking and recognised again in the evidence."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote

# The client's own record of what it asked for; it is no answer, and so no request path.
ASKED = "asked.json"

CALCULATORS = ("Count", "Length", "NetArea", "GrossArea", "NetVolume", "GrossVolume")

_MODEL = r"/projects/[^/]+/models/[^/]+"
_KINDS = {
    "available": rf"{_MODEL}/products/properties/available-data",
    "products": rf"{_MODEL}/products/properties/query",
    "quantities": rf"{_MODEL}/products/quantities/[^/]+/result",
    "dynamic_available": rf"{_MODEL}/products/dynamic-properties/available-data",
    "dynamic": rf"{_MODEL}/products/dynamic-properties/[^/]+/result",
    "export": rf"{_MODEL}/export-ifc/[^/]+/result",
    "codifications": r"/projects/[^/]+/codifications",
    "codification": r"/projects/[^/]+/codifications/[^/]+",
    "materials": r"/projects/[^/]+/material-libraries",
    "locations": r"/projects/[^/]+/locations",
    "custom_properties": r"/projects/[^/]+/customProperties",
    "projects": r"/projects",
    "models": r"/projects/[^/]+/models",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}
_OPERATION = re.compile(r"/([^/]+)/result$")


def project(project_id: str, *rest: str) -> str:
    """/projects/{project}/...; ids are percent-encoded, `rest` is taken as it is."""
    return "/".join(("/projects", quote(project_id, safe=""), *rest))


def model(project_id: str, model_id: str, *rest: str) -> str:
    """/projects/{project}/models/{model}/..."""
    return project(project_id, "models", quote(model_id, safe=""), *rest)


def kind_of(name: str) -> str | None:
    """Which answer a document's name (request path with query) stands for; null if none of ours."""
    if name == ASKED:
        return "asked"
    path = name.partition("?")[0]
    return next((kind for kind, found in _PATTERNS.items() if found.fullmatch(path)), None)


def page_of(name: str) -> int:
    """The page number in a request path; 1 if there is none."""
    given = parse_qs(name.partition("?")[2]).get("page", ["1"])[0]
    return int(given) if given.isdecimal() else 1


def operation_of(name: str) -> str | None:
    """The operation id in the path of a result."""
    found = _OPERATION.search(name.partition("?")[0])
    return found[1] if found else None
