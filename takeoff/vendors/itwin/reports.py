"""Calls about reports and their feeds, one function each; all raise what asking raises.

That is VendorRefused, TryLater and NotUnderstood. Calls that change something are never repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from takeoff.core.errors import NotUnderstood
from takeoff.http.messages import Request
from takeoff.http.session import Session
from takeoff.vendors.itwin import answers, edmx, report_endpoints
from takeoff.vendors.itwin.answers import Json, member, text
from takeoff.vendors.itwin.edmx import EntitySet
from takeoff.vendors.itwin.lists import inner_of, listed, object_of
from takeoff.vendors.itwin.runs import Report, ReportMapping

_MOST_PAGES = 1_000_000


@dataclass(frozen=True)
class Entity:
    """One table of a feed; `url` holds until the next extraction."""

    name: str
    url: str

    @property
    def manifest_id(self) -> str:
        """The second part of the address: which state of the tables it leads to."""
        return self.url.split("/")[1]


@dataclass(frozen=True)
class ApiKey:
    """A key for the feeds, for programs that cannot log in; `key` is shown by the service once."""

    id: str | None
    key: str | None = field(repr=False)
    name: str | None = None
    expires_at: str | None = None


def reports(session: Session, itwin_id: str, *, deleted: bool = False) -> list[Report]:
    """The reports of an iTwin; with `deleted` those that wait for their end."""
    request = report_endpoints.reports(itwin_id, deleted=deleted)
    return listed(session, request, "reports", Report.of)


def report(session: Session, report_id: str) -> Report:
    """One report."""
    request = report_endpoints.report(report_id)
    return Report.of(inner_of(session, request, "report"), request.target)


def create_report(
    session: Session, itwin_id: str, name: str, description: str | None = None
) -> Report:
    """A new report that reads no mapping yet."""
    request = report_endpoints.create_report(itwin_id, name, description)
    return Report.of(inner_of(session, request, "report"), request.target)


def delete_report(session: Session, report_id: str) -> None:
    """Mark it as deleted; the service keeps it for a month."""
    session.ask(report_endpoints.delete_report(report_id), BytesIO())


def report_mappings(session: Session, report_id: str) -> list[ReportMapping]:
    """The mappings that a report reads."""
    request = report_endpoints.report_mappings(report_id)
    return listed(session, request, "mappings", ReportMapping.of)


def add_report_mapping(
    session: Session, report_id: str, mapping_id: str, imodel_id: str
) -> ReportMapping:
    """Let a report read a mapping."""
    request = report_endpoints.add_report_mapping(report_id, mapping_id, imodel_id)
    return ReportMapping.of(inner_of(session, request, "mapping"), request.target)


def create_api_key(session: Session, body: Json) -> ApiKey:
    """A new API key; the contract does not show the body, so it is sent as given."""
    found = inner_of(session, report_endpoints.api_key(body), "key")
    return ApiKey(
        text(member(found, "id")),
        text(member(found, "apiKey", "key")),
        text(member(found, "displayName")),
        text(member(found, "expiresAt")),
    )


def service(session: Session, report_id: str, key: str | None = None) -> list[Entity]:
    """The tables of a feed as they are now. Raises: NotUnderstood for another kind of address."""
    request = report_endpoints.odata_service(report_id, key)
    return entities(object_of(session, request), request.target)


def entities(value: Json, name: str) -> list[Entity]:
    """The tables that a service document lists. Raises: NotUnderstood."""
    found = []
    for item in answers.objects(value, "value", name):
        url = answers.required(item, "url", name)
        if url.count("/") != 2 or not all(url.split("/")):
            why = f"the address '{url}' of a table is not region, manifest and entity"
            raise answers.refused(name, url.encode(), why)
        found.append(Entity(answers.required(item, "name", name), url))
    return found


def metadata(session: Session, report_id: str, key: str | None = None) -> list[EntitySet]:
    """The columns of the tables of a feed."""
    request = report_endpoints.odata_metadata(report_id, key)
    content = BytesIO()
    session.ask(request, content)
    return edmx.entity_sets(content.getvalue(), request.target)


def rows(session: Session, report_id: str, url: str, key: str | None = None) -> Iterator[Json]:
    """The rows of a table, page after page, as the service writes them."""
    following: Request | None = report_endpoints.odata_entity(report_id, url, key)
    seen: set[str] = set()
    while following is not None:
        refuse_again(following, seen)
        page = object_of(session, following)
        yield from answers.objects(page, "value", following.target)
        following = next_page(session, page, following)


def next_page(session: Session, page: dict[str, Any], request: Request) -> Request | None:
    """The request for the page after this one, by its link as it is; null if it is the last."""
    link = text(member(page, "@odata.nextLink"))
    if link is None:
        return None
    return replace(session.link(link), headers=request.headers, with_auth=request.with_auth)


def refuse_again(request: Request, seen: set[str]) -> None:
    """Take note of a page's address. Raises: NotUnderstood if it was asked for before."""
    if request.target in seen or len(seen) > _MOST_PAGES:
        raise NotUnderstood(
            f"iTwin's table {request.path} links back to a page that has come already; the "
            "service does not page as it should."
        )
    seen.add(request.target)
