"""The requests of the contract, one function each. Nothing is sent here.

All POSTs are questions: the same input is answered with the same job, so they may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from takeoff.http.messages import Request, path_of
from takeoff.vendors.autodesk import paths
from takeoff.vendors.autodesk.ids import prefixed
from takeoff.vendors.autodesk.paths import DIFFS, INDEXES
from takeoff.vendors.autodesk.query import Query

# The most that a page of Data Management holds, and that one batch takes.
PAGE_SIZE = 200
MOST_AT_ONCE = 1_000

AUTHORIZE = "/authentication/v2/authorize"
TOKEN = "/authentication/v2/token"


@dataclass(frozen=True)
class Handling:
    """How Model Properties handles a request.

    `region` is where the account's data lies, such as US, EMEA, AUS, CAN, DEU, GBR, IND or JPN;
    null lets the service find it. `regenerate` has results made anew, which needs a permission.
    """

    region: str | None = None
    regenerate: bool = False

    def of(self, request: Request) -> Request:
        """The request with the headers for it; only a POST can have something made anew."""
        headers = list(request.headers)
        if self.region is not None:
            headers.append(("x-ads-region", self.region))
        if self.regenerate and request.method == "POST":
            headers.append(("x-ads-force-regenerate-cache", "true"))
        return replace(request, headers=tuple(headers))


USUAL = Handling()


def batch_status(project_id: str, kind: str, entries: Sequence[dict[str, Any]]) -> Request:
    """Starts and reports indexes (`versions`) or diffs (`diffs`); `kind` is INDEXES or DIFFS."""
    key = {INDEXES: "versions", DIFFS: "diffs"}[kind]
    # The colon is part of the word, and the service wants it as it is.
    path = f"{path_of(*paths.project(project_id))}/{kind}:batch-status"
    return Request("POST", path, json_body={key: list(entries)}, is_question=True)


def job(project_id: str, kind: str, job_id: str) -> Request:
    """How far an index or diff is."""
    return _get(project_id, kind, job_id)


def manifest(project_id: str, kind: str, job_id: str) -> Request:
    """What the result was made of."""
    return _get(project_id, kind, job_id, "manifest")


def fields(project_id: str, kind: str, job_id: str) -> Request:
    """The definitions of the properties, one a line."""
    return _get(project_id, kind, job_id, "fields")


def properties(project_id: str, kind: str, job_id: str) -> Request:
    """All rows, one a line."""
    return _get(project_id, kind, job_id, "properties")


def start_query(project_id: str, kind: str, job_id: str, query: Query) -> Request:
    """Starts a query over the rows of an index or diff."""
    path = path_of(*paths.project(project_id), kind, job_id, "queries")
    return Request("POST", path, json_body=query.body, is_question=True)


def query(project_id: str, kind: str, job_id: str, query_id: str) -> Request:
    """How far a query is."""
    return _get(project_id, kind, job_id, "queries", query_id)


def query_results(project_id: str, kind: str, job_id: str, query_id: str) -> Request:
    """The rows that a query found, one a line."""
    return _get(project_id, kind, job_id, "queries", query_id, "properties")


def hubs() -> Request:
    """The accounts that the login may see."""
    return Request("GET", path_of("project", "v1", "hubs"))


def projects(hub_id: str) -> Request:
    """The projects of an account."""
    return _page("project", "v1", "hubs", hub_id, "projects")


def top_folders(hub_id: str, project_id: str) -> Request:
    """The folders at the top of a project."""
    project = prefixed(project_id)
    return Request(
        "GET", path_of("project", "v1", "hubs", hub_id, "projects", project, "topFolders")
    )


def folder_contents(project_id: str, folder_urn: str) -> Request:
    """The first page of a folder's folders and items; further pages are linked."""
    return _page("data", "v1", "projects", prefixed(project_id), "folders", folder_urn, "contents")


def item_versions(project_id: str, lineage_urn: str) -> Request:
    """The first page of an item's versions."""
    return _page("data", "v1", "projects", prefixed(project_id), "items", lineage_urn, "versions")


def _get(project_id: str, *rest: str) -> Request:
    return Request("GET", path_of(*paths.project(project_id), *rest))


def _page(*segments: str) -> Request:
    params = (("page[number]", "0"), ("page[limit]", str(PAGE_SIZE)))
    return Request("GET", path_of(*segments), params=params)
