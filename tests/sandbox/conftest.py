"""Sandboxes that serve small lakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from autodesk_wire import AutodeskWire, Turned, villa_lake
from wire import Serve, Wire, house, lake_of, row_of_walls

from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox


@pytest.fixture(scope="session")
def house_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lakes") / "house", house())


@pytest.fixture(scope="session")
def walls_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """25 walls."""
    return lake_of(tmp_path_factory.mktemp("lakes") / "walls", row_of_walls(25))


@pytest.fixture(scope="session")
def shared_sandboxes() -> Iterator[Callable[[Path], Running]]:
    """One sandbox a lake for all tests: reading a lake takes longer than most of them."""
    with ExitStack() as stack:
        running: dict[Path, Running] = {}

        def start(lake: Path) -> Running:
            if lake not in running:
                running[lake] = stack.enter_context(Sandbox(open_layout(lake)).start())
            return running[lake]

        yield start


@pytest.fixture
def serve(shared_sandboxes: Callable[[Path], Running]) -> Serve:
    """`serve(lake, switch=value, ...)`: that lake's sandbox, with all other switches as they were.

    It is shared: stop it not, and let its token live.
    """

    def turned(lake: Path, **switches: str) -> Wire:
        running = shared_sandboxes(lake)
        running.turn(**{switch.name: switch.default for switch in SWITCHES} | switches)
        running.forget()
        return Wire(running)

    return turned


@pytest.fixture
def serve_new() -> Iterator[Serve]:
    """As `serve`, but a sandbox of its own that ends with the test."""
    with ExitStack() as stack:

        def start(lake: Path, **switches: str) -> Wire:
            return Wire(stack.enter_context(Sandbox(open_layout(lake), switches).start()))

        yield start


@pytest.fixture
def house_wire(serve: Serve, house_lake: Path) -> Wire:
    """The house with every switch at its default, for tests that turn none."""
    return serve(house_lake)


@pytest.fixture(scope="session")
def two_villas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with a villa in two versions, for the stand-in of Autodesk."""
    return villa_lake(tmp_path_factory.mktemp("lakes") / "villa")


@pytest.fixture
def autodesk(shared_sandboxes: Callable[[Path], Running], two_villas: Path) -> Turned:
    """`autodesk(switch=value, ...)`: the villa's sandbox, with all other switches as they were.

    It is shared: stop it not, and let its token live.
    """

    def turned(**switches: str) -> AutodeskWire:
        running = shared_sandboxes(two_villas)
        quick = {"polls": "0"}
        running.turn(**{switch.name: switch.default for switch in SWITCHES} | quick | switches)
        running.forget()
        return AutodeskWire(running)

    return turned
