"""What the lines about fetching share: the ways from a service, dlt's among them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from tests.bench import peers
from tests.bench.race import Way, inside
from tests.bench.room import Room
from tests.bench.service import Service

_QUERY = "v1/projects/1/models/1/products/properties/query"
_PAGE_ROWS = 5_000
_AT_ONCE = 8


def ways(names: Sequence[str], service: Service, rows: int) -> list[Way]:
    """The ways of this room with these names, see the module `ways`."""
    asked = {"base_url": service.base_url, "token": service.token, "rows": rows}
    return [inside(name, f"tests.bench.ways:{name}", **asked) for name in names]


def dlt(room: Room, service: Service, rows: int) -> Way:
    """dlt's rest_api to Parquet, from a service that wants no login."""
    port, pages = urlsplit(service.base_url).port, -(-rows // _PAGE_ROWS)
    return peers.peer(
        "dlt",
        "fetch.py",
        "dlt_parquet",
        [port, pages, 0, _AT_ONCE, _QUERY],
        needs=("dlt", "pyarrow"),
        python=room.dlt_python,
    )
