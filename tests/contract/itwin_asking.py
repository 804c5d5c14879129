"""One iModel of a sandbox, asked over raw HTTP, by the client's calls, and by whole fetches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from both_ways import Tables, hurry, settings, tables
from vendors_under_test import rows_of

from takeoff.core.progress import Quiet
from takeoff.core.refs import ModelRef, Snapshot
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.jobs.fetch import Fetched
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox
from takeoff.vendors.itwin import client, grouping

TIMEOUT_S = 20
MAPPINGS = "/grouping-and-mapping/datasources/imodel-mappings"


class Asker:
    """A sandbox and its first iModel; `lakes` is where fetches go."""

    def __init__(self, running: Running, lakes: Path, patch: pytest.MonkeyPatch) -> None:
        self.running, self._lakes = running, lakes
        self.service = running.at("itwin")
        served = self.service.models[0]
        self.itwin, self.imodel = served.project_id, served.model_id
        self.ref = ModelRef("itwin", self.itwin, self.imodel, None, served.name)
        self.session = Session(
            self.service.base_url,
            Bearer(self.service.token),
            name="iTwin",
            hints=client.HINTS,
            keep_headers=client.HEADERS,
        )
        self._count = 0
        hurry(patch)

    def turn(self, **switches: str) -> None:
        """Only these switches are not at their defaults, and nothing was asked yet."""
        self.running.turn(**{one.name: one.default for one in SWITCHES} | switches)
        self.running.forget()

    def raw(self, method: str, path: str, body: Any = None, **told: Any) -> requests.Response:
        """The answer to one request; a redirect is not followed."""
        url = path if path.startswith("http") else self.service.base_url + path
        headers = {"Authorization": f"Bearer {self.service.token}", **told.pop("headers", {})}
        return requests.request(
            method,
            url,
            json=body,
            headers={name: value for name, value in headers.items() if value is not None},
            allow_redirects=False,
            timeout=TIMEOUT_S,
            **told,
        )

    def json(self, path: str, **told: Any) -> Any:
        answer = self.raw("GET", path, **told)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def mapping(self) -> str:
        """The id of the mapping that the sandbox has by itself."""
        return next(
            one.id for one in grouping.mappings(self.session, self.imodel) if one.name == "Takeoff"
        )

    def attempt(
        self,
        asking: Mapping[str, str] | None = None,
        *,
        lake: str | None = None,
        imodel: str | None = None,
        force: bool = True,
        proved: bool = True,
    ) -> Fetched:
        """What becomes of a fetch of the iModel, into a new lake or that one."""
        self._count += 1
        options = ModelOptions(
            project=self.itwin,
            models=(imodel or self.imodel,),
            allow_unproved=not proved,
            force=force,
            asking=dict(asking or {}),
        )
        into = self._lakes / (lake or f"lake-{self._count}")
        [outcome] = fetch_models(settings(into, self.running, "itwin"), "itwin", options, Quiet())
        self.lake = into
        return outcome

    def snapshot(self, asking: Mapping[str, str] | None = None, **how: Any) -> Snapshot:
        """The snapshot of a fetch that must succeed."""
        outcome = self.attempt(asking, **how)
        if outcome.error is not None:
            raise outcome.error
        assert outcome.snapshot is not None
        return outcome.snapshot

    def rows(self, asking: Mapping[str, str] | None = None, **switches: str) -> Tables:
        """The rows of a fetch while the sandbox is told so, into a lake of their own."""
        self.turn(**switches)
        outcome = self.attempt(asking)
        if outcome.error is not None:
            raise outcome.error
        return rows_of(self.lake, outcome)

    def warnings(self, snapshot: Snapshot) -> set[tuple[str, str]]:
        """The warnings of the lake's last fetch: code and text."""
        return {
            (row["code"], row["text"])
            for row in tables(self.lake, snapshot, ["warnings"])["warnings"]
        }


def serving(lake: Path, **switches: str) -> Running:
    """A sandbox of that lake."""
    return Sandbox(open_layout(lake), switches).start()
