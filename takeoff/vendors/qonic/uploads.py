"""New models: a file is put into the service's storage, and imported from there.

Contract section 7. Creating is never repeated by itself: twice would be two models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from takeoff.core.errors import InputRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import ModelRef, Operation
from takeoff.http import operations
from takeoff.http.messages import Request, path_of
from takeoff.http.operations import Patience
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.qonic import answers, calculations
from takeoff.vendors.qonic.answers import member, text

# What the service imports: vendor document.
SUFFIXES = (".rvt", ".skp", ".3dm", ".ifc", ".zip")


@dataclass(frozen=True)
class NewModel:
    """A model to be made of an uploaded file.

    `upload_url` is the place that the file was put to, unchanged. `tags` are such as Architecture;
    `default_role` is what members of the project may do with it, null for the service's default.
    """

    name: str
    upload_url: str = field(repr=False)
    file_name: str
    tags: Sequence[str] = ()
    default_role: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """As the contract writes it."""
        body: dict[str, Any] = {
            "modelName": self.name,
            "uploadUrl": self.upload_url,
            "uploadFileName": self.file_name,
            "tags": list(self.tags),
        }
        return body if self.default_role is None else {**body, "defaultRole": self.default_role}


@dataclass(frozen=True)
class Created:
    """A model that is being imported; it is listed once the operation has ended well."""

    model_id: str
    model_guid: str | None
    operation: Operation


@redacted()
def upload_url(session: Session) -> str:
    """A signed place for one file, to be used soon. Raises: VendorRefused; TryLater;
    NotUnderstood.
    """
    found = session.ask_json(Request("GET", "/upload-url"))
    url = text(member(found, "uploadUrl")) if isinstance(found, dict) else None
    if url is None:
        # The answer is not quoted: what it holds instead may be signed, too.
        raise answers.refused("/upload-url", b"", "it has no uploadUrl")
    return url


@redacted()
def create_model(session: Session, project_id: str, new: NewModel) -> Created:
    """Let the uploaded file become a model. Raises: VendorRefused; TryLater; NotUnderstood."""
    request = Request("POST", path_of("projects", project_id, "models"), json_body=new.body)
    content = BytesIO()
    session.ask(request, content)
    found = answers.parsed(content.getvalue(), request.target)
    model_id = text(member(found, "modelId")) if isinstance(found, dict) else None
    if model_id is None:
        raise answers.refused(request.target, content.getvalue(), "it has no modelId")
    operation = calculations.read(content.getvalue(), request.target)
    return Created(model_id, text(member(found, "modelGuid")), operation)


def import_model(
    session: Session,
    project_id: str,
    path: Path,
    progress: Progress,
    *,
    name: str | None = None,
    tags: Sequence[str] = (),
    default_role: str | None = None,
    patience: Patience | None = None,
) -> ModelRef:
    """Upload a file and wait until it is a model of the project; its name is the file's, unless
    given.

    Raises: InputRefused for a file that the service does not import; VendorRefused, also if the
    import fails; TryLater, also if it takes too long: then the model may still appear;
    NotUnderstood.
    """
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        raise InputRefused(f"{path} is no file that Qonic imports; it takes {', '.join(SUFFIXES)}.")
    model_name = path.stem if name is None else name
    progress.step(f"uploading {path.name}")
    url = upload_url(session)
    session.upload(url, path)
    new = NewModel(model_name, url, path.name, tags, default_role)
    created = create_model(session, project_id, new)
    progress.step(f"importing {path.name}", 100)
    shown = _Percent(progress)
    operations.wait(
        created.operation,
        lambda operation_id: calculations.look(session, operation_id),
        name=f"The import of {path.name}",
        patience=patience,
        clock=session.clock,
        notice=shown,
    )
    return ModelRef("qonic", project_id, created.model_id, None, model_name)


class _Percent:
    """Tells the progress how many percent are new at each look."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._told = progress, 0

    def __call__(self, operation: Operation) -> None:
        now = 100 if operation.state == "ready" else int(operation.percent or 0)
        if now > self._told:
            self._progress.advance(now - self._told)
            self._told = now
