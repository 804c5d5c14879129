"""Every call of the contract for teams, projects, models and revisions, one plain function each.

They return parsed values. All raise VendorRefused, TryLater and NotUnderstood as the session does.
What changes something at the vendor is never repeated by itself. Calls for what is in a model are
in `object_calls`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from takeoff.http.messages import Answer, Into, Request
from takeoff.http.session import Session
from takeoff.vendors.bimplus import endpoints, shapes, single, tags
from takeoff.vendors.bimplus.shapes import (
    Discipline,
    Model,
    Project,
    Revision,
    Team,
    TokenInfo,
)

_NOT_MODIFIED = 304


@dataclass(frozen=True)
class Draft:
    """What a model is made or changed with; everything else the service ignores.

    The name is needed even where only something else changes.
    """

    name: str
    description: str | None = None
    topology_id: str | None = None
    disciplines: tuple[str, ...] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """As the contract writes it, without what is not given."""
        given = {
            "name": self.name,
            "description": self.description,
            "topologyId": self.topology_id,
            "disciplines": None if self.disciplines is None else list(self.disciplines),
        }
        return {key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True)
class Tag:
    """A tag as it is now; null if the service gives none. `is_same`: the one that was asked for."""

    value: str | None
    is_same: bool


def token_info(session: Session) -> TokenInfo:
    """GET /authorize: whose token it is."""
    return single.one(session, endpoints.token_info(), shapes.token_info)


def teams(session: Session) -> list[Team]:
    """GET /teams."""
    return single.several(session, endpoints.teams(), shapes.team)


def team(session: Session, id_or_slug: str) -> Team:
    """GET /teams/<id or slug>."""
    return single.one(session, endpoints.team(id_or_slug), shapes.team)


def projects(
    session: Session,
    slug: str | None = None,
    *,
    disciplines: bool = True,
    recycle_bin: bool = False,
) -> list[Project]:
    """GET /<slug>/projects, or without a slug all projects of the user, across teams.

    Without `disciplines` the answer is smaller; with `recycle_bin` deleted ones come, too.
    """
    request = endpoints.projects(slug, disciplines=disciplines, recycle_bin=recycle_bin)
    return single.several(session, request, shapes.project)


def project(session: Session, slug: str, project_id: str) -> Project:
    """GET /<slug>/projects/<id>, with disciplines."""
    return single.one(session, endpoints.project(slug, project_id), shapes.project)


def create_model(session: Session, slug: str, project_id: str, draft: Draft) -> Model:
    """POST /<slug>/projects/<id>/divisions: a new, empty model."""
    return single.one(session, endpoints.create_model(slug, project_id, draft.body), shapes.model)


def team_models(session: Session, slug: str) -> list[Model]:
    """GET /<slug>/divisions: the models of a team."""
    return single.several(session, endpoints.models(slug), shapes.model)


def user_models(session: Session) -> list[Model]:
    """GET /divisions: the models of the user, across teams."""
    return single.several(session, endpoints.models(None), shapes.model)


def project_models(
    session: Session, slug: str, project_id: str, *, modify_only: bool = False
) -> list[Model]:
    """GET /<slug>/projects/<id>/divisions, or those of them that the user may change."""
    request = endpoints.project_models(slug, project_id, modify_only=modify_only)
    return single.several(session, request, shapes.model)


def model(session: Session, slug: str, model_id: str) -> Model:
    """GET /<slug>/divisions/<id>: details, with the status."""
    return single.one(session, endpoints.model(slug, model_id), shapes.model)


def head(session: Session, slug: str, model_id: str, tag: str | None = None) -> Tag:
    """HEAD /<slug>/divisions/<id>: the model's tag, and whether it still is `tag`."""
    return _head(session, endpoints.head(slug, model_id, tag), tag)


def head_object(
    session: Session,
    slug: str,
    object_id: str,
    revision: int | None = None,
    tag: str | None = None,
) -> Tag:
    """HEAD /<slug>/objects/<id>: the tag of an object, such as the topology of a revision."""
    return _head(session, endpoints.head_object(slug, object_id, revision, tag), tag)


def disciplines(session: Session, slug: str, model_id: str) -> list[Discipline]:
    """GET /<slug>/divisions/<id>/disciplines: the layers of a model."""
    return single.several(session, endpoints.disciplines(slug, model_id), shapes.discipline)


def update_model(session: Session, slug: str, model_id: str, draft: Draft) -> Model:
    """PUT /<slug>/divisions/<id>: the model as it is then."""
    request = endpoints.update_model(slug, model_id, draft.body)
    changed = single.changed(session, request)
    if changed is None:
        return model(session, slug, model_id)
    return single.made(changed, shapes.model, request)


def move_model(
    session: Session, slug: str, model_id: str, body: Mapping[str, Any]
) -> single.Json | None:
    """PUT /<slug>/divisions/<id>/move: the object that is answered; null if none is.

    What body and answer hold is not documented: they go through as they are.
    """
    return single.changed(session, endpoints.move_model(slug, model_id, body))


def set_private(
    session: Session, slug: str, model_id: str, layer_id: str, *, is_private: bool
) -> single.Json | None:
    """PUT /<slug>/divisions/<id>/disciplines/<id>: the object that is answered; null if none is."""
    request = endpoints.set_private(slug, model_id, layer_id, is_private=is_private)
    return single.changed(session, request)


def download(
    session: Session, slug: str, model_id: str, into: Into, revision: int | None = None
) -> Answer:
    """GET /<slug>/divisions/<id>/download: the imported file as it was uploaded."""
    return session.download(endpoints.download(slug, model_id, revision), into)


def delete_model(session: Session, slug: str, model_id: str) -> None:
    """DELETE /<slug>/divisions/<id>; what the answer holds, if anything, is not looked at."""
    session.ask(endpoints.delete_model(slug, model_id), BytesIO())


def revisions(session: Session, slug: str, model_id: str) -> list[Revision]:
    """GET /<slug>/divisions/<id>/revisions."""
    return single.several(session, endpoints.revisions(slug, model_id), shapes.revision)


def project_revisions(session: Session, slug: str, project_id: str) -> list[Revision]:
    """GET /<slug>/projects/<id>/revisions."""
    return single.several(session, endpoints.project_revisions(slug, project_id), shapes.revision)


def create_revision(session: Session, slug: str, model_id: str, name: str) -> Revision:
    """POST /<slug>/divisions/<id>/revisions; the next import lands in the new one."""
    return single.one(session, endpoints.create_revision(slug, model_id, name), shapes.revision)


def revision(session: Session, slug: str, revision_id: str) -> Revision:
    """GET /<slug>/revisions/<id>."""
    return single.one(session, endpoints.revision(slug, revision_id), shapes.revision)


def update_revision(
    session: Session, slug: str, revision_id: str, body: Mapping[str, Any]
) -> Revision:
    """PUT /<slug>/revisions/<id>: the revision as it is then."""
    request = endpoints.update_revision(slug, revision_id, body)
    changed = single.changed(session, request)
    if changed is None:
        return revision(session, slug, revision_id)
    return single.made(changed, shapes.revision, request)


def compare(session: Session, slug: str, model_id: str, higher: int, lower: int) -> None:
    """POST /<slug>/divisions/<id>/revisionscomparison/<higher>/<lower>: starts the comparison."""
    session.ask(endpoints.compare(slug, model_id, higher, lower), BytesIO())


def comparison(session: Session, slug: str, model_id: str, higher: int, lower: int) -> single.Json:
    """GET the same: `status` is DONE or PENDING; `inserted`, `deleted`, `changed` list objects."""
    return single.object_of(session, endpoints.comparison(slug, model_id, higher, lower))


def _head(session: Session, request: Request, tag: str | None) -> Tag:
    answer = session.ask(request, BytesIO())
    now = tags.plain(answer.headers.get("etag"))
    if answer.status == _NOT_MODIFIED:
        return Tag(tag if now is None else now, True)
    return Tag(now, now is not None and now == tag)
