"""Asks Bimplus for a model: its tree, the objects of every type in it, and what helps to read them.

Contract: API v2. The base URL ends in `/v2`; a team's slug follows it. No token is ever put in an
address. `calls` has every call of the contract by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from takeoff.core.errors import InputRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import Brought, ModelRef, SourceVersion
from takeoff.core.sink import Sink
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.bimplus import answers, calls, coverage, keeping, login, pace
from takeoff.vendors.bimplus.asking import Asking, tag_of, version_of
from takeoff.vendors.bimplus.shapes import Project

NAME = "Bimplus"
BASE_URL = "https://api.bimplus.net/v2"
AUTHORITY = login.AUTHORITY
SCHEME = "BimPlus"
HEADERS = (pace.REMAINING, pace.LIMIT, keeping.CHUNKS)
HINTS = {
    401: "the token is missing, wrong or has ended; log in to Bimplus again",
    403: "the login may not see this; ask whoever manages the project in Bimplus",
    404: "check the ids of project and model; a deleted model is in the project's recycle bin",
}

CALLS = coverage.CALLS
oauth_app = login.oauth_app


@dataclass(frozen=True)
class Options:
    """How a model is asked for.

    `base_quantities` lets the service calculate quantities first: that seems to write them into the
    model, so it is never done unasked.
    """

    parallel: int = 4
    base_quantities: bool = False


@redacted()
def models(session: Session, project_id: str | None = None) -> list[ModelRef]:
    """Every model of the project, or of all projects of all teams, in the service's order.

    Those in the recycle bin are left out; those that are not ready yet are there.
    Raises: InputRefused if there is no such project; VendorRefused; TryLater; NotUnderstood.
    """
    shown = calls.projects(session, disciplines=False)
    wanted = [one for one in shown if project_id is None or one.id == answers.guid(project_id)]
    if project_id is not None and not wanted:
        known = ", ".join(f"{one.id} ({one.name})" for one in shown) or "none"
        raise InputRefused(f"Bimplus shows this login no project '{project_id}'; it has: {known}.")
    return [
        ModelRef("bimplus", project.id, model.id, project.name, model.name)
        for project in wanted
        for model in calls.project_models(session, _slug_of(session, project), project.id)
        if not model.is_deleted
    ]


@redacted()
def version(session: Session, ref: ModelRef) -> SourceVersion:
    """The model's tag as it is now; kind `none` if the service gives it none.

    Whether it moves with each change of an attribute is not documented: fetch with force to be
    sure.
    """
    return version_of(tag_of(session, slug(session, ref), ref.model_id))


def slug(session: Session, ref: ModelRef) -> str:
    """The slug of the team that the model's project belongs to.

    Raises: InputRefused if the login is shown no such project; VendorRefused; TryLater;
    NotUnderstood.
    """
    for project in calls.projects(session, disciplines=False):
        if project.id == answers.guid(ref.project_id):
            return _slug_of(session, project)
    raise InputRefused(f"Bimplus shows this login no project '{ref.project_id}'; check its id.")


@redacted()
def ask(
    ref: ModelRef,
    session: Session,
    sink: Sink,
    progress: Progress,
    options: Options | None = None,
) -> Brought:
    """Ask for all there is of a model and keep every answer in the sink.

    A tag that moves meanwhile, or objects that are not those of the tree, make all be asked for
    once more. What an earlier, killed try of the same tag has kept is not asked for again. Where
    the service gives no objects, the imported IFC file is fetched instead.
    Raises: TryLater for a model that is not ready; NotUnderstood if the answers are not all there
    are; VendorRefused.
    """
    return _asking(ref, session, sink, progress, options).all()


@redacted()
def ask_document(
    ref: ModelRef,
    session: Session,
    sink: Sink,
    progress: Progress,
    options: Options | None = None,
) -> Brought:
    """Fetch the IFC file that the model was imported from, as it was uploaded.

    Raises: VendorRefused if there is none; TryLater; NotUnderstood.
    """
    return _asking(ref, session, sink, progress, options).file()


def _asking(
    ref: ModelRef, session: Session, sink: Sink, progress: Progress, options: Options | None
) -> Asking:
    options = Options() if options is None else options
    return Asking(
        ref,
        slug(session, ref),
        session,
        sink,
        progress,
        parallel=options.parallel,
        is_calculating=options.base_quantities,
    )


def _slug_of(session: Session, project: Project) -> str:
    """The slug in the project, or that of the team whose id it has."""
    if project.team_slug is not None:
        return project.team_slug
    teams = [team for team in calls.teams(session) if team.slug is not None]
    for team in teams:
        if project.team_id is not None and project.team_id == team.id:
            return team.slug or ""
    for team in teams:
        theirs = calls.projects(session, team.slug, disciplines=False)
        if project.id in {one.id for one in theirs}:
            return team.slug or ""
    raise InputRefused(f"Bimplus does not say which team has the project '{project.id}'.")
