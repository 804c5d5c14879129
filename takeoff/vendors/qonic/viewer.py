"""The windows of the vendor's app that the user has open: what is selected in them.

Contract section 2; vendor pages "Sessions" and "Viewer". A window's id goes in the header that
carries the id of a modification session elsewhere; it is never that id, and `windows` alone gives
it. Which members the objects have is not documented but for a window's `id`: they are the service's
own, untouched. Nothing of a takeoff depends on them. Every function raises VendorRefused, TryLater,
and NotUnderstood for an answer that is not of the documented form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from takeoff.core.errors import NotUnderstood, VendorRefused
from takeoff.core.plain import excerpt
from takeoff.http.messages import Request, path_of
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.qonic import answers
from takeoff.vendors.qonic.answers import member

WINDOW_HEADER = "X-Client-Session-Id"

# What a window that is closed may be refused with; which of them is not documented.
_NO_WINDOW = (400, 403, 404)


@redacted()
def windows(session: Session) -> list[dict[str, Any]]:
    """The user's open windows, each with its `id`, the one used last first; empty if none is open.

    They also carry the project and the models that are open in them.
    """
    request = Request("GET", "/sessions")
    listed = _array(request, session.ask_json(request), "sessions")
    for window in listed:
        if not isinstance(window, dict) or answers.text(member(window, "id")) is None:
            raise _refused(request, window, "one of sessions is no object with an id")
    return listed


@redacted()
def active_selection(session: Session, window_id: str) -> list[dict[str, Any]]:
    """The products that are selected in the window; empty if none is.

    Raises: VendorRefused, too, if the window is not open.
    """
    request = _request("GET", "get-active-selection", window_id)
    with _is_open():
        found = session.ask_json(request)
    listed = _array(request, found, "productIds")
    if not all(isinstance(product, dict) for product in listed):
        raise _refused(request, found, "one of productIds is no object")
    return listed


@redacted()
def select(session: Session, window_id: str, products: Sequence[Mapping[str, Any]]) -> None:
    """Select these products in the window, and no others; never repeated by itself.

    They are as `active_selection` gives them. Raises: VendorRefused, too, if the window is not
    open.
    """
    body = {"productIds": [dict(product) for product in products]}
    with _is_open():
        session.ask(_request("POST", "set-active-selection", window_id, body=body), BytesIO())


@redacted()
def product_profile(
    session: Session, window_id: str, model_guid: str, product_id: str
) -> dict[str, Any]:
    """The elevation profile of a product that is loaded in the window, in project coordinates.

    `outer` is a closed polyline, an array of points; `inner`, if there is any, an array of such.
    Their unit is not documented. Raises: VendorRefused, too, if the window is not open or the
    product is not loaded in it.
    """
    asked = (("modelGuid", model_guid), ("productId", product_id))
    request = _request("GET", "product-profile", window_id, params=asked)
    with _is_open():
        found = session.ask_json(request)
    _array(request, found, "outer")
    return dict(found)


def _request(
    method: str,
    name: str,
    window_id: str,
    *,
    params: tuple[tuple[str, str], ...] = (),
    body: Any = None,
) -> Request:
    path = path_of("viewer", name)
    headers = ((WINDOW_HEADER, window_id),)
    return Request(method, path, params=params, json_body=body, headers=headers)


@contextmanager
def _is_open() -> Iterator[None]:
    """Whoever asks for a window that is not open is told where to look."""
    try:
        yield
    except VendorRefused as refusal:
        if refusal.status not in _NO_WINDOW:
            raise
        raise VendorRefused(
            f"{refusal} The window may be closed, or the id be that of a modification session: "
            "GET /sessions lists the windows that are open.",
            refusal.status,
        ) from None


def _array(request: Request, found: object, key: str) -> list[Any]:
    """The array that the answer has under this key, whatever its case."""
    listed = member(found, key) if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise _refused(request, found, f"it has no array '{key}'")
    return listed


def _refused(request: Request, found: object, why: str) -> NotUnderstood:
    return answers.refused(request.target, excerpt(found), why)
