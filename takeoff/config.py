"""Settings, read once: arguments before environment before takeoff.toml before defaults.

Files that travel with takeoff (queries, rules, the sample) are looked for in the folder given as an
option, then in the project folder - where takeoff.toml lies -, then in the package.
"""

from __future__ import annotations

import csv
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from takeoff.core.errors import InputRefused
from takeoff.core.lake_url import STORES, LakeUrl, checked_url, is_url

CONFIG_NAME = "takeoff.toml"
# No honest file comes near: a line that does not end would fill the memory.
_LONGEST_LINE = 1 << 20
_LARGEST_TOML = 1 << 20
# Reading a.b.c takes memory with the square of its dots.
_MOST_DOTS = 1_000
_TYPES = {"text": str, "flag": bool, "number": int, "table": dict}
_IN_WORDS = {
    "text": "a text",
    "texts": "a list of texts",
    "flag": "true or false",
    "number": "a whole number",
    "table": "a table, such as [takeoff]",
    "tables": "tables, such as [[fetch]]",
}
# What may stand in the environment about a vendor; what is secret stands there only.
_ACCESS = {
    "base_url": "text",
    "authority": "text",
    "client_id": "text",
    "redirect_uri": "text",
    "service_account": "text",
    "key_id": "text",
}
_SECRETS = ("token", "refresh_token", "client_secret", "private_key")
_VARIABLE = re.compile(f"TAKEOFF_([A-Z0-9]+?)_({'|'.join((*_ACCESS, *_SECRETS)).upper()})")
_PACKAGE = Path(__file__).resolve().parent
_KEYS = {
    "lake": "text",
    "cache": "text",
    "queries": "text",
    "rules": "text",
    "threads": "number",
    "memory_limit": "text",
    "engine": "text",
    "master": "text",
}
_PATHS = ("lake", "cache", "queries", "rules")
ENGINES = ("duckdb", "spark")
_TABLES = {"takeoff": "table", "vendors": "table", "models": "tables", "buildings": "tables"}
_BUILDING_KEYS = {"name": "text", "models": "texts", "prefer": "text"}


@dataclass(frozen=True)
class Access:
    """How to reach a vendor, and who we are there; null is the vendor's own, or none.

    `authority` is where logins are made, `client_id` the application as the vendor knows it,
    `redirect_uri` where the vendor sends the browser back to. `service_account` is an account that
    nobody logs in to: it signs with its `private_key` (PEM), which the vendor knows as `key_id`.
    Not in its `repr` is what is secret, and addresses, which may have a login in them by mistake.
    """

    base_url: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    authority: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    redirect_uri: str | None = None
    service_account: str | None = None
    key_id: str | None = None
    private_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Building:
    """Models that draw one building: each element counts once, first those that are preferred.

    `models` are as `vendor:model`, by id or name; `prefer` is a vendor, or one of the models.
    """

    name: str
    models: tuple[str, ...]
    prefer: str


@dataclass(frozen=True)
class Settings:
    """What every job needs to know. `lake` is null if nobody named one.

    `cache` is where lakes on object stores are mirrored; null is the usual place of this system.
    `threads` and `memory_limit` (such as 2GB) bound the engine; null leaves its own defaults.
    `engine` is one of ENGINES, `master` where Spark runs, null: on this machine. `models` are the
    tables [[models]] as they are written, to be read by whoever fetches.
    """

    lake: Path | LakeUrl | None = None
    cache: Path | None = None
    project_folder: Path | None = None
    queries: Path | None = None
    rules: Path | None = None
    threads: int | None = None
    memory_limit: str | None = None
    engine: str = "duckdb"
    master: str | None = None
    vendors: Mapping[str, Access] = field(default_factory=dict)
    models: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    buildings: Sequence[Building] = ()

    def lake_path(self) -> Path | LakeUrl:
        """The lake's folder, or its URL. Raises: InputRefused if none was named."""
        if self.lake is None:
            raise InputRefused(
                "No lake was named; give --lake FOLDER, set TAKEOFF_LAKE, "
                f"or write lake = 'FOLDER' under [takeoff] in {CONFIG_NAME}."
            )
        return self.lake

    def query_folders(self) -> list[Path]:
        """Folders with queries, the first to hold a file wins."""
        return _existing(self.queries, self._in_project("queries"), shipped("queries"))

    def rules_file(self, name: str) -> Path:
        """The rules file `name`, from the first folder that has it."""
        own = _existing(self.rules, self._in_project("data/rules"))
        for folder in [*own, shipped("data/rules")]:
            if (folder / name).is_file():
                return folder / name
        raise InputRefused(f"There is no rules file '{name}' in the project or in the package.")

    def _in_project(self, name: str) -> Path | None:
        return None if self.project_folder is None else self.project_folder / name


def read_settings(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Settings from all four sources; an argument that is None was not given.

    Raises: InputRefused if the configuration file is missing though named, or cannot be read.
    """
    return _settings(arguments, environ, config_file(arguments, environ))


def settings_without_file(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Settings as they would be without a configuration file, for where it cannot be read."""
    return _settings(arguments, environ, None)


def config_file(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Path | None:
    """The configuration file that is named, else the one in the current folder; null if none is.

    Raises: InputRefused if the one that is named is missing.
    """
    path = config_place(arguments, environ)
    if path.is_file():
        return path
    if _named_config(arguments, environ):
        raise InputRefused(f"There is no configuration file {path}; check --config.")
    return None


def config_place(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Path:
    """Where the configuration file is looked for, whether it is there or not."""
    return Path(_named_config(arguments, environ) or CONFIG_NAME).absolute()


def _named_config(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    return arguments.get("config") or environ.get("TAKEOFF_CONFIG")


def _settings(
    arguments: Mapping[str, Any], environ: Mapping[str, str], config: Path | None
) -> Settings:
    file = _File() if config is None else _read_toml(config)
    given = {
        "lake": environ.get("TAKEOFF_LAKE") or None,
        "cache": environ.get("TAKEOFF_CACHE") or None,
        **{key: value for key, value in arguments.items() if key in _KEYS and value is not None},
    }
    folder = None if config is None else config.parent
    merged = {**_beside(file.takeoff, folder), **{k: v for k, v in given.items() if v is not None}}
    cache = _path(merged.get("cache"))
    return Settings(
        lake=lake_place(merged.get("lake"), cache),
        cache=cache,
        project_folder=folder,
        queries=_folder(merged.get("queries"), "queries"),
        rules=_folder(merged.get("rules"), "rules"),
        threads=merged.get("threads"),
        memory_limit=merged.get("memory_limit"),
        engine=_engine(merged.get("engine", "duckdb")),
        master=merged.get("master"),
        vendors=_access(file.vendors, environ),
        models=file.models,
        buildings=file.buildings,
    )


def lake_place(
    named: str | os.PathLike[str] | None, cache: Path | None, folder: Path | None = None
) -> Path | LakeUrl | None:
    """The lake that is named so, in words or by a path that is relative to `folder`.

    Raises: InputRefused for a URL that no lake can have, and for one that was made a path.
    """
    if isinstance(named, str) and is_url(named):
        return LakeUrl(checked_url(named), _mirrors(cache))
    path = _path(named)
    if path is not None and path.parts[:1] and path.parts[0] in {f"{store}:" for store in STORES}:
        raise InputRefused(f"A lake at {path.parts[0]}// was named by a path; name it by a text.")
    return path if path is None or folder is None else folder / path


def _mirrors(cache: Path | None) -> Path:
    if cache is None:
        from platformdirs import user_cache_path

        cache = user_cache_path("takeoff", appauthor=False)
    return cache.absolute() / "lakes"


def shipped(name: str) -> Path:
    """Folder `name` as it travels in the wheel, or as it lies in a checkout."""
    packed = _PACKAGE / "_shipped" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def check_keys(where: str, given: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """Refuse what a TOML file should not hold; `known` names the kind of each key's value.

    Kinds: text, texts (a list), flag, number (whole), table, tables (a list).
    Raises: InputRefused.
    """
    if unknown := sorted(given.keys() - known.keys()):
        raise InputRefused(
            f"{where} holds {', '.join(unknown)}; known are {', '.join(sorted(known))}."
        )
    for key, value in given.items():
        if not _is_kind(value, known[key]):
            raise InputRefused(
                f"{where}: {key} must be {_IN_WORDS[known[key]]}, not {_kind_of(value)}."
            )


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header line. Raises: InputRefused if it is no such file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(bounded_lines(file)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputRefused(f"Cannot read the rules file {path}: {error}.") from error


def bounded_lines(file: TextIO) -> Iterator[str]:
    """The lines of a CSV file, none read further than a line may be long. Raises: csv.Error."""
    while line := file.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise csv.Error(f"a line has more than {_LONGEST_LINE:,} characters")
        if "\0" in line:
            raise csv.Error("it holds bytes that are no text")
        yield line


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file holds. Raises: InputRefused if it is no such file, or far too large."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_TOML + 1)
        if len(content) > _LARGEST_TOML:
            raise InputRefused(f"Cannot read {path}: it is larger than {_LARGEST_TOML:,} bytes.")
        if any(line.count(b".") > _MOST_DOTS for line in content.splitlines()):
            raise RecursionError
        return tomllib.loads(content.decode("utf-8"))
    except RecursionError as error:
        raise InputRefused(f"Cannot read {path}: it is nested too deeply.") from error
    except (OSError, ValueError) as error:
        raise InputRefused(f"Cannot read {path}: {error}.") from error


def _access(
    written: Mapping[str, Mapping[str, str]], environ: Mapping[str, str]
) -> dict[str, Access]:
    """From TAKEOFF_<VENDOR>_TOKEN and its like, else [vendors.<vendor>], by the vendor's name."""
    found = {vendor: dict(table) for vendor, table in written.items()}
    for name, value in environ.items():
        variable = _VARIABLE.fullmatch(name)
        if variable is not None and value:
            found.setdefault(variable[1].lower(), {})[variable[2].lower()] = value
    return {vendor: Access(**given) for vendor, given in sorted(found.items())}


@dataclass(frozen=True)
class _File:
    """The tables [takeoff], [vendors.<vendor>], [[models]] and [[buildings]] of the file."""

    takeoff: Mapping[str, Any] = field(default_factory=dict)
    vendors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    models: Sequence[Mapping[str, Any]] = ()
    buildings: Sequence[Building] = ()


def _read_toml(path: Path) -> _File:
    content = read_toml(path)
    check_keys(str(path), content, _TABLES)
    section: dict[str, Any] = content.get("takeoff", {})
    check_keys(f"{path}: [takeoff]", section, _KEYS)
    vendors: dict[str, Any] = content.get("vendors", {})
    check_keys(f"{path}: [vendors]", vendors, dict.fromkeys(vendors, "table"))
    for vendor, table in vendors.items():
        check_keys(f"{path}: [vendors.{vendor}]", table, _ACCESS)
    buildings = [_building(path, table) for table in content.get("buildings", [])]
    return _File(section, vendors, content.get("models", []), buildings)


def _building(path: Path, written: Mapping[str, Any]) -> Building:
    where = f"{path}: [[buildings]]"
    check_keys(where, written, _BUILDING_KEYS)
    if missing := sorted(_BUILDING_KEYS.keys() - written.keys()):
        raise InputRefused(f"{where} lacks {' and '.join(missing)}.")
    building = Building(written["name"], tuple(written["models"]), written["prefer"])
    vendors = {model.partition(":")[0] for model in building.models}
    if building.prefer not in {*vendors, *building.models}:
        raise InputRefused(
            f"{where} {building.name} prefers {building.prefer}, which is none of its vendors "
            f"and models; it can be {', '.join(sorted({*vendors, *building.models}))}."
        )
    return building


def _beside(written: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Paths in a configuration file are relative to the folder it lies in."""
    if folder is None:
        return dict(written)
    return {
        key: folder / value if key in _PATHS and not is_url(value) else value
        for key, value in written.items()
    }


def _is_kind(value: Any, kind: str) -> bool:
    if kind.endswith("s"):
        return isinstance(value, list) and all(_is_kind(item, kind[:-1]) for item in value)
    return type(value) is _TYPES[kind]


def _kind_of(value: Any) -> str:
    """What a value is, in words; not the value, which may be a secret in the wrong place."""
    if isinstance(value, list):
        return "a list"
    kinds = [kind for kind, type_ in _TYPES.items() if type(value) is type_]
    return _IN_WORDS[kinds[0]].partition(",")[0] if kinds else "a value of another kind"


def _path(value: str | os.PathLike[str] | None) -> Path | None:
    """An empty name is none: it would mean the current folder."""
    return None if value in (None, "") else Path(value or "")


def _engine(name: str) -> str:
    if name not in ENGINES:
        raise InputRefused(f"engine cannot be '{name}'; it can be {' or '.join(ENGINES)}.")
    return name


def _folder(value: str | os.PathLike[str] | None, key: str) -> Path | None:
    folder = _path(value)
    if folder is not None and not folder.is_dir():
        raise InputRefused(f"The {key} folder {folder} does not exist; check --{key} or {key}.")
    return folder


def _existing(*folders: Path | None) -> list[Path]:
    return [folder for folder in folders if folder is not None and folder.is_dir()]
