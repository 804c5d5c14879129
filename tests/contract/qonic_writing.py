"""A model at the stand-in for Qonic, changed over raw HTTP and by the client's own calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from takeoff.core.refs import ModelRef
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.sandbox import Running
from takeoff.vendors.qonic import client

TIMEOUT_S = 20
HEADER = "X-Client-Session-Id"
PROJECT = "/projects/{p}"
MODEL = f"{PROJECT}/models/{{m}}"
PRODUCTS = f"{MODEL}/products"
_CODES = f"{PROJECT}/codifications/{{lib}}/codification"
_MATERIALS = f"{PROJECT}/material-libraries/{{lib}}/materials"
_SETS = f"{PROJECT}/customProperties/property-sets"

# Every row of the contract's table that changes something, and the request that precedes an import.
WRITING = (
    f"POST {MODEL}/start-session",
    f"POST {MODEL}/end-session",
    f"POST {PRODUCTS}",
    f"DELETE {PRODUCTS}/{{guid}}",
    f"POST {MODEL}/publish",
    f"POST {MODEL}/discard",
    "GET /upload-url",
    f"POST {PROJECT}/models",
    f"POST {PROJECT}/codifications",
    f"DELETE {PROJECT}/codifications/{{lib}}",
    f"POST {_CODES}",
    f"PUT {_CODES}/{{code}}",
    f"DELETE {_CODES}/{{code}}",
    f"POST {PROJECT}/material-libraries",
    f"DELETE {PROJECT}/material-libraries/{{lib}}",
    f"POST {_MATERIALS}",
    f"PUT {_MATERIALS}/{{guid}}",
    f"DELETE {_MATERIALS}/{{guid}}",
    f"POST {PROJECT}/locations",
    f"PUT {PROJECT}/locations/{{guid}}",
    f"DELETE {PROJECT}/locations/{{guid}}",
    f"POST {_SETS}",
    f"PUT {_SETS}/{{id}}",
    f"DELETE {_SETS}/{{id}}",
    f"POST {_SETS}/{{id}}/property",
    f"PUT {_SETS}/{{id}}/property/{{property}}",
    f"DELETE {_SETS}/{{id}}/property/{{property}}",
    f"POST {PROJECT}/types/{{lib}}",
    f"PUT {PROJECT}/types/{{lib}}/types/{{guid}}",
    f"DELETE {PROJECT}/types/{{lib}}/types/{{guid}}",
    "DELETE /auth/tokens/{id}",
    "DELETE /auth/consents/{id}",
)
# Its row about the windows of the vendor's app.
VIEWING = (
    "GET /sessions",
    "GET /viewer/get-active-selection",
    "POST /viewer/set-active-selection",
    "GET /viewer/product-profile",
)


@dataclass
class Changer:
    """One model, changed both ways. `raw` is HTTP alone; `session` is the client's."""

    running: Running
    session: Session
    ref: ModelRef

    def raw(
        self, method: str, path: str, body: Any = None, session_id: str | None = None, **told: Any
    ) -> requests.Response:
        """The answer to one request; `{p}` and `{m}` are filled in."""
        service = self.running.at("qonic")
        url = service.base_url + path.replace("{p}", self.ref.project_id).replace(
            "{m}", self.ref.model_id
        )
        headers = told.pop("headers", {"Authorization": f"Bearer {service.token}"})
        if session_id is not None:
            headers = {**headers, HEADER: session_id}
        return requests.request(
            method, url, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )

    def json(self, method: str, path: str, body: Any = None, **told: Any) -> Any:
        answer = self.raw(method, path, body, **told)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def row(self, guid: str) -> dict[str, Any]:
        """The product as the query shows it; empty if there is none."""
        rows = self.json("POST", f"{PRODUCTS}/properties/query", {"fields": []})["result"]
        return next((row for row in rows if row["Guid"] == guid), {})

    def finished(self, operation_id: str) -> dict[str, Any]:
        """The operation once it has ended."""
        while True:
            found: dict[str, Any] = self.json("GET", f"/operations/{operation_id}")
            if found["status"] in ("Ready", "Failed"):
                return found


@contextmanager
def changer(running: Running, at: int = 0) -> Iterator[Changer]:
    service = running.at("qonic")
    served = service.models[at]
    ref = ModelRef("qonic", served.project_id, served.model_id, None, served.name)
    with Session(
        service.base_url, Bearer(service.token), name="Qonic", hints=client.HINTS
    ) as session:
        yield Changer(running, session, ref)
