"""The calls of the contract, in its order, and which function makes each."""

from __future__ import annotations

from takeoff.core.calls import Call
from takeoff.vendors.autodesk import calls, endpoints, listing, login, service_account

_PROJECT = "/construction/index/v2/projects/{project_id}"
_INDEX = f"{_PROJECT}/indexes/{{index_id}}"
_DIFF = f"{_PROJECT}/diffs/{{diff_id}}"
_HUB = "/project/v1/hubs/{hub_id}"
_DATA = "/data/v1/projects/{project_id}"

CALLS = (
    Call("POST", f"{_PROJECT}/indexes:batch-status", "start and report indexes", calls.indexes),
    Call("GET", _INDEX, "how far an index is", calls.job),
    Call("GET", f"{_INDEX}/manifest", "what an index was made of", calls.manifest),
    Call("GET", f"{_INDEX}/fields", "what its property keys stand for", calls.fields),
    Call("GET", f"{_INDEX}/properties", "all its rows", calls.properties),
    Call("POST", f"{_INDEX}/queries", "start a query over its rows", calls.start_query),
    Call("GET", f"{_INDEX}/queries/{{query_id}}", "how far a query is", calls.query),
    Call("GET", f"{_INDEX}/queries/{{query_id}}/properties", "its rows", calls.query_results),
    Call("POST", f"{_PROJECT}/diffs:batch-status", "start and report comparisons", calls.diffs),
    Call("GET", _DIFF, "how far a comparison is", calls.job),
    Call("GET", f"{_DIFF}/manifest", "what was compared", calls.manifest),
    Call("GET", f"{_DIFF}/fields", "what its property keys stand for", calls.fields),
    Call("GET", f"{_DIFF}/properties", "what has changed", calls.properties),
    Call("POST", f"{_DIFF}/queries", "start a query over changes", calls.start_query),
    Call("GET", f"{_DIFF}/queries/{{query_id}}", "how far a query is", calls.query),
    Call("GET", f"{_DIFF}/queries/{{query_id}}/properties", "its rows", calls.query_results),
    Call("GET", endpoints.AUTHORIZE, "the page where a person logs in", login.oauth_app),
    Call("POST", endpoints.TOKEN, "get or renew a token", service_account.token_request),
    Call("GET", "/project/v1/hubs", "the accounts that the login may see", listing.hubs),
    Call("GET", f"{_HUB}/projects", "an account's projects", listing.projects),
    Call(
        "GET",
        f"{_HUB}/projects/{{project_id}}/topFolders",
        "a project's top folders",
        listing.top_folders,
    ),
    Call(
        "GET",
        f"{_DATA}/folders/{{folder_urn}}/contents",
        "a folder's folders and files",
        listing.folder_contents,
    ),
    Call("GET", f"{_DATA}/items/{{item_urn}}/versions", "a file's versions", listing.item_versions),
)
