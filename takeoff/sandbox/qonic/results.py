"""Result files of operations, in every shape that the contract lists as possible."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.plain import number
from takeoff.sandbox.qonic.columns import Column, json_text
from takeoff.sandbox.qonic.model import Model
from takeoff.sandbox.qonic.operations import File
from takeoff.sandbox.switches import Switches

CALCULATORS = ("Count", "Length", "NetArea", "GrossArea", "NetVolume", "GrossVolume")


class _Unit(NamedTuple):
    """A unit, and how many of it make one SI unit. Pieces have no name."""

    name: str | None
    per_si: Decimal


_PIECES = _Unit(None, Decimal(1))
_SI = {
    "Length": _Unit("m", Decimal(1)),
    "Area": _Unit("m2", Decimal(1)),
    "Volume": _Unit("m3", Decimal(1)),
}
_SMALL = {
    "Length": _Unit("mm", Decimal(1000)),
    "Area": _Unit("cm2", Decimal(10000)),
    "Volume": _Unit("l", Decimal(1000)),
}
# Wrappers and, for lists, the keys of the calculator and of its sum.
_WRAPPED = ("result", "results", "quantities", "data", "values")
_LISTS = {
    "list": ("calculator", "value"),
    "list_name": ("name", "value"),
    "list_quantity": ("quantity", "result"),
    "list_total": ("calculator", "total"),
}
_UNKNOWN = '{"cells":[[1,2],[3,4]],"legend":"see the manual"}'
_JSON = "application/json"
_CSV = "text/csv; charset=utf-8"
_BOM = b"\xef\xbb\xbf"

# A number as JSON; None if there is none.
_Values = Sequence[str | None]


def quantities_file(
    model: Model, calculators: Sequence[str], rows: pa.Array, switches: Switches
) -> File:
    """The sum of each calculator over the products `rows`: all that match the filters.

    A product counts with the one figure that is served of it under the quantity's very name, its
    property before its dynamic property; without one it is left out of the sum. Sums are decimals.
    """
    shape = switches["quantities_shape"]
    if shape in ("rows", "by_guid"):
        columns = {name: _each(model, name, rows, switches) for name in calculators}
        return _coded(_per_product(model, rows, columns, shape, switches), _JSON, switches)
    sums = {name: _sum(model, name, rows, switches) for name in calculators}
    if shape == "csv":
        table = [["Calculator", "Value"], *([name, _cell(v)] for name, v in sums.items())]
        return _coded(_csv(table), _CSV, switches)
    if shape == "csv_columns":
        cells = [_cell(value) for value in sums.values()]
        return _coded(_csv([list(sums), cells]), _CSV, switches)
    return _coded(_sums(sums, shape, switches), _JSON, switches)


def dynamic_file(model: Model, fields: Sequence[str], rows: pa.Array, switches: Switches) -> File:
    """The dynamic properties `fields` of each of the products `rows`."""
    shape = switches["dynamic_shape"]
    columns = {name: _numbers(model.dynamic[name], rows, switches) for name in fields}
    if shape == "csv":
        guids = [text[1:-1] for text in _guids(model, rows)]
        body = zip(guids, *([_cell(v) for v in vs] for vs in columns.values()), strict=True)
        return _coded(_csv([["Guid", *fields], *body]), _CSV, switches)
    return _coded(_per_product(model, rows, columns, shape, switches), _JSON, switches)


def _sum(model: Model, calculator: str, rows: pa.Array, switches: Switches) -> str | None:
    if calculator == "Count":
        total: Decimal | None = Decimal(len(rows))
    else:
        figures = model.counted.get(calculator)
        total = None if figures is None else pc.sum(figures.take(rows)).as_py()
    if total is None:
        return None
    if switches["control_totals"] == "wrong":
        total += 1
    total *= _unit_of(calculator, switches).per_si
    return _written(number(total) or "0", switches)


def _each(model: Model, calculator: str, rows: pa.Array, switches: Switches) -> _Values:
    if calculator == "Count":
        return [_written("1", switches)] * len(rows)
    figures = model.counted.get(calculator)
    if figures is None:
        return [None] * len(rows)
    error = 1 if switches["control_totals"] == "wrong" else 0
    values = figures.take(rows).to_pylist()
    return [None if v is None else _written(number(v + error) or "0", switches) for v in values]


def _numbers(column: Column, rows: pa.Array, switches: Switches) -> _Values:
    return [None if v is None else _written(v, switches) for v in column.json_values(rows)]


def _written(digits: str, switches: Switches) -> str:
    return f'"{digits}"' if switches["result_numbers"] == "text" else digits


def _sums(sums: Mapping[str, str | None], shape: str, switches: Switches) -> str:
    if shape == "unknown":
        return _UNKNOWN
    if shape in _LISTS:
        name_key, value_key = _LISTS[shape]
        return _array(
            _object(
                {name_key: json_text(name), value_key: value, "unit": _named(name, switches)},
                switches,
            )
            for name, value in sums.items()
            if value is not None or switches["uncomputed"] == "null"
        )
    if shape == "object":
        members: dict[str, str | None] = {
            name: None
            if v is None
            else _object({"value": v, "unit": _named(name, switches)}, switches)
            for name, v in sums.items()
        }
        return _object(members, switches)
    flat = _object(sums, switches)
    return f'{{"{shape}":{flat}}}' if shape in _WRAPPED else flat


def _unit_of(calculator: str, switches: Switches) -> _Unit:
    """The unit of a sum: the one that the contract assumes, if the form names none."""
    is_small = switches["result_units"] == "small" and (
        switches["quantities_shape"] in (*_LISTS, "object")
    )
    units = _SMALL if is_small else _SI
    return next((unit for word, unit in units.items() if calculator.endswith(word)), _PIECES)


def _named(calculator: str, switches: Switches) -> str | None:
    """The unit as JSON; None for pieces."""
    name = _unit_of(calculator, switches).name
    return None if name is None else json_text(name)


def _per_product(
    model: Model,
    rows: pa.Array,
    columns: Mapping[str, _Values],
    shape: str,
    switches: Switches,
) -> str:
    if shape == "unknown":
        return _UNKNOWN
    guids = _guids(model, rows)
    if shape == "by_field":
        by_field = {
            name: _by_guid(guids, [_maybe(v, switches) for v in values])
            for name, values in columns.items()
        }
        return _object(by_field, switches)
    products = zip(*columns.values(), strict=True) if columns else ((),) * len(guids)
    each = (dict(zip(columns, values, strict=True)) for values in products)
    if shape == "by_guid":
        return _by_guid(guids, [_object(product, switches) for product in each])
    if shape == "pairs":
        return _array(
            f'{{"guid":{guid},"properties":{_pairs(product, switches)}}}'
            for guid, product in zip(guids, each, strict=True)
        )
    if shape == "objects":
        each = ({name: _valued(v) for name, v in product.items()} for product in each)
    listed = _array(
        _object({"Guid": guid, **product}, switches)
        for guid, product in zip(guids, each, strict=True)
    )
    return listed if shape in ("list", "objects") else f'{{"result":{listed}}}'


def _guids(model: Model, rows: pa.Array) -> list[str]:
    """As JSON texts."""
    return [guid for guid in model.guids.json_values(rows) if guid is not None]


def _valued(value: str | None) -> str | None:
    return f'{{"PropertySet":null,"Value":{value or "null"}}}'


def _pairs(product: Mapping[str, str | None], switches: Switches) -> str:
    return _array(
        f'{{"name":{json_text(name)},"value":{value or "null"}}}'
        for name, value in product.items()
        if value is not None or switches["uncomputed"] == "null"
    )


def _by_guid(guids: Sequence[str], values: Sequence[str | None]) -> str:
    members = (f"{g}:{v}" for g, v in zip(guids, values, strict=True) if v is not None)
    return "{" + ",".join(members) + "}"


def _maybe(value: str | None, switches: Switches) -> str | None:
    return "null" if value is None and switches["uncomputed"] == "null" else value


def _object(members: Mapping[str, str | None], switches: Switches) -> str:
    shown = ((json_text(name), _maybe(value, switches)) for name, value in members.items())
    return "{" + ",".join(f"{name}:{value}" for name, value in shown if value is not None) + "}"


def _array(items: Any) -> str:
    return "[" + ",".join(items) + "]"


def _cell(value: str | None) -> str:
    return "" if value is None else value.strip('"')


def _csv(rows: Sequence[Any]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows(rows)
    return target.getvalue()


def _coded(text: str, content_type: str, switches: Switches) -> File:
    content = text.encode()
    if switches["result_coding"] == "gzip":
        return File(gzip.compress(content, 6, mtime=0), "application/gzip")
    if switches["result_coding"] == "bom":
        content = _BOM + content
    return File(content, content_type)
