"""The ways that are raced: each a whole process's work, from a service to Parquet.

`python -m tests.bench.ways WAY BASE_URL PAGES FOLDER` does one and prints its cost as JSON; the
service's token is in TAKEOFF_QONIC_TOKEN. What a way imports is imported before the clock starts.
The peers are written as people write them; do not improve them, or better them by less than they
deserve.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from tests.bench.models import PAGE_ROWS
from tests.bench.service import Service

# Rows that came out, by table; "rows" if there is one table only.
Rows = dict[str, int]
Way = Callable[[Service, int, Path], Rows]

# What each way imports, so that imports are not timed as work.
_PANDAS = ("requests", "pandas.core.arrays.arrow", "pyarrow.parquet")
_NEEDED = {
    # pyarrow imports pandas with the first array that it makes of Python objects.
    "takeoff": ("takeoff.jobs.fetch_models", "takeoff.vendors.qonic", "pandas"),
    "user": _PANDAS,
    "user_threads": _PANDAS,
    "spool": ("requests",),
}
_BODY = {"fields": None, "filters": []}
_AT_ONCE = 8


def takeoff(service: Service, pages: int, folder: Path) -> Rows:
    """`takeoff fetch qonic`: proved, with evidence, neutral tables in SI, committed."""
    from takeoff.config import Access, Settings
    from takeoff.core.progress import Quiet
    from takeoff.jobs.fetch_models import ModelOptions, fetch_models

    access = Access(service.base_url, service.token)
    settings = Settings(lake=folder / "lake", vendors={"qonic": access})
    (outcome,) = fetch_models(settings, "qonic", ModelOptions(), Quiet())
    if outcome.snapshot is None:
        raise outcome.error or RuntimeError("nothing was fetched")
    tables = ("elements", "quantities", "properties")
    return {table: outcome.snapshot.rows(table) for table in tables}


def user(service: Service, pages: int, folder: Path) -> Rows:
    """requests + json + pandas.json_normalize + to_parquet: one wide file."""
    import pandas as pd
    import requests

    h = {"Authorization": f"Bearer {service.token}"}
    out, k = [], 1
    while len(out) < pages * PAGE_ROWS:
        r = requests.post(_url(service, k), headers=h, json=_BODY)  # noqa: S113 - as it is written
        r.raise_for_status()
        out += r.json()["result"]
        k += 1
    pd.json_normalize(out).to_parquet(folder / "out.parquet")
    return {"rows": len(out)}


def user_threads(service: Service, pages: int, folder: Path) -> Rows:
    """The same with the pages asked for by eight threads."""
    import pandas as pd
    import requests

    s = requests.Session()
    s.headers["Authorization"] = f"Bearer {service.token}"

    def one(k: int) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = s.post(_url(service, k), json=_BODY).json()["result"]  # noqa: S113
        return rows

    with ThreadPoolExecutor(_AT_ONCE) as ex:
        out = [x for p in ex.map(one, range(1, pages + 1)) for x in p]
    pd.json_normalize(out).to_parquet(folder / "out.parquet")
    return {"rows": len(out)}


def spool(service: Service, pages: int, folder: Path) -> Rows:
    """The answers as bytes on the disk and nothing else: the limit of any fetch."""
    import requests

    s = requests.Session()
    s.headers["Authorization"] = f"Bearer {service.token}"

    def one(k: int) -> None:
        answer = s.post(_url(service, k), json=_BODY, stream=True)  # noqa: S113
        with answer, (folder / f"{k:05d}.json").open("wb") as file:
            while chunk := answer.raw.read(1 << 20, decode_content=False):
                file.write(chunk)

    with ThreadPoolExecutor(_AT_ONCE) as ex:
        list(ex.map(one, range(1, pages + 1)))
    return {"pages": pages}


WAYS: dict[str, Way] = {way.__name__: way for way in (takeoff, user, user_threads, spool)}


def _url(service: Service, page: int) -> str:
    products = f"{service.base_url}/projects/1/models/1/products"
    return f"{products}/properties/query?page={page}&pageSize={PAGE_ROWS}"


def _peak_mib() -> float:
    """The most memory that this process has held; a child's ru_maxrss starts at its parent's."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _main(name: str, service: Service, pages: int, folder: Path) -> None:
    way = WAYS[name]
    for module in _NEEDED[name]:
        import_module(module)
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    rows = way(service, pages, folder)
    wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    cost = {"wall_s": wall_s, "cpu_s": cpu_s, "peak_mib": _peak_mib(), "rows": rows}
    print(json.dumps(cost))  # noqa: T201 - this is how its cost is told


if __name__ == "__main__":
    there = Service(sys.argv[2], os.environ["TAKEOFF_QONIC_TOKEN"])
    _main(sys.argv[1], there, int(sys.argv[3]), Path(sys.argv[4]))
