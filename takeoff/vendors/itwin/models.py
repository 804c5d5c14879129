"""Calls about iTwins, iModels and their versions, one function each; all raise what asking raises.

That is VendorRefused, TryLater and NotUnderstood. Calls that change something are never repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from takeoff.core.errors import NotUnderstood, VendorRefused
from takeoff.core.refs import Operation
from takeoff.http import operations
from takeoff.http.messages import Answer, Into, Request
from takeoff.http.operations import Patience
from takeoff.http.session import LinkEnded, Session
from takeoff.vendors.itwin import endpoints
from takeoff.vendors.itwin.answers import Json, last_segment, required
from takeoff.vendors.itwin.endpoints import given
from takeoff.vendors.itwin.lists import inner_of, listed
from takeoff.vendors.itwin.records import Changeset, Creation, IModel, ITwin, NamedVersion

# The vendor's own client looks every second, for five minutes.
CREATION_PATIENCE = Patience(first_s=1, growth=1.2, longest_s=10, total_s=300)
_AZURE = "azure"
_BLOB = (("x-ms-blob-type", "BlockBlob"),)
_OPERATION = "create-imodel-operation"


@dataclass(frozen=True)
class Begun:
    """A copy that is being made; `operation_url` says how far it is, null if nobody told."""

    imodel_id: str
    operation_url: str | None


@dataclass(frozen=True)
class Version:
    """Which state is copied: a changeset by id or index; neither is the latest."""

    changeset_id: str | None = None
    changeset_index: int | None = None


def itwins(session: Session, sub_class: str | None = "Project", **filters: str) -> list[ITwin]:
    """iTwins that the login may see; `filters` are those of the contract, such as displayName.

    Raises: NotUnderstood if the list ends where the service cuts lists, so that some may lack.
    """
    found = listed(session, endpoints.itwins(sub_class, **filters), "iTwins", ITwin.of)
    if len(found) in (endpoints.ITWINS_CAP, endpoints.ITWINS_MOST):
        raise NotUnderstood(
            f"The list of iTwins ends at exactly {len(found):,}, where the service cuts lists "
            "without a word; name the iTwin whose iModels are wanted (--project with its id)."
        )
    return found


def imodels(
    session: Session, itwin_id: str, *, name: str | None = None, is_full: bool = False
) -> list[IModel]:
    """iModels of an iTwin that are ready; with `is_full` all that is known of each."""
    request = endpoints.imodels(itwin_id, name=name, is_full=is_full)
    return listed(session, request, "iModels", IModel.of)


def imodel(session: Session, imodel_id: str) -> IModel:
    """All that is known of one iModel."""
    request = endpoints.imodel(imodel_id)
    return IModel.of(inner_of(session, request, "iModel"), request.target)


def create_empty(
    session: Session, itwin_id: str, name: str, description: str | None = None
) -> IModel:
    """A new iModel without anything in it; it is ready at once."""
    return _created(session, _body(itwin_id, name, description, "empty"))


def create_from_template(
    session: Session,
    itwin_id: str,
    name: str,
    template: tuple[str, str | None],
    description: str | None = None,
) -> IModel:
    """A new iModel made of a version of another: (iModel id, changeset id or null)."""
    body = _body(itwin_id, name, description, "fromiModelVersion")
    return _created(
        session,
        {**body, "template": given({"iModelId": template[0], "changesetId": template[1]})},
    )


def create_from_baseline(
    session: Session, itwin_id: str, name: str, size_bytes: int, description: str | None = None
) -> IModel:
    """A new iModel that waits for a file of this size; see `upload_baseline`."""
    body = _body(itwin_id, name, description, "fromBaseline")
    return _created(session, {**body, "baselineFile": {"size": size_bytes}})


def upload_baseline(session: Session, created: IModel, source: Path) -> None:
    """Put the baseline file where the service wants it, and say that it is there.

    Raises: NotUnderstood if the iModel does not wait for a file.
    """
    if created.upload_url is None:
        raise NotUnderstood(
            f"The iModel {created.id} names no place for a baseline file; it was not made from one."
        )
    is_azure = (created.upload_storage or _AZURE).casefold() == _AZURE
    session.upload(created.upload_url, source, _BLOB if is_azure else ())
    complete_baseline(session, created)


def complete_baseline(session: Session, created: IModel) -> None:
    """Say that the baseline file was uploaded, where the service wants to hear it."""
    request = endpoints.complete_baseline(created.id)
    if created.complete_url is not None:
        request = replace(request, path=session.link(created.complete_url).path)
    session.ask(request, BytesIO())


def baseline_state(session: Session, imodel_id: str) -> str:
    """How far the baseline file is, one of records.BASELINE_STATES."""
    request = endpoints.baseline(imodel_id)
    return required(inner_of(session, request, "baselineFile"), "state", request.target)


def clone(
    session: Session,
    imodel_id: str,
    itwin_id: str,
    *,
    version: Version | None = None,
    name: str | None = None,
    description: str | None = None,
    containers_enabled: int | None = None,
) -> Begun:
    """Begin a copy without a link to its origin, in that iTwin."""
    body = _copy(itwin_id, version, name, description, containers_enabled)
    return _begun(session, endpoints.clone(imodel_id, body))


def fork(
    session: Session,
    imodel_id: str,
    itwin_id: str,
    *,
    version: Version | None = None,
    name: str | None = None,
    description: str | None = None,
    containers_enabled: int | None = None,
    preserve_history: bool = False,
) -> Begun:
    """Begin a copy that can be merged back; a technical preview."""
    body = _copy(itwin_id, version, name, description, containers_enabled)
    return _begun(session, endpoints.fork(imodel_id, {**body, "preserveHistory": preserve_history}))


def creation(session: Session, imodel_id: str) -> Creation:
    """How far the making of an iModel is, and what it was made of."""
    request = endpoints.creation(imodel_id)
    return Creation.of(inner_of(session, request, "createOperation"), request.target)


def wait_created(
    session: Session, imodel_id: str, patience: Patience = CREATION_PATIENCE
) -> Creation:
    """Look until the iModel is made.

    Raises: VendorRefused if it failed, which every state does that is not documented, named in the
    error; TryLater if it takes too long.
    """
    found = creation(session, imodel_id)

    def look(_: str) -> Operation:
        nonlocal found
        found = creation(session, imodel_id)
        return as_operation(imodel_id, found)

    operations.wait(
        as_operation(imodel_id, found),
        look,
        name=f"The making of the iModel {imodel_id}",
        patience=patience,
        clock=session.clock,
    )
    return found


def as_operation(imodel_id: str, found: Creation) -> Operation:
    """The making of an iModel as an operation like any other."""
    return Operation(imodel_id, found.state, problem=found.problem)


def named_versions(session: Session, imodel_id: str) -> list[NamedVersion]:
    """All named versions, hidden ones among them."""
    request = endpoints.named_versions(imodel_id)
    return listed(session, request, "namedVersions", NamedVersion.of)


def changesets(
    session: Session,
    imodel_id: str,
    *,
    after: int | None = None,
    last: int | None = None,
    is_full: bool = False,
) -> list[Changeset]:
    """Changesets after index `after` up to and with `last`, from old to new.

    Links to their files come with `is_full`.
    """
    request = endpoints.changesets(imodel_id, after=after, last=last, is_full=is_full)
    return listed(session, request, "changesets", Changeset.of)


def changeset(session: Session, imodel_id: str, id_or_index: str) -> Changeset:
    """One changeset with the link to its file."""
    request = endpoints.changeset(imodel_id, id_or_index)
    return Changeset.of(inner_of(session, request, "changeset"), request.target)


def download_changeset(session: Session, imodel_id: str, id_or_index: str, into: Into) -> Answer:
    """The file of a changeset; a link that has ended is asked for again, once.

    Raises: VendorRefused also if the login may look at the changeset only.
    """
    try:
        return session.follow(_file_link(session, imodel_id, id_or_index), into)
    except LinkEnded:
        return session.follow(_file_link(session, imodel_id, id_or_index), into)


def _file_link(session: Session, imodel_id: str, id_or_index: str) -> str:
    found = changeset(session, imodel_id, id_or_index)
    if found.download_url is None:
        raise VendorRefused(
            f"iTwin gives no file for changeset {found.index} of {imodel_id}: the login may look "
            "at the iModel but not read it; ask for the permission imodels_read."
        )
    return found.download_url


def _created(session: Session, body: Json) -> IModel:
    request = endpoints.create_imodel(body)
    return IModel.of(inner_of(session, request, "iModel"), request.target)


def _begun(session: Session, request: Request) -> Begun:
    """The id is the end of the header Location; the answer has no body that says anything."""
    answer = session.ask(request, BytesIO())
    location = answer.headers.get("location")
    imodel_id = "" if location is None else last_segment(location)
    if not imodel_id:
        raise NotUnderstood(
            f"iTwin answered {request.method} {request.path} without saying which iModel it makes "
            "(the header Location is missing); look for it in the iTwin before you try again."
        )
    return Begun(imodel_id, answer.headers.get(_OPERATION))


def _body(itwin_id: str, name: str, description: str | None, mode: str) -> Json:
    return given(
        {"iTwinId": itwin_id, "name": name, "description": description, "creationMode": mode}
    )


def _copy(
    itwin_id: str,
    version: Version | None,
    name: str | None,
    description: str | None,
    containers_enabled: int | None,
) -> Json:
    version = Version() if version is None else version
    return given(
        {
            "iTwinId": itwin_id,
            "name": name,
            "description": description,
            "changesetId": version.changeset_id,
            "changesetIndex": version.changeset_index,
            "containersEnabled": containers_enabled,
        }
    )
