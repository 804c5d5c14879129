"""All that the routes of Qonic's stand-in work on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import request
from werkzeug.wrappers import Response

from takeoff.sandbox.faults import Control
from takeoff.sandbox.qonic.answers import answer
from takeoff.sandbox.qonic.auth import Auth
from takeoff.sandbox.qonic.catalogue import Catalogue, Project
from takeoff.sandbox.qonic.edits import Edits
from takeoff.sandbox.qonic.imports import Imports
from takeoff.sandbox.qonic.libraries import Libraries
from takeoff.sandbox.qonic.lookups import Lookups
from takeoff.sandbox.qonic.model import Model
from takeoff.sandbox.qonic.operations import File, Operations
from takeoff.sandbox.qonic.pages import Pages
from takeoff.sandbox.qonic.sessions import Sessions
from takeoff.sandbox.storage import Storage

MODEL = "/projects/<project_id>/models/<model_id>"
PRODUCTS = f"{MODEL}/products"


@dataclass(frozen=True)
class Service:
    """All that the routes work on."""

    catalogue: Catalogue
    control: Control
    auth: Auth
    storage: Storage
    pages: Pages
    operations: Operations
    imports: Imports
    lookups: Lookups = field(default_factory=Lookups)
    libraries: Libraries = field(default_factory=Libraries)
    sessions: Sessions = field(default_factory=Sessions)
    edits: Edits = field(default_factory=Edits)

    @property
    def projects(self) -> list[Project]:
        """With what was imported."""
        self.imports.list_ended()
        return self.catalogue.projects

    def project(self, project_id: str) -> Project:
        """Raises: Refused with 404."""
        self.imports.list_ended()
        return self.catalogue.project(project_id)

    def model(self, project_id: str, model_id: str) -> Model:
        """As the lake holds it. Raises: Refused with 404."""
        return self.project(project_id).model(model_id)

    def mine(self, project_id: str, model_id: str) -> Model:
        """With the user's own changes."""
        return self.edits.mine(self.model(project_id, model_id))

    def published(self, project_id: str, model_id: str) -> Model:
        """With the changes that were published."""
        return self.edits.published(self.model(project_id, model_id))

    def started(self, kind: str, make: Callable[[], File | None]) -> Response:
        """The answer to a request that starts an operation, whose place is the request's."""
        place = request.path.removesuffix("/query")
        operation = self.operations.start(kind, place, make, self.control.switches)
        return answer(operation.shown())

    def redirected(self, operation_id: str) -> Response:
        """The redirect to the result of an operation that was started at the request's place."""
        place = request.path.removesuffix(f"/{operation_id}/result")
        file = self.operations.ready(operation_id, place).file
        assert file is not None  # an operation without a file is not ready
        location = self.storage.link(file, operation_id)
        code = int(self.control.switches["redirect_code"])
        return Response(b"", code, {"Location": location})
