"""What to fetch, as files of settings and jobs name it: IFC files, or models of a vendor's service.

    [[models]]
    vendor = "ifc"
    files = ["models/*.ifc"]
    project = "harbour"

    [[models]]
    vendor = "qonic"
    project = "2409"
    models = ["6234"]

Without `models` all of the project are fetched, without `project` all that the login may see.
"""

from __future__ import annotations

import glob
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from takeoff.config import CONFIG_NAME, Settings, check_keys
from takeoff.core.errors import InputRefused, TakeoffError
from takeoff.core.progress import Progress
from takeoff.jobs.fetch import DEFAULT_PROJECT, Fetched, IfcOptions, fetch_ifc
from takeoff.jobs.fetch_models import ModelOptions, fetch_models
from takeoff.vendors import load

_COMMON = {"vendor": "text", "project": "text", "geometry": "flag", "force": "flag"}
_OF_FILES = {**_COMMON, "files": "texts", "model": "text", "copy": "flag"}
_OF_SERVICES = {
    **_COMMON,
    "models": "texts",
    "ifc": "flag",
    "allow_unproved": "flag",
    "options": "table",
}


@dataclass(frozen=True)
class Files:
    """IFC files to fetch."""

    paths: Sequence[Path]
    options: IfcOptions


@dataclass(frozen=True)
class Service:
    """Models of a vendor's service to fetch."""

    vendor: str
    options: ModelOptions


Source = Files | Service


@dataclass(frozen=True)
class Shard:
    """The part `number`, from 1, of so many; whatever has a name belongs to exactly one of them."""

    number: int = 1
    of: int = 1

    def has(self, name: str) -> bool:
        """Whether what is called `name` belongs to this part; on every machine alike."""
        return zlib.crc32(name.encode()) % self.of == self.number - 1


def read_source(where: str, folder: Path, step: Mapping[str, Any]) -> Source:
    """One table of such a file; `where` names it in errors, paths are relative to `folder`.

    Raises: InputRefused for what it should not hold, an unknown vendor, files that are not there.
    """
    vendor = step.get("vendor")
    if not isinstance(vendor, str):
        raise InputRefused(f"{where} needs vendor = 'ifc' or the like.")
    load(vendor)
    if vendor == "ifc":
        return _files(where, folder, step)
    check_keys(where, step, _OF_SERVICES)
    asking = {name: _text(value) for name, value in step.get("options", {}).items()}
    given = {key: step[key] for key in _OF_SERVICES if key in step}
    del given["vendor"]
    given.pop("options", None)
    return Service(vendor, ModelOptions(**given, asking=asking))


def read_shard(text: str | None) -> Shard:
    """`2/4` as the second of four; null as the whole. Raises: InputRefused."""
    if text is None:
        return Shard()
    number, _, of = text.partition("/")
    if number.isascii() and number.isdigit() and of.isascii() and of.isdigit():
        shard = Shard(int(number), int(of))
        if 1 <= shard.number <= shard.of:
            return shard
    raise InputRefused(f"A shard is written I/N, such as 1/4 to 4/4, not '{text}'.")


def fetch_source(settings: Settings, source: Source, progress: Progress) -> Iterator[Fetched]:
    """Fetch what a source names. Raises what fetch_ifc and fetch_models raise."""
    if isinstance(source, Files):
        yield from fetch_ifc(settings, source.paths, source.options, progress)
    else:
        yield from fetch_models(settings, source.vendor, source.options, progress)


def fetch_all(settings: Settings, shard: Shard, progress: Progress) -> Iterator[Fetched]:
    """Fetch all [[models]] of the settings, or a shard of them; one failure stops nothing else.

    Raises: InputRefused if nothing is named, or a table is wrong: then nothing has been done.
    """
    folder = settings.project_folder
    if not settings.models or folder is None:
        raise InputRefused(
            f"No [[models]] are named; write some into {CONFIG_NAME}, or name the vendor: "
            "takeoff fetch VENDOR."
        )
    where = f"{folder / CONFIG_NAME}: [[models]]"
    for source in [read_source(where, folder, step) for step in settings.models]:
        try:
            yield from fetch_source(settings, _part(source, shard), progress)
        except TakeoffError as error:
            yield Fetched(_name(source), None, False, error)


def _files(where: str, folder: Path, step: Mapping[str, Any]) -> Files:
    check_keys(where, step, _OF_FILES)
    if not step.get("files"):
        raise InputRefused(f"{where} needs files = ['models/*.ifc'] or the like.")
    options = IfcOptions(
        project=step.get("project", DEFAULT_PROJECT),
        model=step.get("model"),
        geometry=step.get("geometry", True),
        copy=step.get("copy", True),
        force=step.get("force", False),
    )
    paths = [path for pattern in step["files"] for path in _matching(where, folder, pattern)]
    return Files(list(dict.fromkeys(paths)), options)


def _matching(where: str, folder: Path, pattern: str) -> list[Path]:
    found = sorted(glob.glob(pattern, root_dir=folder, recursive=True))
    if not found:
        raise InputRefused(f"{where}: no file matches '{pattern}' in {folder.absolute()}.")
    return [folder / name for name in found]


def _text(value: Any) -> str:
    """As a person would write it on the command line."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _part(source: Source, shard: Shard) -> Source:
    if isinstance(source, Files):
        return replace(source, paths=[path for path in source.paths if shard.has(path.name)])
    return replace(source, options=replace(source.options, shard=shard.has))


def _name(source: Source) -> str:
    if isinstance(source, Files):
        return ", ".join(map(str, source.paths))
    return ":".join(filter(None, (source.vendor, source.options.project)))
