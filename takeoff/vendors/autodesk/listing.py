"""Where models are found: accounts, projects, folders, items and their versions (Data Management).

Answers are JSON:API documents. Lists are paged by links; Autodesk calls accounts hubs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

from takeoff.core.errors import NotUnderstood
from takeoff.core.plain import excerpt
from takeoff.http.messages import Request
from takeoff.http.session import Session
from takeoff.vendors.autodesk import endpoints
from takeoff.vendors.autodesk.answers import member, object_of, refused, text, whole
from takeoff.vendors.autodesk.ids import version_number

_AT_ONCE = 4
_NAMES = ("displayName", "name", "fileName")

T = TypeVar("T")


@dataclass(frozen=True)
class Hub:
    """An account. `id` is as Data Management writes it, with its prefix."""

    id: str
    name: str | None


@dataclass(frozen=True)
class Hubs:
    """The accounts that the login sees; `warning` says why some may be missing, or is null."""

    found: list[Hub]
    warning: str | None


@dataclass(frozen=True)
class Project:
    """A project of an account, with the prefix of its id."""

    id: str
    name: str | None


@dataclass(frozen=True)
class Folder:
    """A folder. Hidden ones hold what people have deleted."""

    urn: str
    name: str | None
    is_hidden: bool


@dataclass(frozen=True)
class Item:
    """A file. `lineage_urn` stays the same; `tip_urn` is its newest version, null if not told."""

    lineage_urn: str
    name: str | None
    tip_urn: str | None
    is_hidden: bool


@dataclass(frozen=True)
class ItemVersion:
    """One version of an item. `number` is null if it is not told."""

    urn: str
    number: int | None
    name: str | None


@dataclass(frozen=True)
class Contents:
    """What lies in one folder, in the service's order."""

    folders: list[Folder]
    items: list[Item]


def hubs(session: Session) -> Hubs:
    """The accounts that the login may see. Raises: VendorRefused; TryLater; NotUnderstood."""
    request = endpoints.hubs()
    document = _document(session, request)
    warnings = member(document, "meta", "warnings")
    said = [_warning(item) for item in warnings] if isinstance(warnings, list) else []
    found = [Hub(_id(item, request), _name(item)) for item in _data(document, request)]
    return Hubs(found, "; ".join(filter(None, said)) or None)


def projects(session: Session, hub_id: str) -> list[Project]:
    """The projects of an account. Raises as `hubs`."""
    request = endpoints.projects(hub_id)
    return [Project(_id(item, request), _name(item)) for item in _all(session, request)]


def top_folders(session: Session, hub_id: str, project_id: str) -> list[Folder]:
    """The folders at the top of a project. Raises as `hubs`."""
    request = endpoints.top_folders(hub_id, project_id)
    return [_folder(item, request) for item in _all(session, request)]


def folder_contents(session: Session, project_id: str, folder_urn: str) -> Contents:
    """The folders and items right in a folder. Raises as `hubs`."""
    request = endpoints.folder_contents(project_id, folder_urn)
    found = list(_all(session, request))
    return Contents(
        [_folder(item, request) for item in found if item.get("type") == "folders"],
        [_item(item, request) for item in found if item.get("type") == "items"],
    )


def item_versions(session: Session, project_id: str, lineage_urn: str) -> list[ItemVersion]:
    """All versions of an item, newest first. Raises as `hubs`; NotUnderstood if there is none."""
    request = endpoints.item_versions(project_id, lineage_urn)
    found = [_version(item, request) for item in _all(session, request)]
    if not found:
        raise refused(request.target, b"", "the item has no version")
    # Python's sort is stable: versions without a number stay in the service's order.
    return sorted(found, key=lambda item: -1 if item.number is None else item.number, reverse=True)


def items(session: Session, hub_id: str, project_id: str) -> Iterator[Item]:
    """Every item that is not hidden, folder by folder, those at the top first. Raises as `hubs`."""
    level = _seen(top_folders(session, hub_id, project_id))
    known = {folder.urn for folder in level}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while level:
            read = _reader(session, project_id)
            found = list(pool.map(read, [folder.urn for folder in level]))
            yield from (item for contents in found for item in _seen(contents.items))
            below = [folder for contents in found for folder in _seen(contents.folders)]
            level = [folder for folder in below if folder.urn not in known]
            known |= {folder.urn for folder in level}


def _reader(session: Session, project_id: str) -> Callable[[str], Contents]:
    return lambda folder_urn: folder_contents(session, project_id, folder_urn)


Hidden = TypeVar("Hidden", Folder, Item)


def _seen(found: Iterable[Hidden]) -> list[Hidden]:
    return [one for one in found if not one.is_hidden]


def _all(session: Session, first: Request) -> Iterator[dict[str, Any]]:
    """The items of all pages.

    Raises: NotUnderstood if a page links to one that was there before.
    """
    request, asked = first, set[str]()
    while True:
        asked.add(request.target)
        document = _document(session, request)
        yield from _data(document, request)
        following = member(document, "links", "next")
        href = text(following if isinstance(following, str) else member(following, "href"))
        if href is None:
            return
        request = session.link(href)
        if request.target in asked:
            raise NotUnderstood(
                f"Autodesk's list {first.path} leads in a circle: its next page was there before. "
                "Nothing was committed; ask again later."
            )


def _document(session: Session, request: Request) -> dict[str, Any]:
    content = BytesIO()
    session.ask(request, content)
    return object_of(content.getvalue(), request.target)


def _data(document: dict[str, Any], request: Request) -> list[dict[str, Any]]:
    data = document.get("data")
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise refused(request.target, excerpt(document), "it has no list 'data' of objects")
    return data


def _folder(item: dict[str, Any], request: Request) -> Folder:
    return Folder(_id(item, request), _name(item), _is_hidden(item))


def _item(item: dict[str, Any], request: Request) -> Item:
    tip = text(member(item, "relationships", "tip", "data", "id"))
    return Item(_id(item, request), _name(item), tip, _is_hidden(item))


def _version(item: dict[str, Any], request: Request) -> ItemVersion:
    urn = _id(item, request)
    stated = whole(member(item, "attributes", "versionNumber"))
    return ItemVersion(urn, version_number(urn) if stated is None else stated, _name(item))


def _id(item: dict[str, Any], request: Request) -> str:
    found = text(item.get("id"))
    if found is None:
        raise refused(request.target, excerpt(item), "one of 'data' has no id")
    return found


def _name(item: dict[str, Any]) -> str | None:
    found = (text(member(item, "attributes", name)) for name in _NAMES)
    return next((name for name in found if name is not None), None)


def _is_hidden(item: dict[str, Any]) -> bool:
    return member(item, "attributes", "hidden") is True


def _warning(given: Any) -> str | None:
    words = [text(member(given, key)) for key in ("Title", "title", "Detail", "detail")]
    return ": ".join(dict.fromkeys(filter(None, words))) or text(given)
