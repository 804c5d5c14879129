"""The calls of the contract, in its order, and which function makes each.

The two of the login are asked of the authority, all others of the service. What the contract names
as related and optional (carbon, aggregations) is not there, nor what would change something through
the old generation.
"""

from __future__ import annotations

from takeoff.core.calls import Call
from takeoff.vendors.itwin import grouping, login, models, old, reports
from takeoff.vendors.itwin.paths import GROUPING, MAPPINGS, OLD, REPORTING

_IMODEL = "/imodels/{imodel_id}"
_MAPPING = f"{MAPPINGS}/{{mapping_id}}"
_GROUPS = f"{_MAPPING}/groups"
_GROUP = f"{_GROUPS}/{{group_id}}"
_PROPERTIES = f"{_GROUP}/properties"
_PROPERTY = f"{_PROPERTIES}/{{property_id}}"
_RUNS = f"{MAPPINGS}/extractions"
_RUN = f"{_RUNS}/{{extraction_id}}"
_CDM = f"{_MAPPING}/extractions/{{extraction_id}}/cdm"
_OLD_IMODEL = f"{OLD}/imodels/{{imodel_id}}"
_OLD_GROUPS = f"{_OLD_IMODEL}/mappings/{{mapping_id}}/groups"
_OLD_GROUP = f"{_OLD_GROUPS}/{{group_id}}"
_REPORTS = f"{REPORTING}/reports"
_REPORT = f"{_REPORTS}/{{report_id}}"
_SOURCES = f"{_REPORT}/datasources/imodelMappings"
_FEED = f"{REPORTING}/odata/{{report_id}}"
_TABLE = f"{_FEED}/{{region}}/{{manifest_id}}/{{entity}}"

_LOGIN = (
    Call("GET", login.AUTHORIZE_PATH, "the page where a person logs in", login.oauth_app),
    Call("POST", login.TOKEN_PATH, "get or renew a token", login.by_form),
)
_MODELS = (
    Call("GET", "/itwins", "projects that the login may see", models.itwins),
    Call("GET", "/imodels", "iModels of an iTwin", models.imodels),
    Call("GET", _IMODEL, "all that is known of one", models.imodel),
    Call("POST", "/imodels", "make an iModel", models.create_empty),
    Call("POST", f"{_IMODEL}/baselinefile", "its file was uploaded", models.complete_baseline),
    Call("GET", f"{_IMODEL}/baselinefile", "how far the file is", models.baseline_state),
    Call("POST", f"{_IMODEL}/clone", "make a copy", models.clone),
    Call("POST", f"{_IMODEL}/fork", "make a copy that can be merged back", models.fork),
    Call("GET", f"{_IMODEL}/operations/create", "how far the making is", models.creation),
    Call("GET", f"{_IMODEL}/namedversions", "names of versions", models.named_versions),
    Call("GET", f"{_IMODEL}/changesets", "versions", models.changesets),
    Call("GET", f"{_IMODEL}/changesets/{{id_or_index}}", "one version", models.changeset),
)
_GROUPING = (
    Call("GET", MAPPINGS, "mappings of an iModel", grouping.mappings),
    Call("POST", MAPPINGS, "make or copy a mapping", grouping.create_mapping),
    Call("GET", _MAPPING, "one mapping", grouping.mapping),
    Call("PATCH", _MAPPING, "change a mapping", grouping.update_mapping),
    Call("DELETE", _MAPPING, "delete a mapping", grouping.delete_mapping),
    Call("GET", f"{_MAPPING}/extractions", "what has its tables", grouping.mapping_extractions),
    Call("GET", _GROUPS, "groups of a mapping", grouping.groups),
    Call("POST", _GROUPS, "make or copy a group", grouping.create_group),
    Call("GET", _GROUP, "one group", grouping.group),
    Call("PATCH", _GROUP, "change a group", grouping.update_group),
    Call("DELETE", _GROUP, "delete a group", grouping.delete_group),
    Call("GET", _PROPERTIES, "columns of a group", grouping.properties),
    Call("POST", _PROPERTIES, "make a column", grouping.create_property),
    Call("GET", _PROPERTY, "one column", grouping.property_),
    Call("PUT", _PROPERTY, "replace a column", grouping.replace_property),
    Call("DELETE", _PROPERTY, "delete a column", grouping.delete_property),
    Call("POST", _RUNS, "start an extraction", grouping.run_extraction),
    Call("GET", _RUNS, "extractions of an iModel", grouping.extraction_history),
    Call("GET", _RUN, "how far an extraction is", grouping.extraction),
    Call("GET", f"{_RUN}/logs", "what it says of itself", grouping.extraction_logs),
    Call("GET", _CDM, "tables of a mapping", grouping.cdm),
    Call("GET", f"{_CDM}/partitions", "one file of a table", grouping.partition),
    Call("GET", f"{GROUPING}/audit", "who changed what", grouping.audit),
)
_OLD = (
    Call("GET", f"{_OLD_IMODEL}/mappings", "mappings, as before", old.mappings),
    Call("GET", _OLD_GROUPS, "groups, as before", old.groups),
    Call("GET", f"{_OLD_GROUP}/properties", "mapped columns", old.properties),
    Call("GET", f"{_OLD_GROUP}/calculatedProperties", "calculated columns", old.properties),
    Call("GET", f"{_OLD_GROUP}/customCalculations", "formulas", old.properties),
    Call("GET", f"{OLD}/extraction/status/{{job_id}}", "how far it is", old.extraction),
    Call("GET", f"{OLD}/extraction/logs/{{job_id}}", "what it says of itself", old.logs),
    Call("GET", f"{_OLD_IMODEL}/extraction/history", "extractions, as before", old.history),
)
_REPORTING = (
    Call("GET", _REPORTS, "reports of an iTwin", reports.reports),
    Call("POST", _REPORTS, "make a report", reports.create_report),
    Call("GET", _REPORT, "one report", reports.report),
    Call("DELETE", _REPORT, "delete a report", reports.delete_report),
    Call("GET", _SOURCES, "mappings that it reads", reports.report_mappings),
    Call("POST", _SOURCES, "let it read a mapping", reports.add_report_mapping),
    Call("POST", f"{REPORTING}/keys", "make a key for feeds", reports.create_api_key),
    Call("GET", _FEED, "tables of a feed", reports.service),
    Call("GET", f"{_FEED}/$metadata", "their columns", reports.metadata),
    Call("GET", _TABLE, "rows of a table", reports.rows),
)
CALLS = (*_LOGIN, *_MODELS, *_GROUPING, *_OLD, *_REPORTING)
