"""Logins kept wherever one can be, fetches that end in every way; searched in all they leave."""

from __future__ import annotations

import base64
import json
import logging
import os
import random
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from itertools import product
from pathlib import Path
from stat import S_IMODE
from typing import Any
from urllib.parse import quote

import keyring
import pytest
import requests
from both_ways import fetch_one
from flask import request
from keyring.backend import KeyringBackend
from vendors_under_test import VENDORS, Vendor, walls
from werkzeug.wrappers import Response

from takeoff import cli
from takeoff.config import Settings, read_settings
from takeoff.core.errors import TakeoffError
from takeoff.http.auth import Tokens
from takeoff.jobs import logins
from takeoff.jobs.logins import Browser, client_of, log_in, vendor_session
from takeoff.jobs.token_store import open_store
from takeoff.lake.layout import open_layout
from takeoff.render import forms
from takeoff.sandbox import SWITCHES, Running, Sandbox, hooks

from .faults import hurried
from .origins import surroundings
from .planted import SIGNED, Planted
from .tally import Part, Sizes, Tally, each

_REDIRECT = "http://localhost:8974/callback"
_USUAL = {switch.name: switch.default for switch in SWITCHES}
_FAULTS = ("none", "401", "401_dead", "403", "500", "html", "broken", "redirect_loop", "reset")
# A service that says again what it was sent: as it refuses, or as the answer itself.
_ECHOES = {"echo_403": 403, "echo_500": 500, "echo_200": 200, "echo_text": 400, "echo_login": 400}
_SHOWN = (
    ["report", "by_class"],
    ["snapshots"],
    ["sql", "select method, path, body_sha256 from all_evidence"],
    ["sql", "select code, text from warnings"],
)


class InMemory(KeyringBackend):
    """A keyring that forgets."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._known.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._known[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._known[service, username]


@dataclass(frozen=True)
class _Run:
    """One run: where its logins, lake and output are, and what must not be found."""

    vendor: Vendor
    running: Running
    folder: Path
    planted: Planted
    patch: pytest.MonkeyPatch
    chance: random.Random

    @property
    def tokens(self) -> Path:
        return self.folder / "private" / "tokens.json"

    def environ(self, name: str, value: str) -> None:
        self.patch.setenv(f"TAKEOFF_{self.vendor.name.upper()}_{name}", value)

    def settings(self) -> Settings:
        return read_settings({"lake": str(self.folder / "lake")}, os.environ)


Way = Callable[[_Run], None]


def _environment(run: _Run) -> None:
    """The token, and beside it all that is never used with it."""
    for name in ("CLIENT_SECRET", "PRIVATE_KEY"):
        run.environ(name, run.planted.secret(name.lower(), run.chance))
    run.environ("TOKEN", run.running.at(run.vendor.name).token)


def _file(run: _Run) -> None:
    run.patch.setenv("TAKEOFF_TOKENS", str(run.tokens))
    _keep(run)
    assert os.name != "posix" or S_IMODE(run.tokens.stat().st_mode) == 0o600


def _keyring(run: _Run) -> None:
    backend = InMemory()
    run.patch.setattr(keyring, "get_keyring", lambda: backend)
    for name in ("get_password", "set_password", "delete_password"):
        run.patch.setattr(keyring, name, getattr(backend, name))
    _keep(run)
    run.planted.say("repr", repr(backend))


def _keep(run: _Run) -> None:
    """A login as an earlier command has kept it."""
    vendor = run.vendor.name
    client, token = client_of(vendor), run.running.at(vendor).token
    tokens = Tokens(token, run.planted.secret("refresh", run.chance), None, logins._scheme(client))
    store = open_store()
    store.write(logins._kept_as(vendor, client, run.settings().vendors[vendor]), tokens)
    run.planted.say("repr", repr(store), repr(tokens), store.where, repr(store.read("none")))


def _login(run: _Run) -> None:
    """A login in a browser; answers of the authority bring the secrets."""
    service = run.running.at(run.vendor.name)
    run.patch.setenv("TAKEOFF_TOKENS", str(run.tokens))
    run.environ("REDIRECT_URI", _REDIRECT)
    run.environ("AUTHORITY", service.base_url)
    if "service_client_secret" in service.told and run.chance.random() < 0.5:
        run.environ("CLIENT_ID", service.told["service_client_id"])
        run.environ("CLIENT_SECRET", service.told["service_client_secret"])
        run.planted.secrets.add(service.told["service_client_secret"])
    else:
        run.environ("CLIENT_ID", service.told["client_id"])
    ended: list[str] = []

    def show(url: str) -> None:
        answer = requests.get(url, allow_redirects=False, timeout=10)
        ended.append(answer.headers["Location"])
        run.planted.secrets.add(ended[0].partition("code=")[2].partition("&")[0])

    where = log_in(run.settings(), run.vendor.name, Browser(show, lambda: ended[0]))
    run.planted.say("repr", where)


def _application(run: _Run) -> None:
    """An application that proves itself by its secret, each time anew."""
    service = run.running.at(run.vendor.name)
    run.planted.secrets.add(service.told["client_secret"])
    run.environ("CLIENT_ID", service.told["client_id"])
    run.environ("CLIENT_SECRET", service.told["client_secret"])
    run.environ("AUTHORITY", service.base_url)


_PEOPLE, _SERVICES = ("qonic", "autodesk", "itwin"), ("itwin",)
_WAYS: tuple[tuple[Vendor, Way], ...] = (
    *product(VENDORS, (_environment, _file, _keyring)),
    *((vendor, _login) for vendor in VENDORS if vendor.name in _PEOPLE),
    *((vendor, _application) for vendor in VENDORS if vendor.name in _SERVICES),
)


def _cases() -> list[tuple[Vendor, Way, str]]:
    """All there are, in an order that has some of each among the first few."""
    every = [(vendor, way, fault) for vendor, way in _WAYS for fault in (*_FAULTS, *_ECHOES)]
    random.Random(0).shuffle(every)
    return every


_CASES = _cases()


def _run(seeds: Sequence[int], folder: Path) -> Tally:
    walls(12).commit(folder / "served")
    switches = {"redirect_uris": _REDIRECT, "polls": "0"}

    def once(seed: int) -> str:
        vendor, way, fault = _CASES[seed % len(_CASES)]
        place = folder / str(seed)
        (place / "out").mkdir(parents=True)
        try:
            with (
                surroundings(place),
                Sandbox(open_layout(folder / "served"), switches).start() as running,
                pytest.MonkeyPatch.context() as patch,
            ):
                planted = Planted(SIGNED, running.at(vendor.name).token, "of-netrc")
                run = _Run(vendor, running, place, planted, patch, random.Random(seed))
                _fetch(run, way, fault)
        except Exception as error:
            error.add_note(f"{vendor.name}, {way.__name__[1:]}, {fault}")
            raise
        return f"{way.__name__[1:]}"

    return each(seeds, once)


def _fetch(run: _Run, way: Way, fault: str) -> None:
    """What goes well, what goes wrong, and all that can be shown then."""
    planted, folder = run.planted, run.folder
    for name in [name for name in os.environ if name.startswith("TAKEOFF_")]:
        run.patch.delenv(name)
    run.environ("BASE_URL", run.running.at(run.vendor.name).base_url)
    _note_answers(run)
    with _listening(planted), hurried():
        way(run)
        settings = run.settings()
        # A password of .netrc would make this fail: the service knows nobody of that name.
        outcome = fetch_one(settings, run.vendor.name)
        assert outcome.error is None, outcome.error
        _go_wrong(run, fault)
        _again(run, settings)
        _show(run)
    planted.must_not_be_said()
    if fault != "echo_200":  # what a service serves as data of a model is data
        for place in (folder / "lake", folder / "out"):
            planted.must_not_be_under(place)


def _go_wrong(run: _Run, fault: str) -> None:
    """Turn the service so that this happens from now on."""
    vendor = run.vendor
    sent = {"none": "none", "echo_login": "401_dead"}.get(fault, fault)
    wrong = vendor.spoiled("broken" if sent.startswith("echo") else sent) if sent != "none" else {}
    if run.chance.random() < 0.5 and wrong:
        wrong |= {"fault_at": run.chance.choice(vendor.endpoints), "fault_skip": "0"}
    form = {**vendor.many, **(vendor.stored or {}), "redirect_uris": _REDIRECT}
    run.running.turn(**{**_USUAL, "polls": "0", **form, **wrong, "fault_count": "all"})
    if fault in _ECHOES:
        _echo(run.patch, fault)


def _echo(patch: pytest.MonkeyPatch, fault: str) -> None:
    """Let the service say again all that it was sent, written in every way that a log may use."""
    usual = hooks.spoiled

    def echoed(answer: Response, struck: str, framing: str, here: str) -> Response:
        is_login = request.path.endswith("token")
        if not (is_login if fault == "echo_login" else struck == "broken"):
            return usual(answer, struck, framing, here)
        sent = request.headers.get("Authorization", "").rpartition(" ")[2]
        told = {
            "error": "refused",
            "message": f"you sent {sent} for {here}, or {quote(sent, safe='')}",
            "detail": f"{base64.b64encode(sent.encode()).decode()} {dict(request.headers)}",
            "errors": [request.form.to_dict(), request.args.to_dict(), sent],
        }
        text = json.dumps(told) if fault != "echo_text" else f"{sent}, {told}"
        kind = "text/plain" if fault == "echo_text" else "application/json"
        return Response(text, _ECHOES[fault], content_type=kind)

    patch.setattr(hooks, "spoiled", echoed)


def _again(run: _Run, settings: Settings) -> None:
    planted, vendor = run.planted, run.vendor.name
    try:
        with vendor_session(settings, vendor) as session:
            planted.say("repr", repr(session), repr(vars(session)))
        outcome = fetch_one(settings, vendor, force=True)
        error: BaseException | None = outcome.error
        planted.say("repr", repr(outcome))
    except TakeoffError as refusal:
        error = refusal
    planted.say("repr", repr(settings), repr(vars(settings)), repr(run.running))
    if error is not None:
        planted.say("traceback", *traceback.format_exception(error))
        planted.say("repr of an error", repr(error), repr(error.args), repr(vars(error)))


def _show(run: _Run) -> None:
    """What commands show of a lake or of a login, to a file of some form and to people."""
    lake = ["--lake", str(run.folder / "lake")]
    for number, words in enumerate(run.chance.sample(_SHOWN, 2)):
        target = run.folder / "out" / f"{number}.{run.chance.choice(forms())}"
        code = command(run.planted, *words, *lake, "-o", str(target))
        assert code == 0, f"{words}: {run.planted.said['words of a command'][-1]}"
    vendor = run.vendor.name
    others = (["verify"], ["doctor"], ["fetch", vendor, "--force"])
    command(run.planted, *run.chance.choice(others), *lake)
    for words in (["whoami"], ["models", vendor]):
        command(run.planted, *words)


def command(planted: Planted, *words: str) -> int:
    """The exit code of a command; what it says and shows is remembered."""
    shown = TextIOWrapper(BytesIO(), "utf-8")
    with redirect_stdout(shown), redirect_stderr(StringIO()) as said:
        code = cli.main(list(words))
        shown.flush()
    planted.say("output of a command", shown.buffer.getvalue().decode("utf-8", "replace"))  # type: ignore[attr-defined]
    planted.say("words of a command", said.getvalue())
    return code


def _note_answers(run: _Run) -> None:
    """Tokens that an authority gives are secrets from then on."""
    given = logins.tokens_of

    def noted(*arguments: Any) -> Tokens:
        tokens = given(*arguments)
        run.planted.secrets.update(filter(None, (tokens.access_token, tokens.refresh_token)))
        return tokens

    run.patch.setattr(logins, "tokens_of", noted)


@contextmanager
def _listening(planted: Planted) -> Iterator[None]:
    """All that is logged, by anybody, at every level."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    known = [one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    before = [(logger, logger.level) for logger in (root, *known)]
    root.addHandler(handler)
    for logger, _ in before:
        logger.setLevel(1)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for logger, level in before:
            logger.setLevel(level)
        assert "takeoff" in stream.getvalue(), "nothing was logged"
        planted.say("the log", stream.getvalue())


PARTS = (
    Part(
        "secrets",
        "in no log, traceback, repr, evidence, table, manifest, workbook or other output",
        Sizes(few=2, short=60, full=len(_CASES)),
        _run,
    ),
)
