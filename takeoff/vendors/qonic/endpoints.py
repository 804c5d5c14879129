"""The requests of the contract that read, one function each. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from takeoff.http.messages import Request, path_of
from takeoff.vendors.qonic.asked import Filter

# The largest page that the contract allows.
PAGE_SIZE = 5_000


def scopes() -> Request:
    """What a login may be allowed; asked without one."""
    return Request("GET", "/auth/scopes", with_auth=False)


def apps() -> Request:
    """The client ids of the service's own public apps; asked without a login."""
    return Request("GET", "/public-api-applications/config", with_auth=False)


def tokens() -> Request:
    """The tokens that the user has given out; never the tokens themselves."""
    return Request("GET", "/auth/tokens")


def projects() -> Request:
    """All projects that the login may see."""
    return Request("GET", "/projects")


def models(project_id: str) -> Request:
    """The models of a project that were imported well."""
    return Request("GET", path_of("projects", project_id, "models"))


def available(project_id: str, model_id: str, page: int) -> Request:
    """The names of the product fields; paged, though the document does not say so."""
    path = _model(project_id, model_id, "products", "properties", "available-data")
    return Request("GET", path, params=(("page", str(page)),))


def products(
    project_id: str,
    model_id: str,
    page: int,
    fields: Sequence[str],
    *,
    page_size: int = PAGE_SIZE,
    filters: Sequence[Filter] = (),
) -> Request:
    """One page of the products that match, with these fields."""
    return Request(
        "POST",
        _model(project_id, model_id, "products", "properties", "query"),
        params=(("page", str(page)), ("pageSize", str(page_size))),
        json_body={"fields": list(fields), "filters": _bodies(filters)},
        is_question=True,
    )


def quantities(
    project_id: str, model_id: str, calculators: Sequence[str], filters: Sequence[Filter]
) -> Request:
    """Starts sums over all products that match; asked twice, they are only calculated twice."""
    return Request(
        "POST",
        _model(project_id, model_id, "products", "quantities", "query"),
        json_body={"calculators": list(calculators), "filters": _bodies(filters)},
        is_question=True,
    )


def quantities_result(project_id: str, model_id: str, operation_id: str) -> Request:
    """Redirects to the sums."""
    return Request("GET", _result(project_id, model_id, "products", "quantities", operation_id))


def dynamic_available(project_id: str, model_id: str, page: int) -> Request:
    """The names of the values that the service calculates for each product."""
    path = _model(project_id, model_id, "products", "dynamic-properties", "available-data")
    return Request("GET", path, params=(("page", str(page)),))


def dynamic(
    project_id: str, model_id: str, fields: Sequence[str], filters: Sequence[Filter] = ()
) -> Request:
    """Starts the calculation of these values for the products that match."""
    return Request(
        "POST",
        _model(project_id, model_id, "products", "dynamic-properties", "query"),
        json_body={"fields": list(fields), "filters": _bodies(filters)},
        is_question=True,
    )


def dynamic_result(project_id: str, model_id: str, operation_id: str) -> Request:
    """Redirects to the values."""
    parts = ("products", "dynamic-properties", operation_id)
    return Request("GET", _result(project_id, model_id, *parts))


def export(project_id: str, model_id: str) -> Request:
    """Starts the export of the latest published version as IFC."""
    return Request("POST", _model(project_id, model_id, "export-ifc"), is_question=True)


def export_result(project_id: str, model_id: str, operation_id: str) -> Request:
    """Redirects to the IFC file."""
    return Request("GET", _result(project_id, model_id, "export-ifc", operation_id))


def operation(operation_id: str) -> Request:
    """How far an operation is; neither project nor model is in the path."""
    return Request("GET", path_of("operations", operation_id))


def codifications(project_id: str) -> Request:
    """The classification systems, without their codes."""
    return Request("GET", path_of("projects", project_id, "codifications"))


def codification(project_id: str, library: str) -> Request:
    """One classification system with its codes."""
    return Request("GET", path_of("projects", project_id, "codifications", library))


def material_libraries(project_id: str) -> Request:
    """The materials of all libraries."""
    return Request("GET", path_of("projects", project_id, "material-libraries"))


def material_library(project_id: str, library: str) -> Request:
    """The materials of one library."""
    return Request("GET", path_of("projects", project_id, "material-libraries", library))


def locations(project_id: str) -> Request:
    """Sites, buildings, floors and spaces as a tree."""
    return Request("GET", path_of("projects", project_id, "locations"))


def custom_properties(project_id: str) -> Request:
    """The project's own property sets; the only answer that names units."""
    return Request("GET", path_of("projects", project_id, "customProperties"))


def types(project_id: str) -> Request:
    """The product types of all libraries; their inner shape is not documented."""
    return Request("GET", path_of("projects", project_id, "types"))


def _model(project_id: str, model_id: str, *rest: str) -> str:
    return path_of("projects", project_id, "models", model_id, *rest)


def _result(project_id: str, model_id: str, *rest: str) -> str:
    return _model(project_id, model_id, *rest, "result")


def _bodies(filters: Sequence[Filter]) -> list[dict[str, Any]]:
    return [one.body for one in filters]
