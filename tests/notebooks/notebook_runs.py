"""Notebooks run from first cell to last, what they show, and the truth of the sample."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

_ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = _ROOT / "notebooks"
SAMPLE = _ROOT / "data" / "sample"
# Put behind the last cell: the rows of frames that the notebook shows.
_KEEP = (
    "import json\n"
    "frames = {{name: globals()[name] for name in {names!r}}}\n"
    "rows = {{name: frame.to_dict('records') for name, frame in frames.items()}}\n"
    "print(json.dumps(rows, default=str))"
)


def read(name: str) -> Any:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    return notebook


def code(notebook: Any) -> Iterator[Any]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def parameters(notebook: Any) -> set[str]:
    """The names that the first code cell, tagged `parameters`, sets."""
    cell = next(code(notebook))
    assert cell.metadata.tags == ["parameters"]
    set_ = [line for line in ast.parse(cell.source).body if isinstance(line, ast.Assign)]
    return {target.id for line in set_ for target in line.targets if isinstance(target, ast.Name)}


def run(name: str, keep: Sequence[str] = (), **given: object) -> Any:
    """The notebook with its outputs, run where it lies with these parameters.

    The rows of the frames named in `keep` are read by `kept`. A cell that fails raises, and so does
    a parameter that the notebook does not have.
    """
    notebook = read(name)
    assert given.keys() <= parameters(notebook)
    place = notebook.cells.index(next(code(notebook))) + 1
    lines = "\n".join(f"{parameter} = {value!r}" for parameter, value in given.items())
    notebook.cells.insert(place, nbformat.v4.new_code_cell(lines))
    if keep:
        notebook.cells.append(nbformat.v4.new_code_cell(_KEEP.format(names=list(keep))))
    where = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
    return notebook


def kept(notebook: Any) -> dict[str, list[dict[str, Any]]]:
    """Rows by the name of their frame; unknown is null."""
    text = "".join(output.text for output in notebook.cells[-1].outputs)
    rows: dict[str, list[dict[str, Any]]] = json.loads(text, parse_constant=lambda _: None)
    return rows


def shown(notebook: Any) -> list[int]:
    """Places of the cells that show a table or a plot; a progress bar leaves an empty output."""
    return [
        place
        for place, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        and any(output.get("data", {}).get("text/html", "shown") for output in _displayed(cell))
    ]


def _displayed(cell: Any) -> list[Any]:
    kinds = {"display_data", "execute_result"}
    return [output for output in cell.outputs if output.output_type in kinds]


def plots(notebook: Any) -> int:
    outputs = (output for cell in code(notebook) for output in cell.outputs)
    return sum("image/png" in output.get("data", {}) for output in outputs)


def said(notebook: Any) -> str:
    outputs = (output for cell in code(notebook) for output in cell.outputs)
    return "".join(output.get("data", {}).get("text/plain", "") for output in outputs)


def told(notebook: Any) -> str:
    """The sentences of a notebook, each word one space from the next."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return " ".join(" ".join(texts).split())


def check_told(notebook: Any) -> None:
    """A sentence stands under every table and plot."""
    for place in shown(notebook):
        below = notebook.cells[place + 1]
        assert below.cell_type == "markdown", notebook.cells[place].source
        assert not below.source.startswith("#"), notebook.cells[place].source


def truth(path: str) -> list[dict[str, str]]:
    """Rows of a table of the sample's truth."""
    with (SAMPLE / "truth" / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same(value: float | None) -> Any:
    """What a double of a notebook may be: the figure itself, to a part in 10^12."""
    return pytest.approx(value, rel=1e-12, abs=0) if value is not None else None


def double(text: str) -> Any:
    """The same of a figure of the truth, where empty is unknown."""
    return same(float(Decimal(text)) if text else None)
