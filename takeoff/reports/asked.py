"""What is asked of a report: its parameters, understood and checked against its header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from takeoff.core.errors import InputRefused
from takeoff.engines.engine import Engine
from takeoff.engines.statements import BASES
from takeoff.reports.catalog import Param, Query
from takeoff.reports.notes import Overlap, find_overlaps

# These are not bound in the SQL: they shape what the marts pick and show.
_FOR_THE_MARTS = (
    *("basis", "quantity", "class", "storey"),
    *("rules", "system", "codes", "mapping", "rates", "region", "factors", "of"),
)
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Asked:
    """A question to one report. `values` are bound in its SQL; `shown` is what people read.

    Empty `basis`, `quantities`, `classes` and `storeys` mean all that there are.
    """

    values: Mapping[str, Any]
    basis: tuple[str, ...]
    quantities: tuple[str, ...]
    classes: tuple[str, ...]
    storeys: tuple[str, ...]
    shown: Mapping[str, str]
    hidden_columns: frozenset[str]
    overlaps: tuple[Overlap, ...]


def understand(engine: Engine, query: Query, params: Mapping[str, Any]) -> Asked:
    """Raises: InputRefused for a parameter that is unknown, missing, or not of its type."""
    _refuse_unknown(query, params)
    overlaps = find_overlaps(engine)
    is_doubled = any(pair.is_same_building for pair in overlaps)
    by = _by(query, params.get("by"), must_tell_models_apart=is_doubled)
    given = {param.name: _value(query, param, params.get(param.name)) for param in query.params}
    basis = tuple(given.get("basis") or query.basis)
    quantities = tuple(given.get("quantity") or ())
    classes = tuple(given.get("class") or ())
    storeys = tuple(given.get("storey") or ())
    _refuse_wrong_basis(basis)
    refuse_misspelt(engine, quantities)
    _refuse_unknown_elements(engine, "class", "ifc_class", classes)
    _refuse_unknown_elements(engine, "storey", "storey_name", storeys)
    values = {name: value for name, value in given.items() if name not in _FOR_THE_MARTS}
    switches = {f"by_{grouping.name}": grouping.name in by for grouping in query.groupings}
    shown = {"by": ", ".join(by) or "nothing"} if query.groupings else {}
    shown |= {name: _shown(value) for name, value in given.items() if value is not None}
    return Asked(
        values={**values, **switches},
        basis=basis,
        quantities=quantities,
        classes=classes,
        storeys=storeys,
        shown=shown,
        hidden_columns=_hidden(query, by),
        overlaps=overlaps,
    )


def _refuse_unknown(query: Query, params: Mapping[str, Any]) -> None:
    known = [param.name for param in query.params] + (["by"] if query.groupings else [])
    for name in params:
        if name not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InputRefused(f"The report {query.name} has no parameter '{name}'; {takes}.")


def _by(query: Query, given: object, *, must_tell_models_apart: bool) -> tuple[str, ...]:
    """The groupings that are on, in the order of the header, which is that of the columns."""
    known = [grouping.name for grouping in query.groupings]
    chosen = {grouping.name for grouping in query.groupings if grouping.is_default}
    if given is not None:
        chosen = set(_texts(given))
    for name in sorted(chosen - set(known)):
        raise InputRefused(
            f"The report {query.name} cannot be grouped by '{name}'; it can by {', '.join(known)}."
        )
    if must_tell_models_apart and "model" in known:
        chosen.add("model")
    return tuple(name for name in known if name in chosen)


def _hidden(query: Query, by: Sequence[str]) -> frozenset[str]:
    """Columns of groupings that are off, unless one that is on shows them too."""
    on = {c for grouping in query.groupings if grouping.name in by for c in grouping.columns}
    every = {c for grouping in query.groupings for c in grouping.columns}
    return frozenset(every - on)


def _value(query: Query, param: Param, given: object) -> Any:
    if given is None:
        if param.is_required:
            raise InputRefused(
                f"The report {query.name} needs the parameter {param.name}: {param.meaning}."
            )
        given = param.default
    if given is None:
        return None
    try:
        value = _typed(param.type, given)
    except (ValueError, KeyError, InvalidOperation) as error:
        raise InputRefused(
            f"The parameter {param.name} of report {query.name} is {param.type}, "
            f"{given!r} is not: {param.meaning}."
        ) from error
    _refuse_other_than_choices(query, param, value)
    return value


def _refuse_other_than_choices(query: Query, param: Param, value: object) -> None:
    for one in value if isinstance(value, list) else [value]:
        if param.choices and str(one) not in param.choices:
            raise InputRefused(
                f"The parameter {param.name} of report {query.name} cannot be '{one}'; "
                f"it can be {' or '.join(param.choices)}."
            )


def _typed(type_: str, given: object) -> Any:
    match type_:
        case "texts":
            return _texts(given)
        case "boolean":
            return _FLAGS[str(given).lower()]
        case "integer":
            return int(str(given))
        case "decimal":
            return _finite(Decimal(str(given)))
        case _:
            return str(given)


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError(f"{number} is no number to compare with")
    return number


def _texts(given: object) -> list[str]:
    if isinstance(given, (list, tuple)):
        return [str(item) for item in given]
    return [part.strip() for part in str(given).split(",") if part.strip()]


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _refuse_wrong_basis(basis: Sequence[str]) -> None:
    for name in basis:
        if name not in BASES or basis.count(name) > 1:
            raise InputRefused(
                f"basis cannot be '{', '.join(basis)}'; name some of {', '.join(BASES)}, each once."
            )


def refuse_misspelt(engine: Engine, quantities: Sequence[str]) -> None:
    """A quantity that no model has is a fair question, unless it looks like one that is there."""
    if not quantities:
        return
    rows = engine.query("select quantity from known_quantities order by quantity").read_all()
    known = {name.lower(): name for name in ["Count", *rows.column("quantity").to_pylist()]}
    for name in quantities:
        near = get_close_matches(name.lower(), known, n=1, cutoff=0.9)
        if near and known[near[0]] != name and name not in known.values():
            raise InputRefused(
                f"No model has the quantity '{name}'; did you mean {known[near[0]]}?"
            )


def _refuse_unknown_elements(engine: Engine, param: str, column: str, names: Sequence[str]) -> None:
    """A class or storey that no element has would be a report without a line."""
    if not names:
        return
    sql = f"select distinct {column} from counted_elements where counted and {column} is not null"
    known = sorted(engine.query(sql).read_all().column(0).to_pylist())
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=3) or known[:20]
            hint = f"did you mean {' or '.join(near)}?" if near else "no element has one."
            raise InputRefused(f"No element that counts has the {param} '{name}'; {hint}")
