"""Routes of projects, models and their revisions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.bimplus import shown
from takeoff.sandbox.bimplus.accounts import USER
from takeoff.sandbox.bimplus.answers import Refused, body, is_asked
from takeoff.sandbox.bimplus.catalogue import Division, Project
from takeoff.sandbox.bimplus.comparison import Compared, compare
from takeoff.sandbox.bimplus.content import File
from takeoff.sandbox.bimplus.service import Service, asked_revision, is_shared

PLACES = {
    "projects": "bimplus_projects",
    "project": "bimplus_projects",
    "divisions": "bimplus_models",
    "divisions_of_project": "bimplus_models",
    "division": "bimplus_model",
    "disciplines": "bimplus_model",
    "download": "bimplus_download",
    "revisions": "bimplus_revisions",
    "revisions_of_project": "bimplus_revisions",
    "revision": "bimplus_revisions",
    "start_comparison": "bimplus_comparison",
    "comparison": "bimplus_comparison",
    "create": "bimplus_writes",
    "update": "bimplus_writes",
    "delete": "bimplus_writes",
    "move": "bimplus_writes",
    "discipline": "bimplus_writes",
    "add_revision": "bimplus_writes",
    "update_revision": "bimplus_writes",
}


def routes(service: Service) -> Blueprint:
    """Under /v2 or /v2/<slug>."""
    routes = Blueprint("models", __name__)
    _add_projects(routes, service)
    _add_divisions(routes, service)
    _add_changes(routes, service)
    _add_revisions(routes, service)
    _add_comparisons(routes, service)
    return routes


def _add_projects(routes: Blueprint, service: Service) -> None:
    catalogue = service.catalogue

    @routes.get("/projects")
    def projects() -> Response:
        disciplines = request.args.get("disciplines", "").lower() != "false"
        return service.answer(
            [
                shown.project(one, catalogue, service.switches, disciplines=disciplines)
                for one in ([] if is_shared() else catalogue.projects)
            ]
        )

    @routes.get("/projects/<project_id>")
    def project(project_id: str) -> Response:
        one = catalogue.project(project_id)
        return service.answer(shown.project(one, catalogue, service.switches, disciplines=True))


def _add_divisions(routes: Blueprint, service: Service) -> None:
    catalogue = service.catalogue

    def listed(project: Project | None) -> Response:
        switches = service.switches
        gives_status = switches["bimplus_list_status"] == "given"
        return service.answer(
            [
                shown.division(
                    one,
                    catalogue,
                    switches,
                    service.status(one) if gives_status else None,
                    listed=True,
                )
                for one in catalogue.divisions(project, deleted=is_asked("recycleBin"))
            ]
        )

    @routes.get("/divisions")
    def divisions() -> Response:
        return service.answer([]) if is_shared() else listed(None)

    @routes.get("/projects/<project_id>/divisions")
    def divisions_of_project(project_id: str) -> Response:
        return listed(catalogue.project(project_id))

    @routes.get("/divisions/<division_id>")
    def division(division_id: str) -> Response:
        one = catalogue.division(division_id)
        return service.tagged(one, lambda: service.answer(_details(one, service)))

    @routes.get("/divisions/<division_id>/disciplines")
    def disciplines(division_id: str) -> Response:
        return service.answer(shown.layers(catalogue.division(division_id), catalogue))

    @routes.get("/divisions/<division_id>/download")
    def download(division_id: str) -> Response:
        content = catalogue.content(catalogue.division(division_id), asked_revision())
        file = None if content is None else content.file()
        if file is None:
            return _no_file(service)
        return _file(file, division_id, service)


def _add_changes(routes: Blueprint, service: Service) -> None:
    catalogue = service.catalogue

    @routes.post("/projects/<project_id>/divisions")
    def create(project_id: str) -> Response:
        is_unique = service.switches["bimplus_names"] == "unique"
        one = catalogue.create(catalogue.project(project_id), body(), unique=is_unique)
        return service.answer(_details(one, service), 201)

    @routes.put("/divisions/<division_id>")
    def update(division_id: str) -> Response:
        one = catalogue.division(division_id)
        catalogue.update(one, body())
        return service.answer(_details(one, service))

    @routes.delete("/divisions/<division_id>")
    def delete(division_id: str) -> Response:
        catalogue.delete(catalogue.division(division_id))
        return Response(b"", 200)

    @routes.put("/divisions/<division_id>/move")
    def move(division_id: str) -> Response:
        """The body is not documented: a project is named as the model itself names its own."""
        one, project_id = catalogue.division(division_id), body().get("projectId")
        if not isinstance(project_id, str):
            raise Refused(400, "projectId is missing.")
        catalogue.move(one, catalogue.project(project_id))
        return service.answer(_details(one, service))

    @routes.put("/divisions/<division_id>/disciplines/<discipline_id>")
    def discipline(division_id: str, discipline_id: str) -> Response:
        one = catalogue.division(division_id)
        if discipline_id.lower() not in shown.layer_ids(one, catalogue):
            raise Refused(404, f"The model has no discipline {discipline_id}.")
        is_private = body().get("private")
        if not isinstance(is_private, bool):
            raise Refused(400, "private is neither true nor false.")
        catalogue.touch(one)
        return service.answer({"id": discipline_id.lower(), "private": is_private})


def _add_revisions(routes: Blueprint, service: Service) -> None:
    catalogue = service.catalogue

    def told(one: Division) -> list[dict[str, Any]]:
        return [shown.revision(one, each, service.switches) for each in one.revisions]

    @routes.get("/divisions/<division_id>/revisions")
    def revisions(division_id: str) -> Response:
        return service.answer(told(catalogue.division(division_id)))

    @routes.get("/projects/<project_id>/revisions")
    def revisions_of_project(project_id: str) -> Response:
        models = catalogue.divisions(catalogue.project(project_id))
        return service.answer([each for one in models for each in told(one)])

    @routes.get("/revisions/<revision_id>")
    def revision(revision_id: str) -> Response:
        return service.answer(shown.revision(*catalogue.revision(revision_id), service.switches))

    @routes.post("/divisions/<division_id>/revisions")
    def add_revision(division_id: str) -> Response:
        one = catalogue.division(division_id)
        made = catalogue.add_revision(one, body())
        return service.answer(shown.revision(one, made, service.switches), 201)

    @routes.put("/revisions/<revision_id>")
    def update_revision(revision_id: str) -> Response:
        one, each = catalogue.revision(revision_id)
        given = body()
        each.name = str(given.get("name") or each.name)
        each.description = str(given.get("description") or each.description)
        known = ("release", "releaseLastVersion", "comment", "sharedDate")
        each.told |= {key: given[key] for key in known if key in given}
        catalogue.touch(one)
        return service.answer(shown.revision(one, each, service.switches))


def _add_comparisons(routes: Blueprint, service: Service) -> None:
    catalogue = service.catalogue
    path = "/divisions/<division_id>/revisionscomparison/<int:higher>/<int:lower>"

    def started(division_id: str, higher: int, lower: int) -> Compared:
        one, switches = catalogue.division(division_id), service.switches
        newer, older = (catalogue.objects(one, switches, number) for number in (higher, lower))
        return compare(newer, older, switches)

    @routes.post(path)
    def start_comparison(division_id: str, higher: int, lower: int) -> Response:
        compared = started(division_id, higher, lower)
        key = catalogue.division(division_id).id, higher, lower
        service.comparisons.start(key, compared)
        return service.answer(_comparison(key, compared, is_done=False), 201)

    @routes.get(path)
    def comparison(division_id: str, higher: int, lower: int) -> Response:
        key = catalogue.division(division_id).id, higher, lower
        found = service.comparisons.look_up(key, service.switches.number("polls") or 0)
        if found is None:
            raise Refused(404, "These revisions were not compared yet.")
        compared, is_done = found
        return service.answer(_comparison(key, compared, is_done=is_done))


def _details(one: Division, service: Service) -> dict[str, Any]:
    status = service.status(one)
    return shown.division(one, service.catalogue, service.switches, status, listed=False)


def _file(file: File, division_id: str, service: Service) -> Response:
    form = service.switches["bimplus_download"]
    if form == "redirect":
        code = int(service.switches["redirect_code"])
        location = service.desk.storage.link(file, f"bimplus {division_id}")
        return Response(b"", code, {"Location": location})
    content = file.content[: len(file.content) * 3 // 4] if form == "short" else file.content
    told = Response(content, 200, content_type=file.content_type)
    if form == "disposition":
        told.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return told


def _no_file(service: Service) -> Response:
    status = int(service.switches["bimplus_no_file"])
    if status == 204:
        return Response(b"", 204)
    raise Refused(status, "The model has no file.")


def _comparison(key: tuple[str, int, int], compared: Compared, *, is_done: bool) -> dict[str, Any]:
    division_id, higher, lower = key
    return {
        "divisionId": division_id,
        "firstRevision": higher,
        "secondRevision": lower,
        "status": "DONE" if is_done else "PENDING",
        "isUpToDate": is_done,
        "calculatedAt": shown.seconds(compared.started_at),
        "calculatedBy": USER,
        "inserted": compared.inserted if is_done else [],
        "deleted": compared.deleted if is_done else [],
        "changedGeometry": [],
        "changed": compared.changed if is_done else [],
    }
