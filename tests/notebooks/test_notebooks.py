"""Each notebook runs from its first cell to its last, and says what it shows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from notebook_runs import NOTEBOOKS, check_told, code, parameters, plots, read, run, said, shown

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
SKIPPED = "Skipped: the public models are not beside this checkout"
# What a notebook may import beside takeoff and pathlib, and why.
ALSO = {
    "sql_of_your_own": {"duckdb"},  # it is about a DuckDB without takeoff
    "what_changed": {"matplotlib"},  # pandas draws no waterfall
}


def test_first_takeoff(own_lake: str) -> None:
    done = run("first_takeoff", lake_folder=own_lake)
    check_told(done)
    assert (len(shown(done)), plots(done)) == (8, 2)


def test_audit_of_a_bad_model(tmp_path: Path) -> None:
    done = run("audit_of_a_bad_model", lake_folder=str(tmp_path / "lake"))
    check_told(done)
    assert (len(shown(done)), plots(done)) == (6, 1)


def test_published_figures_and_the_traps_of_the_file(tmp_path: Path, shared: Path) -> None:
    folder = str(tmp_path / "lake")
    done = run("published_figures", shared=str(shared), lake_folder=folder, geometry=True)
    check_told(done)
    assert SKIPPED not in said(done)
    assert (len(shown(done)), plots(done)) == (5, 1)


def test_published_figures_are_skipped_in_words_where_the_models_are_not(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    done = run("published_figures", shared=nowhere, lake_folder=str(tmp_path / "lake"))
    assert (len(shown(done)), SKIPPED in said(done)) == (1, True)


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_kept_without_outputs(name: str) -> None:
    cells = list(code(read(name)))
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)
    assert parameters(read(name)) >= {"lake_folder"}


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_import_takeoff_only(name: str) -> None:
    sources = [ast.parse(cell.source) for cell in code(read(name))]
    nodes = [node for source in sources for node in ast.walk(source)]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= {"takeoff", "pathlib"} | ALSO.get(
        name, set()
    )
    assert any(isinstance(node, ast.Assert) for node in nodes)
