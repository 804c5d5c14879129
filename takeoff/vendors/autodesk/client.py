"""Asks Autodesk for a model: the index of its newest version, proved complete.

Contract: Model Properties API v2 of Autodesk Construction Cloud and BIM 360. Projects are named by
their bare id, models by the lineage URN of the item, which stays the same for all versions.
"""

from __future__ import annotations

from collections.abc import Iterator

from takeoff.core.errors import InputRefused, VendorRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import Brought, ModelRef, SourceVersion
from takeoff.core.sink import Sink
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.autodesk import coverage, listing, login, service_account
from takeoff.vendors.autodesk.asking import Asking, newest_version
from takeoff.vendors.autodesk.ids import bare, prefixed
from takeoff.vendors.autodesk.options import Options as Options

NAME = "Autodesk"
BASE_URL = "https://developer.api.autodesk.com"
SCHEME = "Bearer"
SCOPES = login.SCOPES
CALLS = coverage.CALLS
oauth_app = login.oauth_app
account_request = service_account.account_request
_USER_TOKEN = (
    "Model Properties takes a token of a person or service account with the scope data:read "
    "(three-legged), not one of an application alone"
)
HINTS = {
    401: f"the token is missing, wrong or has ended; log in to Autodesk again: {_USER_TOKEN}",
    403: f"the login lacks View and Download on the folder, or is of the wrong kind: {_USER_TOKEN}",
    404: "check the ids of project and item, and the region of the account",
}

# Files that no index can be made of.
_NO_MODELS = frozenset(
    """
    pdf doc docx xls xlsx xlsm ppt pptx txt csv md rtf jpg jpeg png gif bmp tif tiff svg heic mp4
    mov avi mp3 zip 7z rar msg eml html htm xml json
    """.split()
)


@redacted()
def models(session: Session, project_id: str | None = None) -> list[ModelRef]:
    """Every file that may be a model, of the project or of all projects, in the service's order.

    Raises: InputRefused if there is no such project; VendorRefused if the login sees no account;
    TryLater; NotUnderstood.
    """
    shown = list(_projects(session))
    wanted = shown if project_id is None else [p for p in shown if _is(p[1].id, project_id)]
    if project_id is not None and not wanted:
        known = ", ".join(f"{bare(p.id)} ({p.name})" for _, p in shown) or "none"
        raise InputRefused(
            f"Autodesk shows this login no project '{bare(project_id)}'; it shows: {known}."
        )
    return [
        ModelRef("autodesk", bare(project.id), item.lineage_urn, project.name, item.name)
        for hub, project in wanted
        for item in listing.items(session, hub.id, project.id)
        if _may_be_model(item.name)
    ]


@redacted()
def version(session: Session, ref: ModelRef) -> SourceVersion:
    """The newest version of the item: its URN, and its number for people.

    Raises: VendorRefused; TryLater; NotUnderstood.
    """
    return newest_version(session, ref)


@redacted()
def ask(
    ref: ModelRef,
    session: Session,
    sink: Sink,
    progress: Progress,
    options: Options | None = None,
) -> Brought:
    """Ask for the index of the newest version and keep every answer in the sink.

    What an earlier, killed try has begun is finished with the version that it began with. An index
    that has expired is asked for anew, once.
    Raises: NotUnderstood if the rows are not all that are stated; VendorRefused if the service
    cannot index the file; TryLater.
    """
    return Asking(ref, session, sink, progress, options or Options()).all()


def _projects(session: Session) -> Iterator[tuple[listing.Hub, listing.Project]]:
    hubs = listing.hubs(session)
    if not hubs.found:
        said = f" ({hubs.warning})" if hubs.warning else ""
        raise VendorRefused(
            f"Autodesk shows this login no account{said}; an account administrator must add the "
            "application's client id under custom integrations."
        )
    for hub in hubs.found:
        for project in listing.projects(session, hub.id):
            yield hub, project


def _is(shown_id: str, wanted_id: str) -> bool:
    return prefixed(bare(shown_id)) == prefixed(bare(wanted_id))


def _may_be_model(name: str | None) -> bool:
    """Whether an index may be made of a file of this name; what it cannot be told of may."""
    _, dot, suffix = (name or "").rpartition(".")
    return not dot or suffix.casefold() not in _NO_MODELS
