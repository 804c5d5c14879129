"""The calls of the contract that read, in its order, and which function makes each."""

from __future__ import annotations

from takeoff.core.calls import Call
from takeoff.vendors.qonic import calls, login

_PROJECT = "/projects/{project_id}"
_MODEL = f"{_PROJECT}/models/{{model_id}}"
_PRODUCTS = f"{_MODEL}/products"
_QUANTITIES = f"{_PRODUCTS}/quantities"
_DYNAMIC = f"{_PRODUCTS}/dynamic-properties"

CALLS = (
    Call("GET", "/auth/scopes", "what a login may be allowed", calls.scopes),
    Call("GET", "/auth/authorize", "the page where a person logs in", login.oauth_app),
    Call("POST", "/auth/token", "get or renew a token", login.oauth_app),
    Call("GET", "/public-api-applications/config", "client ids of public apps", calls.apps),
    Call("GET", "/auth/tokens", "which tokens are given out", calls.tokens),
    Call("GET", "/projects", "the projects that the login may see", calls.projects),
    Call("GET", f"{_PROJECT}/models", "a project's models", calls.models),
    Call(
        "GET",
        f"{_PRODUCTS}/properties/available-data",
        "names of product fields",
        calls.available,
    ),
    Call("POST", f"{_PRODUCTS}/properties/query", "one page of products", calls.products),
    Call("POST", f"{_QUANTITIES}/query", "start sums over products", calls.start_quantities),
    Call("GET", f"{_QUANTITIES}/{{operation_id}}/result", "the sums", calls.quantities_result),
    Call(
        "GET",
        f"{_DYNAMIC}/available-data",
        "names of calculated values",
        calls.dynamic_available,
    ),
    Call("POST", f"{_DYNAMIC}/query", "start calculated values", calls.start_dynamic),
    Call("GET", f"{_DYNAMIC}/{{operation_id}}/result", "calculated values", calls.dynamic_result),
    Call("GET", "/operations/{operation_id}", "how far an operation is", calls.operation),
    Call("POST", f"{_MODEL}/export-ifc", "start an IFC export", calls.start_export),
    Call(
        "GET",
        f"{_MODEL}/export-ifc/{{operation_id}}/result",
        "the exported file",
        calls.export_result,
    ),
    Call("GET", f"{_PROJECT}/codifications", "classification systems", calls.codifications),
    Call("GET", f"{_PROJECT}/codifications/{{library}}", "a system's codes", calls.codification),
    Call("GET", f"{_PROJECT}/material-libraries", "all materials", calls.material_libraries),
    Call(
        "GET",
        f"{_PROJECT}/material-libraries/{{library}}",
        "a library's materials",
        calls.material_library,
    ),
    Call("GET", f"{_PROJECT}/locations", "sites, buildings, floors, spaces", calls.locations),
    Call("GET", f"{_PROJECT}/customProperties", "own properties, units", calls.custom_properties),
    Call("GET", f"{_PROJECT}/types", "product types", calls.types),
)
