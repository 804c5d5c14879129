"""Files that are bombs: models, archives, rules, prices, settings, and the evidence of a lake."""

from __future__ import annotations

import gzip
import random
import shutil
import stat
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard
from vendors_under_test import committed

from .bombs import DEEP, HUGE, MOST_MORE_MIB, must_be_refused, packed
from .commands import Commands, Done
from .tally import Part, Sizes, Tally, each

_NOMINAL = 10 << 30
_PIECE = 1 << 20
_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_IFC = _SAMPLE / "Lindenhof_services.ifc"
_TEXT = _IFC.read_bytes()
_HEAD, _, _TAIL = _TEXT.partition(b"ENDSEC;\nEND-ISO")
_END = b");\nENDSEC;\nEND-ISO" + _TAIL
_RATES = b"item,rate,unit,currency\n"


@dataclass(frozen=True)
class _Bomb:
    """What to write, how to hand it over (`{}` is its path), and how it is refused.

    No code: it is taken, and harmless.
    """

    name: str
    write: Callable[[Path], object]
    arguments: tuple[str, ...]
    codes: tuple[int, ...]


def _long(path: Path, start: bytes, fill: bytes, end: bytes = b"") -> None:
    """200 MB and more."""
    with path.open("wb") as file:
        file.write(start)
        for _ in range(HUGE // len(fill * 4096) + 1):
            file.write(fill * 4096)
        file.write(end)


def _zip(path: Path, *names: str, packing: int = zipfile.ZIP_DEFLATED, more: int = 0) -> None:
    """A model under each name, with so many blanks behind it."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name in names:
            with archive.open(name, "w") as member:
                member.write(_TEXT)
                for _ in range(more // _PIECE):
                    member.write(b" " * _PIECE)


def _nominal(path: Path) -> None:
    """Its directory says 10 GB; there is next to nothing."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.ifc", _TEXT)
        archive.getinfo("model.ifc").file_size = _NOMINAL


def _linked(path: Path) -> None:
    """Its model is a link to a file of this machine."""
    link = zipfile.ZipInfo("model.ifc")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, str(_IFC))


def _through_a_link(path: Path) -> None:
    """A link to a folder, and a model that would be written through it."""
    link = zipfile.ZipInfo("out")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, str(path.parent.parent))
        archive.writestr("out/model.ifc", _TEXT)


def _fetched(name: str, suffix: str, write: Callable[[Path], object], *codes: int) -> _Bomb:
    wanted = ("fetch", "ifc", f"{{}}{suffix}", "--no-geometry")
    return _Bomb(name, write, wanted, codes)


_MODELS = (
    _fetched("gzip", ".ifc.gz", lambda p: p.write_bytes(packed(_TEXT)), 3),
    _fetched("gzip in gzip", ".ifc.gz", lambda p: p.write_bytes(gzip.compress(packed(_TEXT))), 3),
    _fetched("zip", ".ifczip", lambda p: _zip(p, "a.ifc", more=HUGE), 3),
    _fetched("bzip2 in zip", ".ifczip", lambda p: _zip(p, "a.ifc", packing=12, more=HUGE), 3),
    _fetched("lzma in zip", ".ifczip", lambda p: _zip(p, "a.ifc", packing=14, more=HUGE), 3),
    _fetched("10 GB nominal", ".ifczip", _nominal, 3),
    _fetched("member ../", ".ifczip", lambda p: _zip(p, "../../out.ifc"), 3),
    _fetched("member ..\\", ".ifczip", lambda p: _zip(p, "..\\out.ifc"), 3),
    _fetched("absolute member", ".ifczip", lambda p: _zip(p, "/tmp/out.ifc"), 3),
    _fetched("member of a drive", ".ifczip", lambda p: _zip(p, "C:\\out.ifc"), 3),
    _fetched("member of a share", ".ifczip", lambda p: _zip(p, "\\\\host\\share\\out.ifc"), 3),
    _fetched("beside a member ../", ".ifczip", lambda p: _zip(p, "a.ifc", "../b.txt"), 3),
    _fetched("a link for a model", ".ifczip", _linked, 3),
    _fetched("a model behind a link", ".ifczip", _through_a_link, 0),
    _fetched("zip in zip", ".ifczip", lambda p: _in_zip(p, _zip), 3),
    _fetched("endless record", ".ifc", lambda p: _long(p, _HEAD + b"#999999=IFCWALL(", b"$,"), 6),
    _fetched("endless text", ".ifc", lambda p: _long(p, _HEAD + b"#999999=IFCWALL('", b"a"), 6),
    _fetched("endless comment", ".ifc", lambda p: _long(p, _HEAD + b"/*", b"*a"), 6),
    _fetched("endless header", ".ifc", lambda p: _long(p, b"ISO-10303-21;\nHEADER;", b"/"), 3),
    _fetched(
        "deep lists",
        ".ifc",
        lambda p: p.write_bytes(
            b"".join((_HEAD, b"#999999=IFCWALL('1',$,'n',", b"(" * DEEP, b")" * DEEP, _END))
        ),
        0,
    ),
)


def _in_zip(path: Path, write: Callable[..., None]) -> None:
    inner = path.with_suffix(".inner")
    write(inner, "a.ifc")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "a.ifc")


def _csv(name: str, *command: str) -> tuple[_Bomb, ...]:
    """The same bombs for a file of rows."""
    files: dict[str, Callable[[Path], object]] = {
        "endless line": lambda p: _long(p, b"", b"a"),
        "endless cell": lambda p: _long(p, _RATES + b'"', b"a"),
        "endless cell in lines": lambda p: _long(p, _RATES + b'"', b"a\n"),
        "endless row": lambda p: _long(p, _RATES, b"a,"),
        "endless head": lambda p: _long(p, b"", b"a,"),
        "packed": lambda p: p.write_bytes(packed(_RATES)),
        "no text": lambda p: p.write_bytes(b"\x00\x01" * 1000),
        "never ends": lambda p: p.symlink_to("/dev/zero"),
        "a folder": lambda p: p.mkdir(),
    }
    return tuple(_Bomb(f"{name}: {kind}", write, command, (3,)) for kind, write in files.items())


_ROWS = (
    *_csv("rates", "boq", "--rates", "{}.csv"),
    *_csv("rules", "boq", "--rules-set", "{}.csv"),
    *_csv("codes", "boq", "--system", "UNIFORMAT II", "--codes", "{}.csv"),
    *_csv("mapping", "boq", "--system", "UNIFORMAT II", "--mapping", "{}.csv"),
    *_csv("factors", "carbon", "--factors", "{}.csv"),
)


def _settings(name: str, *command: str) -> tuple[_Bomb, ...]:
    files: dict[str, Callable[[Path], object]] = {
        "deep": lambda p: p.write_bytes(b"a = " + b"[" * DEEP + b"]" * DEEP),
        "deep tables": lambda p: p.write_bytes(b"a = " + b"{a=" * DEEP + b"1" + b"}" * DEEP),
        "deep names": lambda p: p.write_bytes(b"a" + b".a" * DEEP + b" = 1"),
        "endless line": lambda p: _long(p, b"a = '", b"a"),
        "endless comment": lambda p: _long(p, b"# ", b"a\n#"),
        "a huge number": lambda p: p.write_bytes(b"a = " + b"9" * 100_000),
        "no text": lambda p: p.write_bytes(b"\xff\x00" * 1000),
        "never ends": lambda p: p.symlink_to("/dev/zero"),
    }
    return tuple(_Bomb(f"{name}: {kind}", write, command, (3,)) for kind, write in files.items())


_TOML = (
    *_settings("takeoff.toml", "snapshots", "--config", "{}.toml"),
    *_settings("job file", "run", "{}.toml"),
)


def _files(bombs: Sequence[_Bomb], seeds: Sequence[int], folder: Path) -> Tally:
    with Commands() as commands:
        given = _Given(commands, folder)
        order = random.Random(0).sample(bombs, len(bombs))
        return each(seeds, lambda seed: given.once(order[seed % len(order)]))


class _Given:
    """A sound lake, and commands that are handed a bomb."""

    def __init__(self, commands: Commands, folder: Path) -> None:
        self._commands, self._folder = commands, folder
        self.lake = folder / "lake"
        fetched = commands.run("fetch", "ifc", _IFC, "--lake", self.lake, "--no-geometry")
        assert fetched.code == 0, fetched.err
        self._usual = max(
            (fetched, commands.run("boq", "--lake", self.lake)), key=lambda done: done.took_mib
        )
        self._before = committed(self.lake)

    def once(self, bomb: _Bomb) -> str:
        try:
            done = self._handed(bomb)
            if bomb.codes == (0,):
                assert done.code == 0, done.err
                assert done.took_mib - self._usual.took_mib <= MOST_MORE_MIB
                return "taken, harmless"
            must_be_refused(done, bomb.codes, self._usual)
            assert committed(self.lake) == self._before, "the lake has changed"
        except AssertionError as error:
            error.add_note(bomb.name)
            raise
        return "refused"

    def _handed(self, bomb: _Bomb) -> Done:
        place = self._folder / "in" / "here"
        place.mkdir(parents=True)
        try:
            path = next(one for one in bomb.arguments if "{}" in one).format(place / "bomb")
            bomb.write(Path(path))
            arguments = [one.format(place / "bomb") for one in bomb.arguments]
            lake = () if bomb.arguments[0] == "run" else ("--lake", self._lake_for(bomb))
            done = self._commands.run(*arguments, *lake)
            outside = {one.name for one in self._folder.iterdir()} - {"in", "lake", "taken"}
            assert not outside, f"{outside} lie outside of where anything may be written"
            return done
        finally:
            shutil.rmtree(self._folder / "in")
            shutil.rmtree(self._folder / "taken", ignore_errors=True)

    def _lake_for(self, bomb: _Bomb) -> Path:
        return self._folder / "taken" if bomb.codes == (0,) else self.lake


def _evidence(seeds: Sequence[int], folder: Path) -> Tally:
    """A sound lake, of which one file is replaced by a bomb at a time."""
    with Commands() as commands:
        given = _Given(commands, folder)
        [stored] = (given.lake / "evidence").rglob("*.zst")
        [manifest] = (given.lake / "snapshots").glob("*.json")
        usual = {
            command: commands.run(command, "--lake", given.lake)
            for command in ("verify", "rebuild")
        }
        assert {done.code for done in usual.values()} == {0}

        def once(seed: int) -> str:
            names = sorted(_HARMS)
            name = names[seed % len(names)]
            command = ("verify", "rebuild")[seed // len(names) % 2]
            path = manifest if name.startswith("manifest") else stored
            content = path.read_bytes()
            path.unlink()
            try:
                _HARMS[name](path, content)
                done = commands.run(command, "--lake", given.lake, "--format", "json")
                assert done.code == 7, f"{name}, {command}: {done.code} {done.err}"
                assert path.name in done.out + done.err, f"{name}, {command}: {done.err}"
                assert "Traceback" not in done.err, f"{name}, {command}: {done.err[-500:]}"
                more = done.took_mib - usual[command].took_mib
                assert more <= MOST_MORE_MIB, f"{name}, {command}: {more:.0f} MiB more than usual"
            finally:
                path.unlink()
                path.write_bytes(content)
            return f"refused by {command}"

        return each(seeds, once)


def _window(path: Path, content: bytes) -> None:
    """A frame that asks for a window of 2 GB."""
    settings = zstandard.ZstdCompressionParameters.from_level(1, window_log=31)
    packer = zstandard.ZstdCompressor(compression_params=settings).compressobj()
    with path.open("wb") as file:
        for _ in range(HUGE // _PIECE):
            file.write(packer.compress(b" " * _PIECE))
        file.write(packer.flush())


_HARMS: dict[str, Callable[[Path, bytes], object]] = {
    "zstd of 200 MB": lambda p, _: p.write_bytes(zstandard.compress(bytes(HUGE))),
    "zstd with a window of 2 GB": _window,
    "zstd that never ends": lambda p, _: p.symlink_to("/dev/zero"),
    "evidence that is a link": lambda p, _: p.symlink_to(_IFC),
    "content and a bomb behind it": lambda p, c: p.write_bytes(c + zstandard.compress(bytes(HUGE))),
    "manifest deep": lambda p, _: p.write_bytes(b"[" * DEEP + b"]" * DEEP + b"\n"),
    "manifest deep within": lambda p, c: p.write_bytes(
        c.rstrip()[:-1] + b',"x":' + b'{"a":' * DEEP + b"1" + b"}" * (DEEP + 1) + b"\n"
    ),
    "manifest of one endless line": lambda p, _: _long(p, b'{"snapshot_id": "', b"a"),
    "manifest that never ends": lambda p, _: p.symlink_to("/dev/zero"),
    "manifest that names others' files": lambda p, c: p.write_bytes(
        c.replace(b'"data/elements/', b'"../../elements/')
    ),
}


def _part(name: str, bombs: Sequence[_Bomb], few: int) -> Part:
    return Part(
        f"bombs: {name}",
        f"refused in one sentence with at most {MOST_MORE_MIB} MiB more, nothing committed",
        Sizes(few=few, short=len(bombs), full=len(bombs)),
        lambda seeds, folder: _files(bombs, seeds, folder),
    )


PARTS = (
    _part("models", _MODELS, 0),
    _part("rows", _ROWS, 0),
    _part("settings", _TOML, 1),
    Part(
        "bombs: evidence",
        f"found by name with at most {MOST_MORE_MIB} MiB more",
        Sizes(few=1, short=2 * len(_HARMS), full=2 * len(_HARMS)),
        _evidence,
    ),
)
