"""Lists in pages: every answer has _links, whose links are absolute and say how to go on."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from takeoff.sandbox.itwin.answers import answer, invalid
from takeoff.sandbox.switches import Switches

MOST = 1000  # "$top maximum 1000": vendor documents of iTwins, iModels, Grouping and Mapping
_USUAL = 100

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Page:
    """Where a page begins. `start` is null for a first request that names no place."""

    start: int | None
    size: int
    by_token: bool


def listed(
    key: str,
    items: Sequence[_Item],
    show: Callable[[_Item], Any],
    switches: Switches,
    *,
    by_token: bool = False,
    nulls: bool = False,
) -> Response:
    """One page of `items` under `key`.

    `by_token`: pages go on by $continuationToken; else by $skip, unless the request has a token,
    be it empty. `nulls`: links that there are not are null, else they are left out.
    Raises: Refused with 422.
    """
    page = _page(by_token, switches)
    start = page.start or 0
    stop = start + page.size
    if page.start is None and items and switches["itwin_empty_page"] == "yes":
        stop = start
    following = stop if stop < len(items) else None
    shown = {key: [show(item) for item in items[start:stop]]}
    if following is None and start == 0 and switches["itwin_links"] == "if_more":
        return answer(shown)
    links = {
        "self": {"href": _here(request.args.to_dict())},
        "prev": None if start == 0 else _link(page, max(0, start - page.size)),
        "next": None if following is None else _link(page, following),
    }
    if not nulls:
        links = {name: target for name, target in links.items() if target is not None}
        if page.by_token:
            links.pop("prev", None)
    return answer(shown | {"_links": links})


def is_representation() -> bool:
    """Whether the request prefers all that there is to say of each item."""
    return "return=representation" in request.headers.get("Prefer", "").replace(" ", "")


def _page(by_token: bool, switches: Switches) -> _Page:
    asked = request.args
    size = _number("$top", _USUAL)
    if size is None or not 1 <= size <= MOST:
        raise invalid("$top", f"$top is a whole number from 1 to {MOST}.")
    limit = switches.number("itwin_page_limit")
    size = min(size, limit or MOST)
    if by_token or "$continuationToken" in asked:
        return _Page(_place(asked.get("$continuationToken", "")), size, True)
    skipped = _number("$skip", None)
    return _Page(skipped, size, False)


def _number(name: str, usual: int | None) -> int | None:
    given = request.args.get(name, "")
    if given == "":
        return usual
    if not (given.isascii() and given.isdigit()):
        raise invalid(name, f"{name} is a whole number.")
    return int(given)


def _link(page: _Page, start: int) -> dict[str, str]:
    name = "$continuationToken" if page.by_token else "$skip"
    place = _token(start) if page.by_token else str(start)
    return {"href": _here({**request.args.to_dict(), name: place})}


def _here(asked: dict[str, str]) -> str:
    return f"{request.base_url}?{urlencode(asked, safe='$')}" if asked else request.base_url


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from {start}".encode()).decode()


def _place(token: str) -> int | None:
    """Where a token says to go on; null for the empty one that begins."""
    if token == "":
        return None
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(" ")
        if word == "from":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise invalid("$continuationToken", "The token is none of this list's.")
