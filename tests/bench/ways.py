"""The ways from a service to Parquet: each a whole process's work, run by `inside`.

The peers are written as people write them; do not improve them, or better them by less than they
deserve.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.bench.needs import Rows, needs

_PANDAS = ("requests", "pandas.core.arrays.arrow", "pyarrow.parquet")
_BODY: dict[str, Any] = {"fields": None, "filters": []}
_AT_ONCE = 8
_PAGE_ROWS = 5_000


# pyarrow imports pandas with the first array that it makes of Python objects.
@needs("takeoff.jobs.fetch_models", "takeoff.vendors.qonic", "pandas")
def takeoff(folder: Path, base_url: str, token: str, rows: int) -> Rows:
    """`takeoff fetch qonic`: proved, with evidence, neutral tables in SI, committed."""
    from takeoff.config import Access, Settings
    from takeoff.core.progress import Quiet
    from takeoff.jobs.fetch_models import ModelOptions, fetch_models

    access = Access(base_url, token)
    settings = Settings(lake=folder / "lake", vendors={"qonic": access})
    (outcome,) = fetch_models(settings, "qonic", ModelOptions("1", ["1"]), Quiet())
    if outcome.snapshot is None:
        raise outcome.error or RuntimeError("nothing was fetched")
    tables = ("elements", "quantities", "properties")
    return {table: outcome.snapshot.rows(table) for table in tables}


@needs(*_PANDAS)
def user(folder: Path, base_url: str, token: str, rows: int) -> Rows:
    """requests + json + pandas.json_normalize + to_parquet: one wide file."""
    import pandas as pd
    import requests

    h = {"Authorization": f"Bearer {token}"}
    out: list[dict[str, Any]] = []
    k = 1
    while len(out) < rows:
        r = requests.post(_url(base_url, k), headers=h, json=_BODY)  # noqa: S113 - as it is written
        r.raise_for_status()
        out += r.json()["result"]
        k += 1
    pd.json_normalize(out).to_parquet(folder / "out.parquet")
    return {"rows": len(out)}


@needs(*_PANDAS)
def user_threads(folder: Path, base_url: str, token: str, rows: int) -> Rows:
    """The same with the pages asked for by eight threads."""
    import pandas as pd
    import requests

    s = requests.Session()
    s.headers["Authorization"] = f"Bearer {token}"

    def one(k: int) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = s.post(_url(base_url, k), json=_BODY).json()["result"]  # noqa: S113
        return rows

    with ThreadPoolExecutor(_AT_ONCE) as ex:
        out = [x for p in ex.map(one, _numbers(rows)) for x in p]
    pd.json_normalize(out).to_parquet(folder / "out.parquet")
    return {"rows": len(out)}


@needs("requests")
def spool(folder: Path, base_url: str, token: str, rows: int) -> Rows:
    """The answers as bytes on the disk and nothing else: the limit of any fetch."""
    import requests

    s = requests.Session()
    s.headers["Authorization"] = f"Bearer {token}"

    def one(k: int) -> None:
        answer = s.post(_url(base_url, k), json=_BODY, stream=True)  # noqa: S113
        with answer, (folder / f"{k:05d}.json").open("wb") as file:
            while chunk := answer.raw.read(1 << 20, decode_content=False):
                file.write(chunk)

    with ThreadPoolExecutor(_AT_ONCE) as ex:
        list(ex.map(one, _numbers(rows)))
    return {"pages": len(_numbers(rows))}


def _numbers(rows: int) -> range:
    return range(1, -(-rows // _PAGE_ROWS) + 1)


def _url(base_url: str, page: int) -> str:
    products = f"{base_url}/projects/1/models/1/products"
    return f"{products}/properties/query?page={page}&pageSize={_PAGE_ROWS}"
