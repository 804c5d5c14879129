"""Ids as the service has them; what the lake lacks is our own, the same at every start."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from uuid import NAMESPACE_URL, UUID, uuid5

UUID_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UNIQUE_ID = re.compile(UUID_FORM.pattern + r"-[0-9a-f]{8}")

_IFC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"
_DIGITS = {letter: digit for digit, letter in enumerate(_IFC)}
_IFC_GUID = re.compile(r"[0-3][0-9A-Za-z_$]{21}")
_LOWEST_ELEMENT_ID = 100_000
_HIGHEST_ELEMENT_ID = 2**31


def uuid(*names: str) -> str:
    """For what the names stand for, such as a kind, a project and a model."""
    return str(uuid5(NAMESPACE_URL, json.dumps(["autodesk", *names])))


def opaque(*names: object) -> str:
    """22 characters of base64url, such as those of an index."""
    digest = hashlib.sha256(json.dumps(names, sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def short(*names: str) -> str:
    """8 hex digits at most: without zeros in front."""
    digest = hashlib.sha256(json.dumps(names).encode()).hexdigest()
    return digest[:8].lstrip("0") or "0"


def field_key(category: str | None, name: str, type_: str, uom: str | None, attempt: int) -> str:
    """p and 8 hex digits; another one for each attempt, should two fields meet in one."""
    digest = hashlib.sha256(json.dumps([category, name, type_, uom]).encode()).hexdigest()
    return "p" + digest[8 * attempt : 8 * attempt + 8]


def expanded(ifc_guid: str | None) -> int | None:
    """The 128 bits of a GlobalId; None if it is none."""
    if ifc_guid is None or not _IFC_GUID.fullmatch(ifc_guid):
        return None
    number = 0
    for letter in ifc_guid:
        number = number * 64 + _DIGITS[letter]
    return number


def unique_id(guid: int, element_id: int) -> str:
    """The UniqueId of an element whose GlobalId has these bits."""
    return f"{UUID(int=guid ^ element_id)}-{element_id:08x}"


def external_ids(
    elements: Iterable[tuple[str, str | None, str | None, int]],
) -> list[tuple[str, str]]:
    """(externalId, ElementId) for each of (element_id, ifc_guid, authoring_id, svf2Id).

    The externalId is a UniqueId from which the GlobalId follows. Without a good GlobalId it is a
    bare UUID, from which none can. The ElementId is the authoring id if that is a number.
    """
    given: set[str] = set()
    ids = []
    for element_id, ifc_guid, authoring_id, svf2_id in elements:
        guid = expanded(ifc_guid)
        number = _own_number(element_id, authoring_id) or _LOWEST_ELEMENT_ID + svf2_id
        external_id = _external_id(element_id, guid, number)
        while external_id in given:
            number = _LOWEST_ELEMENT_ID + svf2_id if number < _LOWEST_ELEMENT_ID else number + 1
            external_id = _external_id(element_id, guid, number)
        given.add(external_id)
        ids.append((external_id, str(number)))
    return ids


def _external_id(element_id: str, guid: int | None, number: int) -> str:
    return uuid("element", element_id) if guid is None else unique_id(guid, number)


def _own_number(element_id: str, authoring_id: str | None) -> int | None:
    """The element's number in the program that drew it, as far as the lake tells."""
    number = _element_number(authoring_id)
    if number is None and UNIQUE_ID.fullmatch(element_id):
        return int(element_id[-8:], 16)
    return number


def _element_number(authoring_id: str | None) -> int | None:
    if authoring_id is None or not re.fullmatch(r"[1-9][0-9]{0,9}", authoring_id):
        return None
    number = int(authoring_id)
    return number if number < _HIGHEST_ELEMENT_ID else None
