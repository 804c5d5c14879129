"""The routes that change models: sessions, modifications, publishing, uploads and imports."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.qonic.answers import Refused, answer
from takeoff.sandbox.qonic.library_routes import own_properties
from takeoff.sandbox.qonic.modifications import IsDefined, Wrong, is_standard, read_body
from takeoff.sandbox.qonic.pages import looks, must_be_object
from takeoff.sandbox.qonic.service import MODEL, PRODUCTS, Service
from takeoff.sandbox.qonic.sessions import session_id


def session_routes(service: Service) -> Blueprint:
    """Sessions, and what is done in them."""
    routes = Blueprint("sessions", __name__)
    control, sessions, edits = service.control, service.sessions, service.edits

    @routes.post(f"{MODEL}/start-session")
    def start_session(project_id: str, model_id: str) -> Response:
        model = service.model(project_id, model_id)
        sessions.start(model.number, session_id(request.headers), control.switches)
        return _empty()

    @routes.post(f"{MODEL}/end-session")
    def end_session(project_id: str, model_id: str) -> Response:
        model = service.model(project_id, model_id)
        sessions.end(model.number, session_id(request.headers), control.switches)
        return _empty()

    @routes.post(PRODUCTS)
    def modify(project_id: str, model_id: str) -> Response:
        switches = control.switches
        model = service.model(project_id, model_id)
        sessions.use(model.number, session_id(request.headers), switches)
        body = read_body(request.get_data())
        if control.count("modifications") + 1 == switches.number("modification_refused"):
            return _errors([Wrong("", "", "Refused", "The sandbox was told to refuse this.")])
        wrong = edits.modify(model, looks(switches), body, _is_defined(project_id))
        return _errors(wrong)

    @routes.delete(f"{PRODUCTS}/<guid>")
    def delete_product(project_id: str, model_id: str, guid: str) -> Response:
        model = service.model(project_id, model_id)
        sessions.use(model.number, session_id(request.headers), control.switches)
        edits.delete(model, guid)
        return _errors([])

    @routes.post(f"{MODEL}/publish")
    def publish(project_id: str, model_id: str) -> Response:
        service.model(project_id, model_id)
        body: Any = request.get_json(silent=True)
        must_be_object(body)
        if not isinstance(body.get("title"), str) or not body["title"]:
            raise Refused(400, "InvalidBody", "A title is needed.", "title")
        edits.publish(service.project(project_id))
        return _empty()

    @routes.post(f"{MODEL}/discard")
    def discard(project_id: str, model_id: str) -> Response:
        service.model(project_id, model_id)
        session_id(request.headers)
        edits.discard(service.project(project_id))
        return _empty()

    def _is_defined(project_id: str) -> IsDefined:
        if control.switches["undefined_property"] == "taken":
            return lambda set_name, name: True
        known = own_properties(service, project_id)
        return lambda set_name, name: (set_name, name) in known or is_standard(set_name)

    def _empty() -> Response:
        return Response(b"", int(control.switches["session_answer"]))

    def _errors(wrong: list[Wrong]) -> Response:
        if wrong:
            shown = {"errors": [one.shown for one in wrong]}
            return answer(shown, int(control.switches["modification_status"]))
        form = control.switches["modification_answer"]
        if form == "empty":
            return Response(b"", 200)
        return answer({"array": {"errors": []}, "null": {"errors": None}}.get(form, {}))

    return routes


def import_routes(service: Service) -> Blueprint:
    """New models."""
    routes = Blueprint("imports", __name__)

    @routes.get("/upload-url")
    def upload_url() -> Response:
        return answer({"uploadUrl": service.storage.place()})

    @routes.post("/projects/<project_id>/models")
    def create_model(project_id: str) -> Response:
        project = service.project(project_id)
        body = request.get_json(silent=True)
        must_be_object(body)
        return answer(service.imports.create(project, body, request.path, service.control.switches))

    return routes
