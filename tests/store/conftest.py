"""One S3 server for all tests here; each has a prefix of its own, and two machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from machines import Machine
from s3_server import BUCKET, Server, missing, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if (why := missing()) is not None:
        pytest.skip(why)
    with serving() as running:
        yield running


@pytest.fixture
def url(server: Server, tmp_path: Path) -> str:
    """A place without a lake."""
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def here(url: str, server: Server, tmp_path: Path) -> Machine:
    return Machine(url, tmp_path / "here", server)


@pytest.fixture
def there(url: str, server: Server, tmp_path: Path) -> Machine:
    return Machine(url, tmp_path / "there", server)
