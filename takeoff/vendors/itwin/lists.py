"""Lists that come in pages: each next link is followed as it was given, until there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TypeVar

from takeoff.core.errors import NotUnderstood
from takeoff.core.sink import Sink
from takeoff.http.messages import Request
from takeoff.http.session import Session
from takeoff.vendors.itwin import answers
from takeoff.vendors.itwin.answers import Json

T = TypeVar("T")
# One JSON object and the name of its answer -> what it says.
Reader = Callable[[Json, str], T]

# More pages than any list of the contract can have; a list that goes on is not believed.
_MOST_PAGES = 100_000


@dataclass(frozen=True)
class Kept:
    """Where the pages of a list are kept: the sink, and the place of the list in the evidence."""

    sink: Sink
    order: tuple[int, ...]


def listed(
    session: Session, request: Request, key: str, of: Reader[T], kept: Kept | None = None
) -> list[T]:
    """All items of a list, in order. An empty page with a next link goes on.

    With `kept` every page is kept, and what an earlier try of the same fetch has kept is read.
    Raises: NotUnderstood for a page without the list, or a link that was followed before;
    VendorRefused; TryLater.
    """
    return [
        of(item, page.target)
        for page, value in pages(session, request, kept)
        for item in answers.objects(value, key, page.target)
    ]


def pages(session: Session, request: Request, kept: Kept | None) -> Iterator[tuple[Request, Json]]:
    """Each page with the request that brought it."""
    seen: set[str] = set()
    following: Request | None = request
    for number in range(_MOST_PAGES):
        if following is None:
            return
        if following.target in seen:
            raise NotUnderstood(
                f"iTwin's list {request.path} links back to a page that has come already; "
                "the service does not page as it should."
            )
        seen.add(following.target)
        value = _page(session, following, kept, number)
        yield following, value
        link = answers.href(value, "next")
        following = None if link is None else replace(session.link(link), headers=request.headers)
    raise NotUnderstood(f"iTwin's list {request.path} does not end.")


def _page(session: Session, request: Request, kept: Kept | None, number: int) -> Json:
    if kept is None:
        content = BytesIO()
        session.ask(request, content)
        return answers.as_object(answers.parsed(content.getvalue(), request.target), request.target)
    return kept_object(session, request, Kept(kept.sink, (*kept.order, number)))


def kept_object(session: Session, request: Request, kept: Kept) -> Json:
    """The object that answers a request; it is kept once it was understood."""
    held = kept.sink.held(request.asked)
    if held is not None:
        return answers.read_object(held, request.target)
    part = kept.sink.part()
    answer = session.ask(request, part)
    found = answers.read_object(part, request.target)
    kept.sink.keep(request.asked, part, order=kept.order, status=answer.status)
    return found


def object_of(session: Session, request: Request) -> Json:
    """The object that answers a request, kept nowhere."""
    return answers.as_object(session.ask_json(request), request.target)


def inner_of(session: Session, request: Request, key: str) -> Json:
    """The object under `key` in the answer."""
    return answers.inner(session.ask_json(request), key, request.target)
