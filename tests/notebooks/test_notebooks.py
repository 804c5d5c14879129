"""Each notebook runs from its first cell to its last, and says what it shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
SKIPPED = "Skipped: the public models are not beside this checkout"


def _read(name: str) -> Any:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    return notebook


def _code(notebook: Any) -> Iterator[Any]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def _parameters(notebook: Any) -> set[str]:
    """The names that the first code cell, tagged `parameters`, sets."""
    cell = next(_code(notebook))
    assert cell.metadata.tags == ["parameters"]
    set_ = [line for line in ast.parse(cell.source).body if isinstance(line, ast.Assign)]
    return {target.id for line in set_ for target in line.targets if isinstance(target, ast.Name)}


def _run(name: str, **given: object) -> Any:
    """The notebook with its outputs, run where it lies with these parameters.

    A cell that fails raises, and so does a parameter that the notebook does not have.
    """
    notebook = _read(name)
    assert given.keys() <= _parameters(notebook)
    place = notebook.cells.index(next(_code(notebook))) + 1
    lines = "\n".join(f"{parameter} = {value!r}" for parameter, value in given.items())
    notebook.cells.insert(place, nbformat.v4.new_code_cell(lines))
    where = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
    return notebook


def _shown(notebook: Any) -> list[int]:
    """Places of the cells that show a table or a plot."""
    kinds = {"display_data", "execute_result"}
    return [
        place
        for place, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and kinds & {output.output_type for output in cell.outputs}
    ]


def _plots(notebook: Any) -> int:
    outputs = (output for cell in _code(notebook) for output in cell.outputs)
    return sum("image/png" in output.get("data", {}) for output in outputs)


def _said(notebook: Any) -> str:
    outputs = (output for cell in _code(notebook) for output in cell.outputs)
    return "".join(output.get("data", {}).get("text/plain", "") for output in outputs)


def _check_told(notebook: Any) -> None:
    """A sentence stands under every table and plot."""
    for place in _shown(notebook):
        below = notebook.cells[place + 1]
        assert below.cell_type == "markdown", notebook.cells[place].source
        assert not below.source.startswith("#"), notebook.cells[place].source


def test_first_takeoff(tmp_path: Path) -> None:
    done = _run("first_takeoff", lake_folder=str(tmp_path / "lake"))
    _check_told(done)
    assert (len(_shown(done)), _plots(done)) == (7, 1)


def test_audit_of_a_bad_model(tmp_path: Path) -> None:
    done = _run("audit_of_a_bad_model", lake_folder=str(tmp_path / "lake"))
    _check_told(done)
    assert (len(_shown(done)), _plots(done)) == (6, 1)


def _published(tmp_path: Path, shared: Path, *, geometry: bool) -> Any:
    folder = str(tmp_path / "lake")
    done = _run("published_figures", shared=str(shared), lake_folder=folder, geometry=geometry)
    _check_told(done)
    assert SKIPPED not in _said(done)
    return done


def test_published_figures(tmp_path: Path, shared: Path) -> None:
    """Authored figures only: the bodies take most of the time."""
    done = _published(tmp_path, shared, geometry=False)
    assert (len(_shown(done)), _plots(done)) == (4, 1)


@pytest.mark.slow
def test_published_figures_and_the_traps_of_the_file(tmp_path: Path, shared: Path) -> None:
    done = _published(tmp_path, shared, geometry=True)
    assert (len(_shown(done)), _plots(done)) == (5, 1)


def test_published_figures_are_skipped_in_words_where_the_models_are_not(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    done = _run("published_figures", shared=nowhere, lake_folder=str(tmp_path / "lake"))
    assert (len(_shown(done)), SKIPPED in _said(done)) == (1, True)


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_kept_without_outputs(name: str) -> None:
    cells = list(_code(_read(name)))
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)
    assert _parameters(_read(name)) >= {"lake_folder"}


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_import_takeoff_only(name: str) -> None:
    sources = [ast.parse(cell.source) for cell in _code(_read(name))]
    nodes = [node for source in sources for node in ast.walk(source)]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert modules <= {"takeoff", "pathlib"}
    assert any(isinstance(node, ast.Assert) for node in nodes)
