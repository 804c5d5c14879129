"""A snapshot of a lake decoded once more from its evidence, as a rebuild does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tests.bench.needs import Rows, needs
from tests.bench.room import Room
from tests.bench.service import Service

TABLES = ("elements", "quantities", "properties")
# How the request for an index's rows ends.
INDEX = "/properties"


@needs("takeoff.jobs.rebuild", "takeoff.vendors.qonic", "takeoff.vendors.autodesk", "pandas")
def decoded(
    folder: Path,
    lake: str,
    threads: int = 2,
    is_ordered: bool = True,
    packed: str | None = None,
) -> Iterator[Rows]:
    """The lake's only snapshot; its evidence is unpacked before. `sha256`: of all files, in part.

    `threads` are Arrow's; with one, parts are written while nothing else is done. If not
    `is_ordered` rows lie in their files as they came. With `packed`, a property index, unpacking
    that is timed as well.
    """
    import gzip
    import shutil

    import pyarrow as pa

    from takeoff.config import Settings
    from takeoff.core.progress import Quiet
    from takeoff.jobs.reading import decoded as batches_of
    from takeoff.jobs.reading import read_rules, to_read
    from takeoff.lake import parts
    from takeoff.lake.evidence import lay_out
    from takeoff.lake.layout import open_layout
    from takeoff.lake.reader import read_snapshots
    from takeoff.lake.work import Run

    pa.set_cpu_count(threads)
    if not is_ordered:
        parts.keys.ordered = lambda rows, key: (rows, None)
    layout = open_layout(lake)
    (snapshot,) = read_snapshots(layout)
    rules = read_rules(Settings(lake=Path(lake)))
    ref, options = snapshot.ref, snapshot.options
    with Run(open_layout(folder / "again", create=True)) as run:
        documents = [
            lay_out(layout, item, folder / "evidence")
            for item in to_read(snapshot.evidence, options)
        ]
        yield {}
        for document in documents:
            if packed is not None and document.name.endswith(INDEX):
                with gzip.open(packed) as file, document.path.open("wb") as plain:
                    shutil.copyfileobj(file, plain, 1 << 20)
        later = parts.at_once if threads == 1 else run.later
        writer = parts.PartsWriter(folder / "out", parts.Identity.of(snapshot), later)
        for table, batch in batches_of(ref.vendor, documents, options, rules, run, Quiet()):
            writer.write(table, batch)
        files = writer.finish(snapshot.evidence)
        told = hashlib.sha256("".join(file.sha256 for file in files).encode()).digest()
        yield {
            **{t: sum(file.rows for file in files if file.table == t) for t in TABLES},
            "sha256": int.from_bytes(told[:6], "big"),
        }


def fetched(room: Room, vendor: str, service: Service, name: str) -> Path:
    """A lake with the service's one model, kept in the room under this name."""
    lake = room.data / name
    ready = room.data / f"{name}.txt"
    if not ready.is_file():
        at = {
            f"TAKEOFF_{vendor.upper()}_BASE_URL": service.base_url,
            f"TAKEOFF_{vendor.upper()}_TOKEN": service.token,
        }
        room.takeoff("fetch", vendor, "--lake", str(lake), environment=at)
        ready.write_text("fetched\n", "utf-8")
    return lake
