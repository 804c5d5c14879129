"""The calls of the contract, in its order, and which function makes each."""

from __future__ import annotations

from takeoff.core.calls import Call
from takeoff.vendors.qonic import calls, editing, libraries, login, uploads, viewer

_PROJECT = "/projects/{project_id}"
_MODEL = f"{_PROJECT}/models/{{model_id}}"
_PRODUCTS = f"{_MODEL}/products"
_QUANTITIES = f"{_PRODUCTS}/quantities"
_DYNAMIC = f"{_PRODUCTS}/dynamic-properties"
_CODES = f"{_PROJECT}/codifications/{{library}}/codification"
_MATERIALS = f"{_PROJECT}/material-libraries/{{library}}/materials"
_SETS = f"{_PROJECT}/customProperties/property-sets"
_DEFINITIONS = f"{_SETS}/{{set_id}}/property"
_TYPES = f"{_PROJECT}/types/{{library}}"

CALLS = (
    Call("GET", "/auth/scopes", "what a login may be allowed", calls.scopes),
    Call("GET", "/auth/authorize", "the page where a person logs in", login.oauth_app),
    Call("POST", "/auth/token", "get or renew a token", login.oauth_app),
    Call("GET", "/public-api-applications/config", "client ids of public apps", calls.apps),
    Call("GET", "/auth/tokens", "which tokens are given out", calls.tokens),
    Call("DELETE", "/auth/tokens/{token_id}", "end a token", login.revoke_token),
    Call("DELETE", "/auth/consents/{client_id}", "take consent back", login.withdraw_consent),
    Call("GET", "/projects", "the projects that the login may see", calls.projects),
    Call("GET", f"{_PROJECT}/models", "a project's models", calls.models),
    Call("POST", f"{_PROJECT}/models", "a new model of an upload", uploads.create_model),
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
    Call("POST", f"{_MODEL}/start-session", "begin to change a model", editing.start_session),
    Call("POST", f"{_MODEL}/end-session", "end changing a model", editing.end_session),
    Call("POST", _PRODUCTS, "change products", editing.modify),
    Call("POST", f"{_MODEL}/publish", "show changes to everybody", editing.publish),
    Call("POST", f"{_MODEL}/discard", "drop unpublished changes", editing.discard),
    Call("DELETE", f"{_PRODUCTS}/{{guid}}", "take a product away", editing.delete_product),
    Call("GET", "/upload-url", "a place for an upload", uploads.upload_url),
    Call("POST", f"{_MODEL}/export-ifc", "start an IFC export", calls.start_export),
    Call(
        "GET",
        f"{_MODEL}/export-ifc/{{operation_id}}/result",
        "the exported file",
        calls.export_result,
    ),
    Call("GET", f"{_PROJECT}/codifications", "classification systems", calls.codifications),
    Call("POST", f"{_PROJECT}/codifications", "a new system", libraries.create_codification),
    Call("GET", f"{_PROJECT}/codifications/{{library}}", "a system's codes", calls.codification),
    Call(
        "DELETE",
        f"{_PROJECT}/codifications/{{library}}",
        "take a system away",
        libraries.delete_codification,
    ),
    Call("POST", _CODES, "a new code", libraries.create_code),
    Call("PUT", f"{_CODES}/{{code}}", "change a code", libraries.update_code),
    Call("DELETE", f"{_CODES}/{{code}}", "take a code away", libraries.delete_code),
    Call("GET", f"{_PROJECT}/material-libraries", "all materials", calls.material_libraries),
    Call(
        "POST",
        f"{_PROJECT}/material-libraries",
        "a new library of materials",
        libraries.create_material_library,
    ),
    Call(
        "GET",
        f"{_PROJECT}/material-libraries/{{library}}",
        "a library's materials",
        calls.material_library,
    ),
    Call(
        "DELETE",
        f"{_PROJECT}/material-libraries/{{library}}",
        "take a library of materials away",
        libraries.delete_material_library,
    ),
    Call("POST", _MATERIALS, "a new material", libraries.create_material),
    Call("PUT", f"{_MATERIALS}/{{material}}", "change a material", libraries.update_material),
    Call("DELETE", f"{_MATERIALS}/{{material}}", "take a material away", libraries.delete_material),
    Call("GET", f"{_PROJECT}/locations", "sites, buildings, floors, spaces", calls.locations),
    Call("POST", f"{_PROJECT}/locations", "a new place", libraries.create_location),
    Call("PUT", f"{_PROJECT}/locations/{{location}}", "change a place", libraries.update_location),
    Call(
        "DELETE",
        f"{_PROJECT}/locations/{{location}}",
        "take a place away",
        libraries.delete_location,
    ),
    Call("GET", f"{_PROJECT}/customProperties", "own properties, units", calls.custom_properties),
    Call("POST", _SETS, "a new property set", libraries.create_property_set),
    Call("PUT", f"{_SETS}/{{set_id}}", "change a property set", libraries.update_property_set),
    Call(
        "DELETE", f"{_SETS}/{{set_id}}", "take a property set away", libraries.delete_property_set
    ),
    Call("POST", _DEFINITIONS, "a new property", libraries.create_property),
    Call("PUT", f"{_DEFINITIONS}/{{property_id}}", "change a property", libraries.update_property),
    Call(
        "DELETE",
        f"{_DEFINITIONS}/{{property_id}}",
        "take a property away",
        libraries.delete_property,
    ),
    Call("GET", f"{_PROJECT}/types", "product types", calls.types),
    Call("POST", _TYPES, "a new product type", libraries.create_type),
    Call("PUT", f"{_TYPES}/types/{{type_guid}}", "change a product type", libraries.update_type),
    Call(
        "DELETE", f"{_TYPES}/types/{{type_guid}}", "take a product type away", libraries.delete_type
    ),
    Call("GET", "/sessions", "open windows of the vendor's app", viewer.windows),
    Call(
        "GET",
        "/viewer/get-active-selection",
        "products selected in a window",
        viewer.active_selection,
    ),
    Call("POST", "/viewer/set-active-selection", "select products in a window", viewer.select),
    Call("GET", "/viewer/product-profile", "a product's elevation profile", viewer.product_profile),
)
