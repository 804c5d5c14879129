"""Init: a takeoff.toml to begin with, whose comments say what else it can hold.

A line such as `# threads = 4` holds once its first sign is taken away.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from takeoff.core.errors import InputRefused
from takeoff.jobs.logins import client_of

_MODELS = ("*.ifc", "*.ifczip", "*.ifc.gz")


@dataclass(frozen=True)
class Wishes:
    """What is to be written: `files` are IFC files or patterns of such, `vendors` have services.

    Paths are relative to the folder of the file that is written, or absolute.
    """

    lake: str = "lake"
    project: str = "default"
    files: Sequence[str] = ()
    vendors: Sequence[str] = ()


def models_here(folder: Path) -> list[str]:
    """Patterns for the IFC files that lie in the folder or the ones in it; empty if none does."""
    patterns = [f"{place}{pattern}" for place in ("", "*/") for pattern in _MODELS]
    return [pattern for pattern in patterns if glob.glob(pattern, root_dir=folder)]


def init(path: Path, wishes: Wishes) -> list[str]:
    """Write the file; a sentence for each pattern that no file matches yet.

    Raises: InputRefused if the file is there already or cannot be written, for a vendor without a
    service or an unknown one, and for text that no TOML file can hold.
    """
    text = "\n".join(_lines(path.parent, wishes))
    try:
        content = text.encode()
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise InputRefused(
            f"{path} is there already and stays as it is; edit it, or name another file "
            "with --config."
        ) from None
    except UnicodeEncodeError as error:
        raise InputRefused("A name that is not valid text cannot be written; rename it.") from error
    except OSError as error:
        raise InputRefused(
            f"{path} cannot be written: {error.strerror}; name another file with --config."
        ) from error
    return [
        f"no file matches '{pattern}' in {path.parent} yet"
        for pattern in wishes.files
        if not _matches(path.parent, pattern)
    ]


def _lines(folder: Path, wishes: Wishes) -> Iterator[str]:
    yield "# Read by every takeoff command that is called in this folder, or with --config FILE."
    yield "# Arguments go before it, and so does the environment: TAKEOFF_LAKE, ..."
    yield ""
    yield "[takeoff]"
    yield f"lake = {_quoted(wishes.lake)}    # where models are kept; relative to this file"
    yield "# threads = 4            # for queries; without it, all"
    yield '# memory_limit = "4GB"    # for queries; without it, most of what there is'
    yield '# engine = "spark"        # for queries; without it, duckdb'
    yield '# master = "spark://host:7077"    # where Spark runs; without it, on this machine'
    yield from _ifc_models([_pattern(folder, name) for name in wishes.files], wishes.project)
    for vendor in wishes.vendors:
        yield from _service(vendor)
    yield ""
    yield "# If several models draw one building, say whose elements count:"
    yield "# [[buildings]]"
    yield '# name = "House"'
    yield '# models = ["ifc:house_architecture", "qonic:4711"]    # vendor:model, by id or name'
    yield '# prefer = "ifc"'
    yield ""


def _ifc_models(patterns: Sequence[str], project: str) -> Iterator[str]:
    mark = "" if patterns else "# "
    yield ""
    yield "# IFC files, one model each; takeoff fetch --all reads those that have changed."
    yield f"{mark}[[models]]"
    yield f'{mark}vendor = "ifc"'
    yield f"{mark}files = [{', '.join(map(_quoted, patterns or ('models/*.ifc',)))}]"
    yield f"{mark}project = {_quoted(project)}"
    yield "# geometry = false    # reads the figures that the file states only, and is faster"


def _service(vendor: str) -> Iterator[str]:
    """Raises: InputRefused if there is no such vendor, or it has no service."""
    title = client_of(vendor).NAME
    yield ""
    yield f"# {title}: log in with takeoff login {vendor}, or set TAKEOFF_{vendor.upper()}_TOKEN."
    yield "# Tokens and secrets never stand in this file."
    yield f"[vendors.{vendor}]"
    yield '# client_id = "..."    # of the application that you registered there, for takeoff login'
    yield ""
    yield "[[models]]"
    yield f'vendor = "{vendor}"'
    yield '# project = "..."      # its id; without it, all projects that the login may see'
    yield '# models = ["..."]     # ids or names; without it, all of the project'


def _pattern(folder: Path, name: str) -> str:
    """A name that is a file's means that file, whatever signs are in it."""
    return glob.escape(name) if (folder / name).is_file() else name


def _matches(folder: Path, name: str) -> bool:
    return bool(glob.glob(_pattern(folder, name), root_dir=folder, recursive=True))


def _quoted(text: str) -> str:
    """As TOML writes text; what JSON escapes is escaped alike, and so is DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
