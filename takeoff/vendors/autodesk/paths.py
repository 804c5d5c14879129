"""The paths of the vendor's contract, written for asking and recognised again in the evidence."""

from __future__ import annotations

import re

from takeoff.vendors.autodesk.ids import bare

# The client's own record of what it asked for; it is no answer, and so no request path.
ASKED = "autodesk-asked.json"
INDEXES, DIFFS = "indexes", "diffs"

_KINDS = {INDEXES: "index", DIFFS: "diff"}
_PARTS = ("manifest", "fields", "properties")
_RESULT = re.compile(
    r"/construction/index/v2/projects/[^/]+"
    rf"/(?P<kind>{INDEXES}|{DIFFS})/(?P<id>[^/]+)(?:/(?P<part>{'|'.join(_PARTS)}))?"
)


def project(project_id: str) -> tuple[str, ...]:
    """The segments before those of a call of Model Properties; the id goes without its `b.`."""
    return ("construction", "index", "v2", "projects", bare(project_id))


def kind_of(name: str) -> str | None:
    """Which answer a document's name (request path) stands for; null if none of ours.

    `asked`, `index`, `index_manifest`, `index_fields`, `index_properties`, and the same for `diff`.
    """
    if name == ASKED:
        return "asked"
    found = _RESULT.fullmatch(name.partition("?")[0])
    if found is None:
        return None
    kind = _KINDS[found["kind"]]
    return kind if found["part"] is None else f"{kind}_{found['part']}"


def id_of(name: str) -> str | None:
    """The id of the index or diff in a request path; null if it has none."""
    found = _RESULT.fullmatch(name.partition("?")[0])
    return None if found is None else found["id"]
