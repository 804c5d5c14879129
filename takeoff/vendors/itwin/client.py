"""Asks iTwin for a model: the tables of its mappings at one changeset, as raw answers.

Contract: iModels v2, Grouping and Mapping v1, Reporting v2. A model is an iModel, a project an
iTwin. All other calls of the contract are in `models`, `grouping`, `reports` and `old`.
"""

from __future__ import annotations

from takeoff.core.errors import InputRefused, NotUnderstood
from takeoff.core.progress import Progress
from takeoff.core.refs import Brought, ModelRef, SourceVersion
from takeoff.core.sink import Sink
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.itwin import coverage, grouping, login
from takeoff.vendors.itwin import models as calls
from takeoff.vendors.itwin.asked import READERS
from takeoff.vendors.itwin.asking import Asking
from takeoff.vendors.itwin.plan import Options, Tools
from takeoff.vendors.itwin.versions import Versions

__all__ = ["CALLS", "Options", "ask", "models", "oauth_app", "version"]

NAME = "iTwin"
BASE_URL = "https://api.bentley.com"
SCHEME = "Bearer"
AUTHORITY = login.AUTHORITY
# A service application proves itself by its secret; somebody must have invited it to the iTwin.
APP_MAY_LOG_IN = True
CALLS = coverage.CALLS
oauth_app = login.oauth_app
# Where the service says which iModel a copy becomes.
HEADERS = ("location", "create-imodel-operation")
HINTS = {
    401: "the token is missing, wrong or has ended; log in to the iTwin platform again",
    403: "the login lacks a permission in the iTwin (imodels_read and insights_view; to extract, "
    "insights_modify); a service must be invited to the iTwin by its client's e-mail",
    404: "check the ids of iTwin and iModel",
}


@redacted()
def models(session: Session, project_id: str | None = None) -> list[ModelRef]:
    """Every iModel that is ready, of the iTwin or of all iTwins of the sub class Project.

    An iTwin that is named need not be among those listed: it may be an asset, or inactive.
    Raises: NotUnderstood if the list of iTwins ends where the service cuts lists; VendorRefused;
    TryLater.
    """
    try:
        names = {one.id: one.name for one in calls.itwins(session)}
    except NotUnderstood:
        if project_id is None:
            raise
        names = {}
    wanted = names if project_id is None else [project_id]
    return [
        ModelRef("itwin", project, one.id, names.get(project), one.name)
        for project in wanted
        for one in calls.imodels(session, project)
    ]


@redacted()
def version(session: Session, ref: ModelRef) -> SourceVersion:
    """The latest changeset with the state of the mappings as they are now.

    Raises: VendorRefused; TryLater; NotUnderstood.
    """
    mappings = grouping.mappings(session, ref.model_id)
    return Versions(session, ref.model_id).latest().source(mappings)


@redacted()
def ask(
    ref: ModelRef,
    session: Session,
    sink: Sink,
    progress: Progress,
    options: Options | None = None,
) -> Brought:
    """Ask for the tables of the mappings and keep every answer in the sink.

    Mappings that have no tables of the wanted changeset are extracted first. What an earlier,
    killed try has kept is not asked for again, and the run that it started not started again.
    The proof is none if an extraction succeeded in part only or a group has no table.
    Raises: InputRefused if there is no mapping to read; NotUnderstood if the service skipped one;
    VendorRefused; TryLater.
    """
    chosen = Options() if options is None else options
    if chosen.reader not in READERS:
        known = " or ".join(READERS)
        raise InputRefused(f"iTwin has no reader '{chosen.reader}'; there is {known}.")
    return Asking(ref, Tools(session, sink, progress, chosen)).all()
