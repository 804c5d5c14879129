"""Lab: the notebooks in a folder to work in, with the sample's lake, and how JupyterLab opens them.

The notebooks are copied, so that what is tried in them changes nothing that belongs to takeoff.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from takeoff.config import Settings, shipped
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Progress
from takeoff.jobs.fetch import IfcOptions, fetch_ifc

NOTEBOOKS = "notebooks"
SAMPLE = "data/sample"
# The notebook to begin with, and where it looks for its lake and in which project.
FIRST = "first_takeoff.ipynb"
LAKE = "takeoff-demo/first-takeoff"
PROJECT = "lindenhof"


def lab(settings: Settings, out: Path, given: Sequence[str], progress: Progress) -> list[str]:
    """Make the folder `out` ready, and return the command that opens JupyterLab in it.

    `given` are arguments for JupyterLab. A file that is there stays as it is, and the sample is
    read once: the second time is fast.
    Raises: InputRefused if JupyterLab is not installed, or the folder cannot be written;
    LakeUnusable.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise InputRefused(
            "JupyterLab is not installed; install it with: pip install 'takeoff[ifc,lab]'."
        )
    root = out.absolute()
    try:
        _copy_missing(shipped(NOTEBOOKS), root / NOTEBOOKS, "*.ipynb")
        _copy_missing(shipped(SAMPLE), root / SAMPLE, "**/*")
    except OSError as error:
        raise InputRefused(
            f"The notebooks cannot be copied to {root}: {error.strerror}; name another folder "
            "with --out."
        ) from error
    _fetch_sample(settings, root, progress)
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{NOTEBOOKS}/{FIRST}",
        *given,
    ]


def _fetch_sample(settings: Settings, root: Path, progress: Progress) -> None:
    here = replace(settings, lake=root / LAKE)
    models = sorted((root / SAMPLE).glob("*.ifc"))
    for fetched in fetch_ifc(here, models, IfcOptions(project=PROJECT), progress):
        if fetched.error is not None:
            raise fetched.error


def _copy_missing(source: Path, target: Path, pattern: str) -> None:
    for file in sorted(source.glob(pattern)):
        place = target / file.relative_to(source)
        if file.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
