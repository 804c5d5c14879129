"""What a line of the benchmark is given: sizes, folders, data made by other processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.race import ROOT


@dataclass(frozen=True)
class Room:
    """`data` keeps what was made up, `work` is thrown away.

    `is_small`: tiny sizes, which show that everything runs. `is_large`: the largest, too.
    `dlt_python` is the Python that has dlt.
    """

    data: Path
    work: Path
    is_small: bool = False
    is_large: bool = False
    dlt_python: str = sys.executable

    def sizes(self, small: int, *usual: int, large: int | None = None) -> list[int]:
        """Those that this run is to race."""
        if self.is_small:
            return [small]
        return [*usual, *([large] if self.is_large and large is not None else [])]

    def model(self, products: int) -> Path:
        """A folder with the pages of so many products, see `models`."""
        return self._made("models", f"qonic-{products}", products)

    def lake(self, elements: int, versions: int = 1) -> Path:
        """A lake of so many elements in so many versions, see `lakes`."""
        name = f"lake-{elements}" if versions == 1 else f"lake-{elements}-{versions}"
        return self._made("lakes", name, elements, versions)

    def many(self, models: int) -> Path:
        """A folder with lakes of so many models with several snapshots each, see `many`."""
        return self._made("many", self.data / f"many-{models}", models)

    def takeoff(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """One command of takeoff's, to its end."""
        _run("takeoff", *arguments, environment=environment)

    def _made(self, maker: str, name: str, *counts: int) -> Path:
        """Made by a process of its own: this one's children count its memory as theirs."""
        folder = self.data / name
        _run(f"tests.bench.{maker}", str(folder), *map(str, counts))
        return folder


def _run(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
    at = os.environ | {"PYTHONPATH": str(ROOT)} | dict(environment or {})
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=at, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stderr.strip()[-2_000:]}")
