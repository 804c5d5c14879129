"""Faulty twins: small files with the faults that real models have, and the truth about each.

Beside every faulty element stands an honest one, which no check may name. `truth.csv` has one row
for each figure or element at fault: the check that names it, what is stated and what is right.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from authoring import write_ifc
from authoring.figures import Scribe
from authoring.items import FigureSet, Item, Model, Storey, guid
from authoring.kit import METRES, single
from authoring.numbers import Units, plain
from authoring.shapes import Prism

D = Decimal
TRUTH_COLUMNS = (
    "file element_id ifc_class name quantity check severity stated right unit what"
).split()
FILE_COLUMNS = "file project what".split()
STOREYS = (
    Storey("storey/0", "Ground floor", D(0)),
    Storey("storey/1", "Level 1", D(3)),
    Storey("storey/2", "Level 2", D(6)),
)
SCRIBE = Scribe(METRES, "IFC4X3")


@dataclass(frozen=True)
class Fault:
    """A figure (or, without quantity, an element) that `check` must name; `right` is its truth."""

    key: str
    quantity: str
    check: str
    severity: str
    stated: Decimal | None
    right: Decimal | None
    unit: str = ""


@dataclass(frozen=True)
class Twin:
    """One file: a model, its faults, and in one sentence what they are.

    `folder` is R2 for a second revision. Twins of one `project` belong together.
    """

    model: Model
    what: str
    faults: tuple[Fault, ...] = ()
    folder: str = ""

    @property
    def file(self) -> str:
        return f"{self.folder}/{self.model.name}.ifc".lstrip("/")

    @property
    def project(self) -> str:
        return self.model.family.strip("/").rpartition("/")[2]


def write(folder: Path, twins: Iterable[Twin]) -> None:
    """These faulty twins with their truth."""
    rows, files = [], []
    for twin in twins:
        path = folder / twin.file
        path.parent.mkdir(parents=True, exist_ok=True)
        write_ifc.write(twin.model, path)
        rows.extend(_rows(twin))
        files.append([twin.file, twin.project, twin.what])
    _write_csv(folder / "truth.csv", TRUTH_COLUMNS, rows)
    _write_csv(folder / "files.csv", FILE_COLUMNS, sorted(files))


def _rows(twin: Twin) -> Iterator[list[str]]:
    items = twin.model.by_key()
    for fault in twin.faults:
        item = items[fault.key]
        figures = ["" if one is None else plain(one) for one in (fault.stated, fault.right)]
        yield [
            twin.file,
            item.guid,
            item.ifc_class.removeprefix("Ifc"),
            item.name or "",
            fault.quantity,
            fault.check,
            fault.severity,
            *figures,
            fault.unit,
            twin.what,
        ]


def _write_csv(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([columns, *rows])


# -- what the files share


def model(
    name: str, items: tuple[Item, ...], units: Units = METRES, family: str | None = None
) -> Model:
    return Model(
        name,
        "IFC2X3" if name == "twice_in_a_set" else "IFC4X3",
        units,
        STOREYS,
        items,
        "faulty twin",
        project="Faulty twins",
        buildings=(("building", "House"),),
        family=f"faulty/{family or name}/",
    )


def item(model: str, key: str, ifc_class: str, body: Prism | None, **rest: object) -> Item:
    values: dict[str, object] = {
        "name": key.capitalize(),
        "guid": guid(f"faulty/{model}/{key}"),
        "place": "storey/0",
        "body": body,
        "material": single("Concrete"),
        **rest,
    }
    return Item(key=key, ifc_class=ifc_class, **values)  # type: ignore[arg-type]


def qto(element: str, **quantities: Decimal) -> FigureSet:
    return SCRIBE.qto(element, **quantities)
