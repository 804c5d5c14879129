"""What a decoder does not understand is quoted without what is secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from takeoff.config import Settings
from takeoff.core.errors import NotUnderstood
from takeoff.core.progress import Quiet
from takeoff.http.redact import hide
from takeoff.http.session import Session
from takeoff.jobs import reading
from takeoff.lake.work import Run
from takeoff.vendors.itwin import client

TOKEN = "a-token-that-an-answer-repeats"


@pytest.fixture(autouse=True)
def _hidden() -> None:
    hide([TOKEN])


def test_a_decoder_quotes_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*given: object, **more: object) -> Iterator[object]:
        raise NotUnderstood(f"It begins: {TOKEN}")
        yield

    vendor = SimpleNamespace(decode=SimpleNamespace(decode=decode))
    monkeypatch.setattr(reading, "reader", lambda name, options: vendor)
    run = cast(Run, SimpleNamespace(folder=tmp_path))
    rules = reading.read_rules(Settings())
    with pytest.raises(NotUnderstood, match=r"It begins: \*\*\*"):
        list(reading.decoded("itwin", [], {}, rules, run, Quiet()))


def test_itwin_quotes_no_token() -> None:
    def said_again(request: object, *into: object) -> object:
        raise NotUnderstood(f"It begins: {TOKEN}")

    session = cast(Session, SimpleNamespace(ask_json=said_again, ask=said_again))
    with pytest.raises(NotUnderstood, match=r"It begins: \*\*\*"):
        client.models(session)
