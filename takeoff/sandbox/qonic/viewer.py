"""The windows of the vendor's app: so many as the switch says, with no model loaded in any.

What is selected in one is what was selected last, as it was told.
"""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.qonic.answers import Refused, answer
from takeoff.sandbox.qonic.pages import must_be_object
from takeoff.sandbox.qonic.service import Service
from takeoff.sandbox.qonic.sessions import session_id
from takeoff.sandbox.switches import Switches


class Windows:
    """The open ones; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: list[str] = []
        self._selected: dict[str, list[dict[str, Any]]] = {}

    def ids(self, switches: Switches) -> list[str]:
        """Of as many windows as are open now; each keeps its id."""
        count = switches.number("app_windows") or 0
        with self._lock:
            self._ids += [str(uuid4()) for _ in range(count - len(self._ids))]
            return self._ids[:count]

    def check(self, window_id: str, switches: Switches) -> None:
        """Raises: Refused unless this window is open."""
        if window_id not in self.ids(switches):
            status = int(switches["window_refusal"])
            raise Refused(status, "WindowNotFound", "No window of the app has this id.")

    def selected(self, window_id: str) -> list[dict[str, Any]]:
        with self._lock:
            return self._selected.get(window_id, [])

    def select(self, window_id: str, products: list[dict[str, Any]]) -> None:
        with self._lock:
            self._selected[window_id] = products


def viewer_routes(service: Service) -> Blueprint:
    """The list of windows, and what can be asked of one."""
    routes = Blueprint("viewer", __name__)
    windows, control = Windows(), service.control

    @routes.get("/sessions")
    def app_windows() -> Response:
        return answer({"sessions": [{"id": one} for one in windows.ids(control.switches)]})

    @routes.get("/viewer/get-active-selection")
    def active_selection() -> Response:
        return answer({"productIds": windows.selected(_window())})

    @routes.post("/viewer/set-active-selection")
    def select() -> Response:
        window_id = _window()
        body: Any = request.get_json(silent=True)
        must_be_object(body)
        products = body.get("productIds")
        if not isinstance(products, list) or not all(isinstance(one, dict) for one in products):
            raise Refused(400, "InvalidBody", "productIds is no array of objects.", "productIds")
        windows.select(window_id, products)
        return Response(b"", int(control.switches["session_answer"]))

    @routes.get("/viewer/product-profile")
    def product_profile() -> Response:
        _window()
        for name in ("modelGuid", "productId"):
            if not request.args.get(name):
                raise Refused(400, "MissingParameter", f"{name} is missing.", name)
        raise Refused(404, "ProductNotLoaded", "The window has not loaded this product.")

    def _window() -> str:
        """The id that the request carries. Raises: Refused."""
        window_id = session_id(request.headers)
        windows.check(window_id, control.switches)
        return window_id

    return routes
