"""Writes the sample: three disciplines of a building, a revision, hostile and faulty twins, truth.

python data/sample/author.py [--size N] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from authoring import (
    architecture,
    faults,
    faulty_models,
    hostile,
    services,
    structure,
    truth,
    write_ifc,
)
from authoring.kit import Plan

HERE = Path(__file__).resolve().parent


def author(size: int, out: Path) -> None:
    """Write every file of the sample of this size below `out`."""
    plan = Plan.of_size(size)
    first = architecture.model(plan)
    second = architecture.revised(first)
    others = [services.model(plan), structure.model(plan)]
    for model in (first, *others):
        write_ifc.write(model, _folder(out) / f"{model.name}.ifc")
    write_ifc.write(second, _folder(out / "R2") / f"{second.name}.ifc")
    truth.write_project([first, *others], _folder(out / "truth"))
    truth.write_project([second, *others], _folder(out / "truth" / "R2"), only=second)
    truth.write_changes(first, second, out / "truth")
    hostile.write(_folder(out / "hostile"))
    faults.write(_folder(out / "faulty"), faulty_models.twins())


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1, help="about N times the committed building")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    options = parser.parse_args(arguments)
    if options.size < 1:
        parser.error("--size must be 1 or more")
    author(options.size, options.out)


if __name__ == "__main__":
    main(sys.argv[1:])
