"""The commands to begin with: init, which may ask, doctor, and lab, which stays open."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from takeoff.cli.bars import Bars
from takeoff.cli.output import form_of, write
from takeoff.cli.pairs import listed
from takeoff.config import Settings, config_place
from takeoff.core.plain import harmless

if TYPE_CHECKING:
    from takeoff.jobs.init import Wishes

_ASKED = ("lake", "project", "files", "vendor")


def init(arguments: Namespace) -> int:
    """Write a takeoff.toml: of what the options say, or else of what a person answers."""
    from takeoff.jobs.init import init as write_settings

    path = config_place(vars(arguments), os.environ)
    wishes = _asked(path.parent) if _may_ask(path, arguments) else _wished(arguments, path.parent)
    sentences = write_settings(path, wishes)
    sys.stderr.write(f"wrote {path.name}; next: takeoff doctor, then takeoff fetch --all\n")
    for sentence in sentences:
        sys.stderr.write(f"takeoff: {harmless(sentence)}\n")
    return 0


def doctor(arguments: Namespace) -> int:
    """Examine what there is; the exit code is that of the worst that was found."""
    from takeoff.jobs.doctor import doctor as examine

    form = form_of(arguments)
    checkup = examine(vars(arguments), os.environ, offline=arguments.offline)
    write(form, checkup.result, arguments)
    sys.stderr.write(f"{checkup.sentence}\n")
    return checkup.exit_code


def lab(settings: Settings, arguments: Namespace) -> int:
    """Open JupyterLab, and stay until it ends; its exit code."""
    from takeoff.jobs.lab import lab as ready

    no_browser = ["--no-browser"] if arguments.no_browser else []
    with Bars() as bars:
        command = ready(settings, arguments.out, [*no_browser, *arguments.given], bars)
    return _until_it_ends(command)


def _until_it_ends(command: Sequence[str]) -> int:
    """JupyterLab itself asks what an interrupt means; here it is only waited for."""
    with subprocess.Popen(command) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue


def _may_ask(path: Path, arguments: Namespace) -> bool:
    """Only a person at a terminal who has said nothing yet, and if the answers are of any use."""
    is_silent = not arguments.yes and all(getattr(arguments, name) is None for name in _ASKED)
    return is_silent and sys.stdin.isatty() and sys.stderr.isatty() and not path.exists()


def _wished(arguments: Namespace, folder: Path) -> Wishes:
    from takeoff.jobs.init import Wishes, models_here

    return Wishes(
        lake="lake" if arguments.lake is None else str(arguments.lake),
        project="default" if arguments.project is None else arguments.project,
        files=models_here(folder) if arguments.files is None else arguments.files,
        vendors=list(dict.fromkeys(arguments.vendor or ())),
    )


def _asked(folder: Path) -> Wishes:
    from takeoff.jobs.init import Wishes, models_here
    from takeoff.vendors import names

    sys.stderr.write("An empty answer takes what stands in brackets.\n")
    services = ", ".join(name for name in names() if name != "ifc")
    lake = _answer("Folder of the lake", "lake")
    project = _answer("Name of the project", folder.name or "default")
    files = _answer("IFC files, by commas", ", ".join(models_here(folder)))
    vendors = listed(_answer(f"Services to fetch from, by commas ({services})", ""))
    return Wishes(lake, project, listed(files), list(dict.fromkeys(vendors)))


def _answer(question: str, usual: str) -> str:
    sys.stderr.write(f"{question} [{harmless(usual)}]: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() or usual
