"""What products have now, as the caller's own product query shows it: read before it is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

from takeoff.core.progress import Progress
from takeoff.core.refs import ModelRef
from takeoff.http.messages import Request
from takeoff.http.pages import Page, Pages
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.qonic import answers, endpoints, lookups, rows
from takeoff.vendors.qonic.answers import member, text
from takeoff.vendors.qonic.editing import Scalar
from takeoff.vendors.qonic.lookups import Answer


@dataclass(frozen=True)
class Present:
    """A property of a product. Numbers are exact. A set without a value is a property, too."""

    set_name: str | None
    value: Scalar


@dataclass(frozen=True)
class Definition:
    """What the project says of a property: String, Integer, Real, ...; null if it does not say."""

    data_type: str | None
    unit_name: str | None


@redacted()
def field_names(session: Session, ref: ModelRef) -> list[str]:
    """All names that products have fields of. Raises: VendorRefused; TryLater; NotUnderstood."""
    pages = Pages("field names", is_tolerant=True)
    names: dict[str, None] = {}
    while numbers := pages.to_ask():
        for number in numbers:
            answer = _answer(session, endpoints.available(ref.project_id, ref.model_id, number))
            found = lookups.fields(answer)
            names.update(dict.fromkeys(found))
            pages.saw(Page(number, _total(answer.as_object()), found))
    return list(names)


@redacted()
def properties(
    session: Session, ref: ModelRef, fields: Sequence[str], progress: Progress
) -> dict[str, dict[str, Present]]:
    """By Guid, for every product of the model, those of the properties that it has.

    Raises: NotUnderstood also if not all products come; VendorRefused; TryLater.
    """
    asked = list(dict.fromkeys(["Guid", *fields]))
    ids = (ref.project_id, ref.model_id)
    pages = Pages("products")
    products: dict[str, dict[str, Present]] = {}
    while numbers := pages.to_ask():
        for number in numbers:
            answer = _answer(session, endpoints.products(*ids, number, asked))
            found = answers.parsed(answer.raw, answer.name, exact=True)
            page, total = _rows(answer, found), _total(found)
            products.update((guid, _properties(row, fields)) for guid, row in page)
            if number == 1:
                progress.step("reading what products have now", total)
            progress.advance(len(page))
            pages.saw(Page(number, total, [guid for guid, _ in page]))
    pages.proof()
    return products


@redacted()
def definitions(session: Session, ref: ModelRef) -> dict[tuple[str, str], Definition]:
    """(set, property) -> what the project says of it; of two of one name the first."""
    answer = _answer(session, endpoints.custom_properties(ref.project_id))
    found: dict[tuple[str, str], Definition] = {}
    for set_ in answer.list_of(member(answer.as_object(), "sets"), "sets"):
        for item in answer.list_of(member(set_, "propertyDefinitions"), "propertyDefinitions"):
            key = (text(member(set_, "name")) or "", text(member(item, "name")) or "")
            said = Definition(text(member(item, "dataType")), text(member(item, "unitName")))
            found.setdefault(key, said)
    return found


def _answer(session: Session, request: Request) -> Answer:
    content = BytesIO()
    session.ask(request, content)
    return Answer(request.target, 0, answers.unpacked(content.getvalue(), request.target))


def _total(found: Any) -> int | None:
    given = text(member(found, "totalCount")) if isinstance(found, dict) else None
    return int(given) if given is not None and given.isdecimal() else None


def _rows(answer: Answer, found: Any) -> list[tuple[str, Mapping[str, Any]]]:
    found = {"result": found} if isinstance(found, list) else found
    listed: list[tuple[str, Mapping[str, Any]]] = []
    for row in rows.rows_of(found, answer.raw, answer.name)[1]:
        guid = text(member(row, "Guid"))
        if guid is None:
            raise answers.refused(answer.name, answer.raw, "a row has no Guid")
        listed.append((guid, row))
    return listed


def _properties(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Present]:
    found = {name: _present(member(row, name)) for name in fields}
    return {name: present for name, present in found.items() if present is not None}


def _present(given: Any) -> Present | None:
    """Null if the product has no such property; the vendor writes that in several ways."""
    if not isinstance(given, dict):
        return None if given in (None, "") else Present(None, _scalar(given))
    set_name, value = text(member(given, "PropertySet")), _scalar(member(given, "Value"))
    return None if set_name is None and value is None else Present(set_name, value)


def _scalar(value: Any) -> Scalar:
    if value == "":
        return None
    if value is None or isinstance(value, str | bool | Decimal):
        return value
    return json.dumps(value, default=str)
