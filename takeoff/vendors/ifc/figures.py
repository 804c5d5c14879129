"""The rows of `quantities`: figures of sets, types, attributes and geometry, element by element."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from takeoff.core.quantity_names import QuantityNames
from takeoff.core.tables import TABLES
from takeoff.core.units import SI_UNITS, exact, shortest
from takeoff.vendors.ifc.batches import Rows
from takeoff.vendors.ifc.converter import MEASURES, Converter, Figure, Source
from takeoff.vendors.ifc.model import Entity
from takeoff.vendors.ifc.schema import EntityClass
from takeoff.vendors.ifc.sets import SetContent
from takeoff.vendors.ifc.values import Number
from takeoff.vendors.ifc.warnings import Warnings

if TYPE_CHECKING:
    from takeoff.vendors.ifc.geometry import Measured

_ONE = Decimal(1)
_WITH_ATTRIBUTES = frozenset(("physical", "part", "opening", "type"))
# Attributes that count something though the schema types them as plain integers.
_COUNTS = frozenset(("NumberOfRiser", "NumberOfRisers", "NumberOfTreads"))
_PROBLEMS = {
    "value_unreadable": "cannot be taken for a number",
    "value_out_of_range": "is not finite or too large",
}


class FigureRows:
    """Gathers the figures of one model; each element's are numbered from 0."""

    def __init__(
        self, names: QuantityNames, converter: Converter, warnings: Warnings, evidence_no: int
    ) -> None:
        self.rows = Rows(TABLES["quantities"].decoded)
        self._names, self._converter, self._warnings = names, converter, warnings
        self._evidence_no = evidence_no
        self._next: dict[int, int] = {}
        self._quantities: dict[tuple[str | None, str, str, str | None], str | None] = {}
        self._attributes: dict[str, list[tuple[str, str]]] = {}

    def authored(
        self,
        entity: Entity,
        ifc_class: str,
        key: tuple[str, int],
        role: str,
        own: list[SetContent],
        typed: list[SetContent],
    ) -> None:
        """Figures of the element's own sets and attributes, then those that its type has besides.

        A type's figure is repeated with origin `type` unless the element has one of the same set
        and name itself.
        """
        figures = [figure for content in own for figure in content.figures]
        named = {(figure.set_name, figure.name) for figure in figures}
        if role in _WITH_ATTRIBUTES:
            figures += self._of_attributes(entity)
        for content in typed:
            figures += [
                figure._replace(origin="type")
                for figure in content.figures
                if (figure.set_name, figure.name) not in named
            ]
        # A type's quantities are called as those of what it is the type of.
        named_as = ifc_class.removesuffix("Type").removesuffix("Style")
        self._add(figures, named_as if role == "type" else ifc_class, key)

    def computed(self, measured: Measured, key: tuple[str, int]) -> None:
        """Figures computed from the element's geometry, and why there are not more."""
        ordinal = self._next.get(key[1], 0)
        for figure in measured.figures:
            value_exact = exact(figure.value, _ONE)
            self.rows.append(
                (
                    *key,
                    figure.quantity,
                    figure.kind,
                    "computed",
                    "geometry",
                    ordinal,
                    None,
                    figure.definition,
                    shortest(figure.value),
                    SI_UNITS[figure.kind],
                    "declared",
                    figure.value,
                    value_exact,
                    SI_UNITS[figure.kind],
                    self._evidence_no,
                    measured.step_id,
                )
            )
            ordinal += 1
        self._next[key[1]] = ordinal
        if measured.trouble is not None:
            trouble = measured.trouble
            self._warnings.add(trouble.code, trouble.text, measured.step_id, key)

    def _of_attributes(self, entity: Entity) -> list[Figure]:
        cls = entity.cls
        if cls.name not in self._attributes:
            self._attributes[cls.name] = _measured_attributes(cls)
        figures = []
        for name, kind in self._attributes[cls.name]:
            value = entity[name]
            if isinstance(value, Number):
                source = Source("attribute", None, name, entity.step_id)
                figures.append(self._converter.figure(kind, value, None, source))
        return figures

    def _add(self, figures: Iterable[Figure], ifc_class: str, key: tuple[str, int]) -> None:
        ordinal = 0
        for ordinal, figure in enumerate(figures, 1):
            kind, origin, set_name, name = figure[:4]
            self.rows.append(
                (
                    *key,
                    self._quantity(name, kind, ifc_class, set_name),
                    kind,
                    "authored",
                    origin,
                    ordinal - 1,
                    *figure[2:10],
                    self._evidence_no,
                    figure.step_id,
                )
            )
            if figure.problem is not None:
                self._warn(figure, key)
        self._next[key[1]] = ordinal

    def _quantity(
        self, name: str | None, kind: str, ifc_class: str, set_name: str | None
    ) -> str | None:
        asked = (name, kind, ifc_class, set_name)
        if asked not in self._quantities:
            self._quantities[asked] = self._names.quantity(*asked)
        return self._quantities[asked]

    def _warn(self, figure: Figure, key: tuple[str, int]) -> None:
        problem = figure.problem or ""
        where = ".".join(part for part in (figure.set_name, figure.name) if part)
        text = f"{where} in #{figure.step_id} {_PROBLEMS[problem]}: {figure.text}; it has no value."
        if figure.text is None:
            text = f"{where} in #{figure.step_id} states no number; it has no value."
        self._warnings.add(problem, text, figure.step_id, key)


def _measured_attributes(cls: EntityClass) -> list[tuple[str, str]]:
    """(name, kind) of the class's attributes that the schema types as measures."""
    found = []
    for name, type_ in zip(cls.attributes, cls.types, strict=True):
        kind = "count" if name in _COUNTS else MEASURES.get(type_.upper())
        if kind is not None:
            found.append((name, kind))
    return found
