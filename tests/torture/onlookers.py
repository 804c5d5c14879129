"""Who looks over the shoulder: the list of processes, and whoever is handed a notebook."""

from __future__ import annotations

import base64
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import nbformat
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from nbclient import NotebookClient
from openpyxl import Workbook
from vendors_under_test import VENDORS, walls

from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox

from .planted import Planted, spellings
from .tally import Part, Sizes, Tally, each

_ROOT = Path(__file__).resolve().parents[2]
_LISTED = Path("/proc")
_FETCH = "main(['fetch', {vendor!r}, '--lake', {lake!r}, '--force'])"
# What somebody may well type in a notebook with a login in its environment.
_CELLS = (
    "import os, logging\nimport takeoff\nlogging.basicConfig()",
    "for name in ('takeoff', 'urllib3', 'requests'): logging.getLogger(name).setLevel(1)",
    "lake = takeoff.open({lake!r})\nlake",
    "vars(lake)",
    "lake.snapshots().df()",
    "lake.snapshots().provenance",
    "from takeoff.cli import main",
    _FETCH,
    "main(['whoami'])",
    "main(['doctor'])",
    "from takeoff.config import read_settings\nread_settings({{}}, os.environ)",
    "lake.sql('select * from elements').df()",
    "lake.sql('select nothing from elements')",
)


def _environment(running: Running, vendor: str, *, token: str | None = None) -> dict[str, str]:
    service, name = running.at(vendor), f"TAKEOFF_{vendor.upper()}"
    told = service.token if token is None else token
    return {**os.environ, f"{name}_BASE_URL": service.base_url, f"{name}_TOKEN": told}


def _processes(seeds: Sequence[int], folder: Path) -> Tally:
    """Commands that take their time, looked at meanwhile as anybody on the machine may."""
    walls(12).commit(folder / "served")
    if not _LISTED.is_dir():
        return Tally(findings=[f"this system has no {_LISTED} to look at processes"])

    def once(seed: int) -> str:
        vendor = VENDORS[seed % len(VENDORS)].name
        with Sandbox(open_layout(folder / "served"), {"delay_ms": "15"}).start() as running:
            planted = Planted(running.at(vendor).token)
            lake = ["--lake", str(folder / f"lake-{seed}")]
            fetch = subprocess.Popen(
                [sys.executable, "-m", "takeoff", "fetch", vendor, *lake],
                cwd=_ROOT,
                env=_environment(running, vendor),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            looks = _looks_at(fetch, planted)
            said = fetch.communicate()[0]
            planted.must_not_be_in("what the command said", said)
            assert fetch.returncode == 0, said.decode()
            assert looks > 1, "it was over at once"
        return f"of {vendor}"

    return each(seeds, once)


def _looks_at(process: subprocess.Popen[bytes], planted: Planted) -> int:
    """How often all arguments of all processes were read until it ended."""
    looks = 0
    while process.poll() is None:
        looks += 1
        for listed in _LISTED.glob("[0-9]*/cmdline"):
            planted.must_not_be_in("the list of processes", _read(listed))
    return looks


def _read(path: Path) -> bytes:
    """Nothing of a process that has ended meanwhile."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _notebooks(seeds: Sequence[int], folder: Path) -> Tally:
    """Run with a login in the environment, and saved with all that it shows."""
    walls(12).commit(folder / "served")

    def once(seed: int) -> str:
        vendor = VENDORS[seed % len(VENDORS)].name
        with (
            Sandbox(open_layout(folder / "served"), {"polls": "0"}).start() as running,
            pytest.MonkeyPatch.context() as patch,
        ):
            planted = Planted(running.at(vendor).token)
            is_wrong = seed // len(VENDORS) % 2 == 1
            if is_wrong:
                wrong = planted.secret("token", random.Random(seed))
                _set(patch, _environment(running, vendor, token=wrong))
            else:
                _set(patch, _environment(running, vendor))
            path = folder / f"{seed}.ipynb"
            code = _run_notebook(path, vendor, folder / f"lake-{seed}")
            content = path.read_bytes()
            planted.must_not_be_in("the notebook", content)
            assert b"DEBUG:takeoff" in content, "nothing was logged in it"
            assert code == ("4" if is_wrong else "0"), f"the fetch ended in {code}"
        return f"of {vendor}"

    return each(seeds, once)


def _set(patch: pytest.MonkeyPatch, environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        patch.setenv(name, value)
    patch.setenv("PYTHONPATH", str(_ROOT))


def _run_notebook(path: Path, vendor: str, lake: Path) -> str:
    """Also what ends in an error is shown, with its traceback; how the fetch ended."""
    walls(3).commit(lake)
    sources = [cell.format(lake=str(lake), vendor=vendor) for cell in _CELLS]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in sources])
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True).execute()
    nbformat.write(notebook, path)
    outputs = notebook.cells[_CELLS.index(_FETCH)].outputs
    return "".join(one.get("data", {}).get("text/plain", "") for one in outputs)


def _found(seeds: Sequence[int], folder: Path) -> Tally:
    """The search itself: a secret is found in each kind of file, and however it is written."""

    def once(seed: int) -> str:
        chance = random.Random(seed)
        planted = Planted()
        secret = planted.secret("planted", chance)
        place = folder / str(seed)
        place.mkdir()
        for name, write in _FILES.items():
            write(place / name, secret)
            assert _is_found(lambda: planted.must_not_be_under(place)), f"not found in {name}"
            (place / name).unlink()
        for spelling, write_text in _WRITINGS.items():
            text = f"{chance.randbytes(chance.randrange(9)).hex()}:{write_text(secret)} and so on"
            planted.said = {spelling: [text]}
            assert _is_found(planted.must_not_be_said), f"not found {spelling}"
        planted.said = {"nothing": ["planted in nothing"]}
        planted.must_not_be_said()
        assert len(spellings(secret)) > len(_WRITINGS)
        return "planted and found"

    return each(seeds, once)


def _is_found(search: Callable[[], None]) -> bool:
    try:
        search()
    except AssertionError:
        return True
    return False


def _workbook(path: Path, secret: str) -> None:
    book = Workbook()
    book.properties.title = secret
    book.save(path)


_FILES: Mapping[str, Callable[[Path, str], object]] = {
    "a.zst": lambda path, secret: path.write_bytes(zstandard.compress(b"x" * 99 + secret.encode())),
    "metadata.parquet": lambda path, secret: pq.write_table(
        pa.table({"a": [1]}).replace_schema_metadata({"takeoff": secret}), path
    ),
    "rows.parquet": lambda path, secret: pq.write_table(
        pa.table({"a": [secret] * 9}), path, compression="zstd"
    ),
    "a.xlsx": _workbook,
    "a.json": lambda path, secret: path.write_bytes(base64.b64encode(secret.encode())),
}
_WRITINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "in an address": lambda secret: quote(secret, safe=""),
    "in base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "as a pair": lambda secret: base64.b64encode(f"client:{secret}".encode()).decode(),
    "within": lambda secret: base64.urlsafe_b64encode(f"of me: {secret}!".encode()).decode(),
    "in hex": lambda secret: secret.encode().hex(),
}

PARTS = (
    Part(
        "secrets in processes",
        "not in the list of processes while a command runs",
        Sizes(few=0, short=4, full=20),
        _processes,
    ),
    Part(
        "secrets in notebooks",
        "not in one that fetches, fails and shows all there is, logs and tracebacks included",
        Sizes(few=0, short=8, full=16),
        _notebooks,
    ),
    Part(
        "secrets found",
        "a secret that is there is found, in every kind of file and writing",
        Sizes(few=2, short=10, full=100),
        _found,
    ),
)
