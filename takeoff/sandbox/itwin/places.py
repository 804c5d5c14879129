"""Where a request belongs in the switches' words, by the name of its route."""

from __future__ import annotations

_PLACES = {
    "itwin_discovery": "discovery keys_of_tokens",
    "itwin_auth": "authorize",
    "itwin_token": "token",
    "itwin_itwins": "itwins itwin",
    "itwin_imodels": "imodels imodel",
    "itwin_create": "create clone fork complete baseline_file",
    "itwin_storage": "upload",
    "itwin_operation": "operation",
    "itwin_versions": "changesets changeset named_versions named_version create_version",
    "itwin_mappings": "mappings_of create_mapping mapping update_mapping delete_mapping",
    "itwin_groups": "groups create_group group update_group delete_group",
    "itwin_properties": "properties create_property property_ update_property delete_property",
    "itwin_run": "run",
    "itwin_status": "status",
    "itwin_logs": "logs",
    "itwin_history": "history",
    "itwin_extracted": "extracted",
    "itwin_cdm": "cdm",
    "itwin_partition": "partition",
    "itwin_audit": "audit",
    "itwin_reports": "reports_of create_report report update_report delete_report "
    "sources_0 sources_1 add_source_0 add_source_1 remove_source_0 remove_source_1",
    "itwin_keys": "create_key keys key revoke_key",
    "itwin_odata": "service_document",
    "itwin_metadata": "metadata",
    "itwin_entity": "entity",
}
_BY_ROUTE = {route: place for place, routes in _PLACES.items() for route in routes.split()}
# Routes that need no token; an upload's link is signed.
NO_LOGIN = ("discovery", "keys_of_tokens", "authorize", "token", "upload")


def place_of(route: str) -> str:
    """The place of a route; those of the old generation have one in common."""
    return _BY_ROUTE.get(route, "itwin_old")
