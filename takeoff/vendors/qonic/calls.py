"""Every call of the contract that reads, one function each: one request, its answer as values.

`client.ask` asks for all that a takeoff needs, proved complete, and keeps the answers as evidence;
these are for whoever wants to look at one of them. Ids are text. A name or guid that an answer
leaves out is null. Every function raises VendorRefused, TryLater, and NotUnderstood for an answer
that is not of the contract's form.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from takeoff.core.refs import ModelRef, Operation
from takeoff.http.messages import Request
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.qonic import answers, calculations, endpoints, lookups, results, rows
from takeoff.vendors.qonic.answers import member, text
from takeoff.vendors.qonic.asked import Filter
from takeoff.vendors.qonic.lookups import (
    Answer,
    Codifications,
    Definition,
    Entry,
    Library,
    Location,
    MaterialLibrary,
)
from takeoff.vendors.qonic.results import PerProduct, Totals


@dataclass(frozen=True)
class FieldNames:
    """One page of field names; `stated_total` of all pages is null if the page states none."""

    names: list[str]
    stated_total: int | None


@dataclass(frozen=True)
class ProductPage:
    """One page of products as the JSON objects they are, its number and size as answered.

    `stated_total` is that of all products that match; each is null if the page does not state it.
    """

    products: list[dict[str, Any]]
    stated_total: int | None
    page: int | None
    page_size: int | None


@redacted()
def scopes(session: Session) -> list[str]:
    """What a login may be allowed, such as models:read. Needs no login itself."""
    answer = _answer(session, endpoints.scopes())
    listed = member(answer.as_object(), "scopes")
    return _names(answer, listed, "scopes", ("name", "scope", "value", "id"))


@redacted()
def apps(session: Session) -> dict[str, str]:
    """Client id by the name of the service's own app. Needs no login itself."""
    answer = _answer(session, endpoints.apps())
    found = {name: text(client_id) for name, client_id in answer.as_object().items()}
    return {name: client_id for name, client_id in found.items() if client_id is not None}


@redacted()
def tokens(session: Session) -> list[str]:
    """The ids of the tokens that the user has given out."""
    answer = _answer(session, endpoints.tokens())
    listed = answers.parsed(answer.raw, answer.name)
    listed = member(listed, "tokens") if isinstance(listed, dict) else listed
    return _names(answer, listed, "the answer", ("id", "tokenId"))


@redacted()
def projects(session: Session) -> dict[str, str | None]:
    """Name by id of the projects that the login may see, in the service's order."""
    return _listed(_answer(session, endpoints.projects()), "projects")


@redacted()
def models(session: Session, project_id: str) -> dict[str, str | None]:
    """Name by id of the project's models, in the service's order."""
    return _listed(_answer(session, endpoints.models(project_id)), "models")


@redacted()
def available(session: Session, ref: ModelRef, page: int = 1) -> FieldNames:
    """One page of the names that products have fields of."""
    return _field_names(session, endpoints.available(ref.project_id, ref.model_id, page))


@redacted()
def products(
    session: Session,
    ref: ModelRef,
    fields: Sequence[str] = (),
    filters: Sequence[Filter] = (),
    *,
    page: int = 1,
    page_size: int = endpoints.PAGE_SIZE,
) -> ProductPage:
    """One page of the products that match all filters; no fields named means all."""
    ids = (ref.project_id, ref.model_id)
    request = endpoints.products(*ids, page, fields, page_size=page_size, filters=filters)
    answer = _answer(session, request)
    found = answers.parsed(answer.raw, answer.name)
    found = {"result": found} if isinstance(found, list) else found
    listed = rows.rows_of(found, answer.raw, answer.name)[1]
    numbers = [_number(answer, found, key) for key in ("totalCount", "page", "pageSize")]
    return ProductPage(listed, *numbers)


@redacted()
def start_quantities(
    session: Session, ref: ModelRef, calculators: Sequence[str], filters: Sequence[Filter] = ()
) -> Operation:
    """Let the service add up the products that match."""
    request = endpoints.quantities(ref.project_id, ref.model_id, calculators, filters)
    return calculations.asked(session, request)


@redacted()
def quantities_result(
    session: Session, ref: ModelRef, operation_id: str, known_guids: Set[str] = frozenset()
) -> Totals | PerProduct:
    """What came out. `known_guids` are for results by products whose ids are no GlobalIds."""
    request = endpoints.quantities_result(ref.project_id, ref.model_id, operation_id)
    return results.quantities(_downloaded(session, request), known_guids)


@redacted()
def dynamic_available(session: Session, ref: ModelRef, page: int = 1) -> FieldNames:
    """One page of the names of the values that the service calculates for each product."""
    return _field_names(session, endpoints.dynamic_available(ref.project_id, ref.model_id, page))


@redacted()
def start_dynamic(
    session: Session, ref: ModelRef, fields: Sequence[str] = (), filters: Sequence[Filter] = ()
) -> Operation:
    """Let the service calculate values of the products that match; no fields named means all."""
    request = endpoints.dynamic(ref.project_id, ref.model_id, fields, filters)
    return calculations.asked(session, request)


@redacted()
def dynamic_result(
    session: Session, ref: ModelRef, operation_id: str, known_guids: Set[str] = frozenset()
) -> PerProduct:
    """What came out; `known_guids` as for `quantities_result`."""
    request = endpoints.dynamic_result(ref.project_id, ref.model_id, operation_id)
    return results.dynamic(_downloaded(session, request), rows.RowReader(), known_guids)


@redacted()
def operation(session: Session, operation_id: str) -> Operation:
    """How far an operation is."""
    return calculations.look(session, operation_id)


@redacted()
def start_export(session: Session, ref: ModelRef) -> Operation:
    """Let the latest published version be exported as IFC."""
    return calculations.asked(session, endpoints.export(ref.project_id, ref.model_id))


@redacted()
def export_result(session: Session, ref: ModelRef, operation_id: str, into: Path) -> None:
    """Write the exported file to `into`; there is none if this fails."""
    session.download(endpoints.export_result(ref.project_id, ref.model_id, operation_id), into)


@redacted()
def codifications(session: Session, project_id: str) -> list[Library]:
    """The classification systems, without codes unless the service lists them still."""
    found = Codifications()
    found.add_list(_answer(session, endpoints.codifications(project_id)))
    return found.all


@redacted()
def codification(session: Session, project_id: str, library: str) -> Library:
    """One classification system with its codes."""
    found = Codifications()
    found.add_library(_answer(session, endpoints.codification(project_id, library)))
    return found.all[0]


@redacted()
def material_libraries(session: Session, project_id: str) -> list[MaterialLibrary]:
    """All libraries of materials."""
    request = endpoints.material_libraries(project_id)
    return lookups.material_libraries(_answer(session, request))


@redacted()
def material_library(session: Session, project_id: str, library: str) -> MaterialLibrary:
    """One library of materials."""
    request = endpoints.material_library(project_id, library)
    return lookups.material_library(_answer(session, request))


@redacted()
def locations(session: Session, project_id: str) -> dict[str, Location]:
    """Sites, buildings, floors and spaces by guid, whole before part."""
    return lookups.locations(_answer(session, endpoints.locations(project_id)))


@redacted()
def custom_properties(session: Session, project_id: str) -> dict[tuple[str, str], Definition]:
    """(set, property) -> what the project says that it measures, and in which unit."""
    return lookups.definitions(_answer(session, endpoints.custom_properties(project_id)))


@redacted()
def types(session: Session, project_id: str) -> dict[str, list[Entry]]:
    """The product types by library."""
    return lookups.types(_answer(session, endpoints.types(project_id)))


def _answer(session: Session, request: Request) -> Answer:
    content = BytesIO()
    session.ask(request, content)
    return Answer(request.target, 0, answers.unpacked(content.getvalue(), request.target))


def _downloaded(session: Session, request: Request) -> Answer:
    content = BytesIO()
    session.download(request, content)
    return Answer(request.target, 0, answers.unpacked(content.getvalue(), request.target))


def _listed(answer: Answer, key: str) -> dict[str, str | None]:
    """id -> name of a list of projects or models; ids are text, whatever they are in JSON."""
    items = member(answer.as_object(), key)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise answers.refused(answer.name, answer.raw, f"it has no list '{key}'")
    found = {}
    for item in items:
        if (item_id := text(member(item, "id"))) is None:
            raise answers.refused(answer.name, answer.raw, f"one of {key} has no id")
        found[item_id] = text(member(item, "name"))
    return found


def _field_names(session: Session, request: Request) -> FieldNames:
    answer = _answer(session, request)
    return FieldNames(lookups.fields(answer), _number(answer, answer.as_object(), "totalCount"))


def _names(answer: Answer, listed: object, what: str, keys: Sequence[str]) -> list[str]:
    """Texts, or the first member of these keys that each object has."""
    items = listed if isinstance(listed, list) else [None]
    found = [text(member(item, *keys) if isinstance(item, dict) else item) for item in items]
    if None in found:
        raise answers.refused(answer.name, answer.raw, f"{what} is no array of names")
    return [name for name in found if name is not None]


def _number(answer: Answer, found: dict[str, Any], key: str) -> int | None:
    given = member(found, key)
    written = text(given)
    if given is None or (written is not None and written.isdecimal()):
        return None if written is None else int(written)
    raise answers.refused(answer.name, answer.raw, f"its {key} is {given!r}")
