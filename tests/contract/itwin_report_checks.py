"""Every call of reports and of the old generation: raw, and by the client's own function."""

from __future__ import annotations

import re

from itwin_asking import Asker
from itwin_checking import NEW, Check, Made, ids, said

from takeoff.vendors.itwin import grouping, old, reports
from takeoff.vendors.itwin.definitions import Property

OLD = "/insights/reporting/datasources"
REPORTS = "/insights/reporting/reports"


def _old_path(asker: Asker, *rest: str) -> str:
    return "/".join((f"{OLD}/imodels/{asker.imodel}", *rest))


def _old_mappings(asker: Asker) -> None:
    told = asker.json(f"{_old_path(asker, 'mappings')}/?$top=1000")["mappings"]
    found = old.mappings(asker.session, asker.imodel)
    assert ids(told) == said(found)
    assert set(told[0]["_links"]) == {"imodel"}
    assert {one.imodel_id for one in found} == {asker.imodel}


def _old_groups(asker: Asker) -> None:
    told = asker.json(_old_path(asker, "mappings", asker.mapping, "groups"))["groups"]
    assert ids(told) == said(old.groups(asker.session, asker.imodel, asker.mapping))


def _old_columns(asker: Asker) -> None:
    """All three kinds: their lists are properties, properties, and customCalculations."""
    lists = {
        "properties": "properties",
        "calculatedProperties": "properties",
        "customCalculations": "customCalculations",
    }
    own = Made(asker)
    made = [
        NEW,
        Property(None, "Body", "Double", "Volume", calculated="Volume"),
        Property(None, "Unit", "String", formula="getpersistenceunit(NetVolume)"),
    ]
    made[0] = Property(None, "NetVolume", "Double", "Volume", NEW.ec_properties)
    for one in made:
        grouping.create_property(asker.session, own.mapping, own.group, one)
    path = _old_path(asker, "mappings", own.mapping, "groups", own.group)
    told = [asker.json(f"{path}/{kind}")[key] for kind, key in lists.items()]
    found = old.properties(asker.session, asker.imodel, own.mapping, own.group)
    assert [one["propertyName"] for some in told for one in some] == said(found, "name")
    assert said(found, "name") == ["NetVolume", "Body", "Unit"]
    assert said(found, "calculated") == [None, "Volume", None]
    assert found[2].formula == made[2].formula


def _old_extraction(asker: Asker) -> None:
    [done] = grouping.mapping_extractions(asker.session, asker.mapping)
    told = asker.json(f"{OLD}/extraction/status/{done.id}")["status"]
    found = old.extraction(asker.session, done.id)
    assert (told["state"], told["containsIssues"], found.state) == ("Succeeded", False, "ready")


def _old_logs(asker: Asker) -> None:
    [done] = grouping.mapping_extractions(asker.session, asker.mapping)
    told = asker.json(f"{OLD}/extraction/logs/{done.id}")["logs"]
    found = old.logs(asker.session, old.extraction(asker.session, done.id))
    assert ids(told, "message") == said(found, "message")
    assert {one["jobId"] for one in told} == {done.id}


def _old_history(asker: Asker) -> None:
    told = asker.json(_old_path(asker, "extraction", "history"))["extractions"]
    assert ids(told, "jobId") == old.history(asker.session, asker.imodel)


def _report_list(asker: Asker) -> None:
    for key in ("iTwinId", "projectId"):
        told = asker.json(f"{REPORTS}/", params={key: asker.itwin, "deleted": "false"})["reports"]
        assert ids(told) == said(reports.reports(asker.session, asker.itwin))


def _create_report(asker: Asker) -> None:
    told = asker.raw("POST", f"{REPORTS}/", {"displayName": "Raw", "iTwinId": asker.itwin})
    assert told.status_code == 201
    found = reports.create_report(asker.session, asker.itwin, "Ours", "d")
    assert (found.name, found.description, found.deleted) == ("Ours", "d", False)
    for report_id in (told.json()["report"]["id"], found.id):
        reports.delete_report(asker.session, report_id)


def _report(asker: Asker) -> None:
    [one] = reports.reports(asker.session, asker.itwin)
    told = asker.json(f"{REPORTS}/{one.id}")["report"]
    assert reports.report(asker.session, one.id).odata_url == told["_links"]["odata"]["href"]


def _delete_report(asker: Asker) -> None:
    """It stays for a while, marked."""
    one, two = (reports.create_report(asker.session, asker.itwin, name) for name in "AB")
    assert asker.raw("DELETE", f"{REPORTS}/{one.id}").status_code == 204
    reports.delete_report(asker.session, two.id)
    gone = {one.id for one in reports.reports(asker.session, asker.itwin, deleted=True)}
    assert {one.id, two.id} <= gone
    assert all(reports.report(asker.session, one.id).deleted for one in (one, two))


def _sources(asker: Asker) -> None:
    [one] = reports.reports(asker.session, asker.itwin)
    for word in ("imodelMappings", "imodelmappings"):
        told = asker.json(f"{REPORTS}/{one.id}/datasources/{word}")["mappings"]
        found = reports.report_mappings(asker.session, one.id)
        assert ids(told, "mappingId") == said(found, "mapping_id") == [asker.mapping]
        assert ids(told, "imodelId") == said(found, "imodel_id") == [asker.imodel]


def _add_source(asker: Asker) -> None:
    one, two = (reports.create_report(asker.session, asker.itwin, name) for name in "CD")
    body = {"mappingId": asker.mapping, "imodelId": asker.imodel}
    path = f"{REPORTS}/{one.id}/datasources/imodelMappings"
    assert asker.raw("POST", path, body).status_code == 201
    found = reports.add_report_mapping(asker.session, two.id, asker.mapping, asker.imodel)
    assert (found.mapping_id, found.imodel_id) == (asker.mapping, asker.imodel)
    for report in (one, two):
        assert len(reports.report_mappings(asker.session, report.id)) == 1
        reports.delete_report(asker.session, report.id)


def _key(asker: Asker) -> None:
    [one] = reports.reports(asker.session, asker.itwin)
    told = asker.raw("POST", "/insights/reporting/keys", {"displayName": "raw"}).json()["key"]
    feed = f"/insights/reporting/odata/{one.id}"
    basic = {"Authorization": f"Basic {told['apiKey']}"}
    assert asker.raw("GET", feed, headers=basic).status_code == 200
    found = reports.create_api_key(asker.session, {"displayName": "ours"})
    assert found.key is not None
    assert found.key not in repr(found)
    assert reports.service(asker.session, one.id, found.key)


def _service(asker: Asker) -> None:
    [one] = reports.reports(asker.session, asker.itwin)
    told = asker.json(f"/insights/reporting/odata/{one.id}", headers={"Accept": None})["value"]
    found = reports.service(asker.session, one.id)
    assert (ids(told, "name"), ids(told, "url")) == (said(found, "name"), said(found, "url"))


def _metadata(asker: Asker) -> None:
    [one] = reports.reports(asker.session, asker.itwin)
    told = asker.raw("GET", f"/insights/reporting/odata/{one.id}/$metadata").text
    found = reports.metadata(asker.session, one.id)
    assert re.findall('EntitySet Name="([^"]+)"', told) == said(found, "name")
    assert re.findall('DisplayName" String="([^"]+)"', told) == said(found, "display_name")
    columns = [name for entity in found for name, _ in entity.columns]
    assert re.findall('Property Name="([^"]+)"', told) == columns


def _entity(asker: Asker) -> None:
    """A page after the other."""
    asker.turn(itwin_odata_page="2")
    [one] = reports.reports(asker.session, asker.itwin)
    for entity in reports.service(asker.session, one.id):
        url = f"/insights/reporting/odata/{one.id}/{entity.url}"
        told = []
        while url:
            page = asker.json(url)
            told += page["value"]
            url = page.get("@odata.nextLink")
        assert list(reports.rows(asker.session, one.id, entity.url)) == told
        assert told


_OLD = f"{OLD}/imodels/{{imodel_id}}"
_OLD_GROUP = f"{_OLD}/mappings/{{mapping_id}}/groups/{{group_id}}"
_REPORT = f"{REPORTS}/{{report_id}}"
_FEED = "/insights/reporting/odata/{report_id}"
# Method and path of the contract -> what is asserted of it.
REPORTING: dict[str, Check] = {
    f"GET {_OLD}/mappings": _old_mappings,
    f"GET {_OLD}/mappings/{{mapping_id}}/groups": _old_groups,
    f"GET {_OLD_GROUP}/properties": _old_columns,
    f"GET {_OLD_GROUP}/calculatedProperties": _old_columns,
    f"GET {_OLD_GROUP}/customCalculations": _old_columns,
    f"GET {OLD}/extraction/status/{{job_id}}": _old_extraction,
    f"GET {OLD}/extraction/logs/{{job_id}}": _old_logs,
    f"GET {_OLD}/extraction/history": _old_history,
    f"GET {REPORTS}": _report_list,
    f"POST {REPORTS}": _create_report,
    f"GET {_REPORT}": _report,
    f"DELETE {_REPORT}": _delete_report,
    f"GET {_REPORT}/datasources/imodelMappings": _sources,
    f"POST {_REPORT}/datasources/imodelMappings": _add_source,
    "POST /insights/reporting/keys": _key,
    f"GET {_FEED}": _service,
    f"GET {_FEED}/$metadata": _metadata,
    f"GET {_FEED}/{{region}}/{{manifest_id}}/{{entity}}": _entity,
}
