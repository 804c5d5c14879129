"""The requests about reports and their feeds, one function each. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from takeoff.core.errors import InputRefused
from takeoff.http.messages import Request, path_of
from takeoff.vendors.itwin.endpoints import PAGE_SIZE, V2, change, given
from takeoff.vendors.itwin.paths import REPORTING

_ALL = (("$top", str(PAGE_SIZE)),)


def reports(itwin_id: str, *, deleted: bool = False) -> Request:
    """The reports of an iTwin."""
    params = (("iTwinId", itwin_id), ("deleted", str(deleted).lower()), *_ALL)
    return Request("GET", f"{REPORTING}/reports", params=params, headers=(V2,))


def report(report_id: str) -> Request:
    """One report."""
    return Request("GET", _report(report_id), headers=(V2,))


def create_report(itwin_id: str, name: str, description: str | None = None) -> Request:
    """Makes a report."""
    body = {"displayName": name, "iTwinId": itwin_id, "description": description}
    return change("POST", f"{REPORTING}/reports", V2, given(body))


def delete_report(report_id: str) -> Request:
    """Marks it as deleted; it goes a month later."""
    return change("DELETE", _report(report_id), V2)


def report_mappings(report_id: str) -> Request:
    """The mappings that a report reads."""
    path = _report(report_id, "datasources", "imodelMappings")
    return Request("GET", path, params=_ALL, headers=(V2,))


def add_report_mapping(report_id: str, mapping_id: str, imodel_id: str) -> Request:
    """Lets a report read a mapping."""
    body = {"mappingId": mapping_id, "imodelId": imodel_id}
    return change("POST", _report(report_id, "datasources", "imodelMappings"), V2, body)


def api_key(body: Mapping[str, Any]) -> Request:
    """Makes an API key for the feeds; it lives six months at most."""
    return change("POST", f"{REPORTING}/keys", V2, dict(body))


def odata_service(report_id: str, key: str | None = None) -> Request:
    """The tables of a report's feed. `key` is an API key, used in place of the login."""
    return _feed(f"{REPORTING}/odata{path_of(report_id)}", key)


def odata_metadata(report_id: str, key: str | None = None) -> Request:
    """The columns of all tables of a feed, as EDMX."""
    return _feed(f"{REPORTING}/odata{path_of(report_id)}/$metadata", key)


def odata_entity(report_id: str, url: str, key: str | None = None) -> Request:
    """The first page of a table; `url` as the service document gives it.

    Raises: InputRefused if it is not region/manifest/entity.
    """
    segments = url.split("/")
    if len(segments) != 3:
        raise InputRefused(
            f"'{url}' is no table of a feed: its address has the three parts region, manifest and "
            "entity; take it from the service document."
        )
    return _feed(f"{REPORTING}/odata{path_of(report_id, *segments)}", key)


def _report(report_id: str, *rest: str) -> str:
    return f"{REPORTING}/reports{path_of(report_id, *rest)}"


def _feed(path: str, key: str | None) -> Request:
    if key is None:
        return Request("GET", path)
    return Request("GET", path, with_auth=False, headers=(("Authorization", f"Basic {key}"),))
