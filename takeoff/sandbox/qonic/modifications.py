"""What a modification asks for, checked value by value against the products as they are.

All of it is done or, if anything is wrong, nothing: then every value that is wrong is named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from takeoff.sandbox.qonic import sql
from takeoff.sandbox.qonic.answers import Refused, json_bytes
from takeoff.sandbox.qonic.columns import Cell, Column, json_text
from takeoff.sandbox.qonic.model import PLAIN_FIELDS, Model

_KINDS = {"add": "add", "update": "update", "delete": "delete", "addorupdate": "addOrUpdate"}
_TEXTS = ("Name", "Class")
_PLACE = "SpatialLocation"
_PARTS = {"Site": "site", "Building": "building", "Floor": "storey", "Space": "space"}

# Whether there may be a property of this set and name.
IsDefined = Callable[[str, str], bool]
# Field -> product's row -> its new cell; null takes the property away.
Cells = dict[str, dict[int, Cell | None]]


class _Digits(str):
    """A number of the body as it stands there, with all of its digits."""


@dataclass(frozen=True)
class Wrong:
    """One value that cannot be written."""

    guid: str
    field: str
    error: str
    description: str

    @property
    def shown(self) -> dict[str, str]:
        """With exactly the keys that the vendor's client takes."""
        return dict(vars(self))


class _Cannot(Exception):
    def __init__(self, error: str, description: str, part: str = "") -> None:
        super().__init__(description)
        self.error, self.description, self.part = error, description, part


def read_body(raw: bytes) -> dict[str, dict[str, dict[str, Any]]]:
    """Kind of change -> field -> guid -> value; kinds are known whatever their case.

    Raises: Refused with 400.
    """
    try:
        body = json.loads(raw, parse_float=_Digits, parse_int=_Digits, parse_constant=_no_number)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "InvalidBody", "The body is a JSON object.")
    read: dict[str, dict[str, dict[str, Any]]] = {}
    for key, fields in body.items():
        kind = _KINDS.get(key.lower())
        if kind is None:
            raise Refused(400, "InvalidBody", f"There is no change '{key}'.", key)
        fields = {} if fields is None else fields
        if not isinstance(fields, dict) or not all(isinstance(f, dict) for f in fields.values()):
            raise Refused(400, "InvalidBody", f"{key} is an object of fields by guid.", key)
        read[kind] = fields
    return read


def checked(
    model: Model,
    columns: Mapping[str, Column],
    body: Mapping[str, Mapping[str, Any]],
    is_defined: IsDefined,
) -> tuple[Cells, list[Wrong]]:
    """The cells that the body makes of the model, and what of it is wrong."""
    cells: Cells = {}
    wrong: list[Wrong] = []
    for kind, field, guid, value in _each(body):
        row = model.row_of.get(guid)
        try:
            if row is None:
                raise _Cannot("ProductNotFound", "The model has no such product.")
            known = _known(columns, cells, field, row)
            cell = _cell(model, kind, field, known, value)
            set_json = None if cell is None or field in columns else cell[0]
            if set_json is not None and not is_defined(json.loads(set_json), field):
                raise _Cannot("PropertyNotDefined", "The project does not define it.")
            cells.setdefault(field, {})[row] = cell
        except _Cannot as cannot:
            name = f"{field}.{cannot.part}" if cannot.part else field
            wrong.append(Wrong(guid, name, cannot.error, cannot.description))
    return cells, wrong


def is_standard(set_name: str) -> bool:
    """Whether it is a set of IFC itself."""
    return set_name.startswith(("Pset_", "Qto_"))


def _each(body: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str, Any]]:
    for kind, fields in body.items():
        for field, by_guid in fields.items():
            for guid, value in by_guid.items():
                yield kind, field, guid, value


def _known(columns: Mapping[str, Column], cells: Cells, field: str, row: int) -> Cell | None:
    """The cell as it is now; null if the product has none."""
    if row in cells.get(field, {}):
        return cells[field][row]
    column = columns.get(field)
    return None if column is None else column.cell(row)


def _cell(model: Model, kind: str, field: str, known: Cell | None, value: Any) -> Cell | None:
    if field == _PLACE and kind != "delete":
        return None, _moved(model, known, value)
    if field in PLAIN_FIELDS and (field not in _TEXTS or kind == "delete"):
        raise _Cannot("FieldNotEditable", f"{field} cannot be changed.")
    if kind == "add" and known is not None and known[1] != "null":
        raise _Cannot("PropertyExists", "The product has this property already.")
    if kind in ("update", "delete") and known is None and field not in _TEXTS:
        raise _Cannot("PropertyNotFound", "The product has no such property.")
    if kind == "delete":
        return None
    if field in _TEXTS:
        if value is not None and (not isinstance(value, str) or isinstance(value, _Digits)):
            raise _Cannot("InvalidValue", f"{field} is a text.")
        return None if value is None else (None, json_text(value))
    return _property(known, value)


def _property(known: Cell | None, value: Any) -> Cell:
    """A property's cell; a value alone, or one without a set, keeps the set that it stands in."""
    said = {"Value": value} if not isinstance(value, dict) else value
    folded = {key.lower(): item for key, item in said.items()}
    set_name = folded.get("propertyset")
    if set_name is None and known is not None and known[0] is not None:
        set_json = known[0]
    elif isinstance(set_name, str) and set_name:
        set_json = json_text(set_name)
    else:
        raise _Cannot("PropertySetMissing", "A property is written with its PropertySet.")
    return set_json, _scalar(folded.get("value"))


def _scalar(value: Any) -> str:
    if isinstance(value, dict | list):
        raise _Cannot("InvalidValue", "A value is a text, a number, true, false or null.")
    return str(value) if isinstance(value, _Digits) else json.dumps(value, ensure_ascii=False)


def _moved(model: Model, known: Cell | None, value: Any) -> str:
    """The place as JSON with the parts that are given; each must be one of the model's places."""
    if not isinstance(value, dict):
        raise _Cannot("InvalidValue", "A place is an object with Site, Building, Floor, Space.")
    place = json.loads(known[1]) if known is not None else dict.fromkeys(_PARTS, "")
    for part, name in value.items():
        if part == "SpatialLocationId":
            continue
        if part not in _PARTS:
            raise _Cannot("InvalidValue", "A place has no such part.", part)
        found = [
            row["location_id"]
            for row in model.rows(sql.LOCATIONS)
            if (row["kind"], row["name"]) == (_PARTS[part], name)
        ]
        if name and not found:
            raise _Cannot("LocationNotFound", f"There is no place '{name}'.", part)
        place[part] = name or ""
        if found:
            place["SpatialLocationId"] = found[0]
    return json_bytes(place).decode()


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
