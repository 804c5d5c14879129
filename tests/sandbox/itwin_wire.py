"""The plainest client of the iTwin platform: raw requests, and lists read page by page."""

from __future__ import annotations

import csv
import io
from typing import Any

import requests
from wire import TIMEOUT_S, Wire

MAPPINGS = "/grouping-and-mapping/datasources/imodel-mappings"
RUNS = f"{MAPPINGS}/extractions"
Row = dict[str, str | None]


class Itwin:
    """Requests with the token, never following a redirect; of the first model that is served."""

    def __init__(self, wire: Wire) -> None:
        self.running = wire.running
        self.service = wire.running.at("itwin")
        self.base_url = self.service.base_url
        self.headers = {"Authorization": f"Bearer {self.service.token}"}
        served = self.service.models[0]
        self.itwin_id, self.imodel_id = served.project_id, served.model_id
        self.imodel = f"/imodels/{served.model_id}"

    def ask(self, method: str, path: str, body: Any = None, **asked: Any) -> requests.Response:
        url = path if path.startswith("http") else self.base_url + path
        headers = {**self.headers, **asked.pop("headers", {})}
        return requests.request(
            method,
            url,
            json=body,
            headers={name: value for name, value in headers.items() if value is not None},
            timeout=TIMEOUT_S,
            allow_redirects=False,
            **asked,
        )

    def get(self, path: str, **asked: Any) -> requests.Response:
        return self.ask("GET", path, **asked)

    def json(self, path: str, **asked: Any) -> Any:
        answer = self.get(path, **asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **asked: Any) -> requests.Response:
        return self.ask("POST", path, body, **asked)

    def made(self, path: str, body: Any) -> Any:
        """What was created, out of its container."""
        answer = self.post(path, body)
        assert answer.status_code in (201, 202), answer.text
        [(_, made)] = answer.json().items()
        return made

    def pages(self, path: str, **asked: Any) -> list[dict[str, Any]]:
        """The answers of a list, following its links."""
        pages = [self.json(path, **asked)]
        asked.pop("params", None)
        while following := (pages[-1].get("_links", {}).get("next") or {}).get("href"):
            assert len(pages) < 50, "the pages go round in a circle"
            pages.append(self.json(following, **asked))
        return pages

    def every(self, key: str, path: str, **asked: Any) -> list[dict[str, Any]]:
        return [item for page in self.pages(path, **asked) for item in page[key]]

    @property
    def mapping(self) -> dict[str, Any]:
        """The one that there is out of the box."""
        found = self.every("mappings", f"{MAPPINGS}?iModelId={self.imodel_id}")
        return next(one for one in found if one["mappingName"] == "Takeoff")

    def groups(self, mapping_id: str | None = None) -> dict[str, dict[str, Any]]:
        """Groups by name."""
        path = f"{MAPPINGS}/{mapping_id or self.mapping['id']}/groups"
        return {group["groupName"]: group for group in self.every("groups", path)}

    def properties(self, group: str) -> dict[str, dict[str, Any]]:
        """Properties by name, of a group of the mapping that there is out of the box."""
        group_id = self.groups()[group]["id"]
        path = f"{MAPPINGS}/{self.mapping['id']}/groups/{group_id}/properties"
        found = self.every("properties", path, params={"$top": 1000})
        return {item["propertyName"]: item for item in found}

    def column(self, group: str, class_name: str | None, name: str, **also: Any) -> str:
        """The property of a group that takes its values from this class and EC property."""
        [found] = [
            item["propertyName"]
            for item in self.properties(group).values()
            for ec in item["ecProperties"]
            if (ec["ecClassName"], ec["ecPropertyName"]) == (class_name, name)
            and all(item[key] == value for key, value in also.items())
        ]
        return str(found)

    def run(self, *mapping_ids: str, **more: Any) -> dict[str, Any]:
        """An extraction that was started."""
        told = {"iModelId": self.imodel_id, "mappings": [{"id": one} for one in mapping_ids]}
        run: dict[str, Any] = self.made(RUNS, told | more)
        return run

    def states(self, run: dict[str, Any]) -> list[str]:
        """The states that an extraction goes through."""
        states = [run["state"]]
        while states[-1] in ("Queued", "Running") and len(states) < 10:
            states.append(self.json(run["_links"]["status"]["href"])["extraction"]["state"])
        return states

    def logs(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        return self.every("logs", run["_links"]["logs"]["href"])

    def done(self, mapping_id: str | None = None) -> list[dict[str, Any]]:
        """The extractions of a mapping."""
        path = f"{MAPPINGS}/{mapping_id or self.mapping['id']}/extractions"
        return self.every("extractions", path)

    def cdm(self, mapping_id: str | None = None) -> str:
        """The link to the tables of a mapping's newest extraction."""
        return str(self.done(mapping_id)[0]["_links"]["cdm"]["href"])

    def entities(self, mapping_id: str | None = None) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self.json(self.cdm(mapping_id))["entities"]}

    def partition(self, location: str, mapping_id: str | None = None) -> requests.Response:
        return self.get(f"{self.cdm(mapping_id)}/partitions", params={"location": location})

    def rows(self, name: str, mapping_id: str | None = None) -> list[Row]:
        """The rows of an entity whose partitions have their names; an empty field is null."""
        entity = self.entities(mapping_id)[name]
        names = [attribute["name"] for attribute in entity["attributes"]]
        found: list[Row] = []
        for part in entity["partitions"]:
            answer = self.partition(part["location"], mapping_id)
            assert answer.status_code == 200, answer.text
            lines = list(csv.reader(io.StringIO(answer.content.decode(), newline="")))
            assert lines[0] == names
            found += [
                dict(zip(names, [cell or None for cell in line], strict=True)) for line in lines[1:]
            ]
        return found

    def row(self, name: str, guid: str | None, mapping_id: str | None = None) -> Row:
        return next(row for row in self.rows(name, mapping_id) if row["FederationGuid"] == guid)


def federation_guid(ifc_guid: str) -> str:
    """A GlobalId as a UUID, digit by digit."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"
    number = 0
    for digit in ifc_guid:
        number = number * 64 + digits.index(digit)
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
