from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from loopback import FakeClock, Reply, Seen, Server, serving

from takeoff.http.auth import Auth, Bearer
from takeoff.http.messages import Limits
from takeoff.http.session import Session

Serve = Callable[[Callable[[Seen], Reply | None]], Server]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as servers:
        yield lambda script: servers.enter_context(serving(script))


@pytest.fixture
def open_session(clock: FakeClock) -> Iterator[Callable[..., Session]]:
    with ExitStack() as sessions:

        def opened(
            base_url: str, auth: Auth | None = None, *, limits: Limits | None = None, **more: object
        ) -> Session:
            auth = Bearer("token-that-nobody-may-see") if auth is None else auth
            session = Session(
                base_url, auth, **{"name": "Qonic", "clock": clock, "limits": limits, **more}
            )
            return sessions.enter_context(session)

        yield opened
