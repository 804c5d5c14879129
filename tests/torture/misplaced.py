"""Secrets where none belongs or is as it should be: refused, or useless, but said to nobody.

And files with logins that others may read.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from stat import S_IMODE

import keyring
import pytest
from keyring.backends.fail import Keyring
from small_lakes import Model

from takeoff.config import read_settings
from takeoff.core.errors import InputRefused, TakeoffError
from takeoff.http.auth import Tokens
from takeoff.jobs.token_store import FileStore

from .origins import connections, surroundings
from .planted import Planted
from .secrets import command
from .tally import Part, Sizes, Tally, each

# Nobody listens there.
_BASE_URL = "http://127.0.0.1:9"
_CLIENT = {"TAKEOFF_ITWIN_BASE_URL": _BASE_URL, "TAKEOFF_ITWIN_CLIENT_ID": "known"}
_ACCOUNT = {
    "TAKEOFF_AUTODESK_BASE_URL": _BASE_URL,
    "TAKEOFF_AUTODESK_CLIENT_ID": "known",
    "TAKEOFF_AUTODESK_SERVICE_ACCOUNT": "account",
    "TAKEOFF_AUTODESK_KEY_ID": "key",
}
# Where a secret {s} was put by mistake: variables of the environment ...
_ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "login of a base URL": {"TAKEOFF_QONIC_BASE_URL": "https://me:{s}@127.0.0.1:9/v1"},
    "name of a base URL": {"TAKEOFF_QONIC_BASE_URL": "https://{s}@127.0.0.1:9/v1"},
    "query of a base URL": {"TAKEOFF_QONIC_BASE_URL": "https://127.0.0.1:9/v1?token={s}"},
    "fragment of a base URL": {"TAKEOFF_QONIC_BASE_URL": "https://127.0.0.1:9/v1#{s}"},
    "base URL with a token": {
        "TAKEOFF_QONIC_BASE_URL": "https://me:{s}@127.0.0.1:9/v1",
        "TAKEOFF_QONIC_TOKEN": "other{s}",
    },
    "authority": {**_CLIENT, "TAKEOFF_ITWIN_AUTHORITY": "https://me:{s}@127.0.0.1:9/?key={s}"},
    "token in quotes": {"TAKEOFF_QONIC_BASE_URL": _BASE_URL, "TAKEOFF_QONIC_TOKEN": "'{s} '"},
    "token with its word": {
        "TAKEOFF_QONIC_BASE_URL": _BASE_URL,
        "TAKEOFF_QONIC_TOKEN": "Bearer {s}",
    },
    "token of two lines": {
        "TAKEOFF_QONIC_BASE_URL": _BASE_URL,
        "TAKEOFF_QONIC_TOKEN": "{s}\n{s}",
    },
    "token with a letter": {
        "TAKEOFF_QONIC_BASE_URL": _BASE_URL,
        "TAKEOFF_QONIC_TOKEN": "{s}\u00e9",
    },
    "broken private key": {**_ACCOUNT, "TAKEOFF_AUTODESK_PRIVATE_KEY": "{s}"},
    "private key that ends": {
        **_ACCOUNT,
        "TAKEOFF_AUTODESK_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----\n{s}\n",
    },
    "secret of a client": {**_CLIENT, "TAKEOFF_ITWIN_CLIENT_SECRET": "{s}"},
    "unknown variable": {"TAKEOFF_QONIC_PASSWORD": "{s}", "TAKEOFF_QONIC_TOKENS": "{s}"},
    "unknown vendor": {"TAKEOFF_NOBODY_TOKEN": "{s}", "TAKEOFF_NOBODY_CLIENT_SECRET": "{s}"},
}
# ... or lines of takeoff.toml ...
_FILES = {
    "token in the file": '[vendors.qonic]\ntoken = "{s}"\n',
    "secret in the file": '[vendors.itwin]\nclient_secret = "{s}"\nclient_id = "known"\n',
    "key in the file": '[vendors.autodesk]\nprivate_key = """{s}"""\n',
    "token of takeoff": '[takeoff]\ntoken = "{s}"\n',
    "token of nothing": 'token = "{s}"\n',
    "token in a list": '[vendors.qonic]\ntoken = ["{s}"]\n',
    "list in a base URL": '[vendors.qonic]\nbase_url = ["https://me:{s}@127.0.0.1:9"]\n',
    "vendor that is a token": '[vendors]\nqonic = "{s}"\n',
    "base URL of the file": '[vendors.qonic]\nbase_url = "https://me:{s}@127.0.0.1:9/v1"\n',
    "file that breaks off": '[vendors.qonic]\ntoken = "{s}\n',
    "file that is no TOML": "TAKEOFF_QONIC_TOKEN={s}\n",
    "token of a model": '[[models]]\nvendor = "qonic"\nproject = "p"\ntoken = "{s}"\n',
    "login of a model": '[[models]]\nvendor = "qonic"\nproject = 7\ntoken = ["{s}"]\n',
}
# ... or a file with logins that is none any more.
_STORES = {
    "store that breaks off": '{"qonic https://127.0.0.1:9": {"access_token": "{s}"',
    "store of lists": '["{s}"]',
    "store of texts": '{"qonic http://127.0.0.1:9": "{s}"}',
    "store without names": '{"qonic http://127.0.0.1:9": {"token": "{s}"}}',
    "store of numbers": (
        '{"qonic http://127.0.0.1:9": {"access_token": ["{s}"], "refresh_token": 1,'
        ' "expires_at": "{s}", "scheme": null}}'
    ),
}
_PLACES = (*_ENVIRONMENTS, *_FILES, *_STORES)
_COMMANDS: tuple[Sequence[str], ...] = (
    ["whoami"],
    ["doctor", "--offline"],
    ["doctor"],
    ["models", "{vendor}"],
    ["fetch", "{vendor}", "--lake", "{lake}"],
    ["fetch", "--all", "--lake", "{lake}"],
    ["logout", "{vendor}"],
    ["snapshots", "--lake", "{lake}"],
)
_CASES = list(product(_PLACES, _COMMANDS))
random.Random(0).shuffle(_CASES)


def _settings(seeds: Sequence[int], folder: Path) -> Tally:
    Model("house").add("wall").commit(folder / "lake")

    def once(seed: int) -> str:
        place, words = _CASES[seed % len(_CASES)]
        with surroundings(folder), _empty(folder / str(seed)) as patch:
            planted = Planted()
            _plant(place, folder / str(seed), patch, planted.secret("s", random.Random(seed)))
            vendor = next((one for one in ("itwin", "autodesk") if _is_of(place, one)), "qonic")
            told = [word.format(vendor=vendor, lake=folder / "lake") for word in words]
            try:
                _say(planted, told)
                planted.must_not_be_said()
            except Exception as error:
                error.add_note(f"{place}: {' '.join(told)}")
                raise
        return "secrets"

    return each(seeds, once)


def _is_of(place: str, vendor: str) -> bool:
    return vendor.upper() in str(_ENVIRONMENTS.get(place)) or vendor in _FILES.get(place, "")


@contextmanager
def _empty(folder: Path) -> Iterator[pytest.MonkeyPatch]:
    """A folder to stand in, and an environment that says nothing of takeoff, without a keyring."""
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("TAKEOFF_")]:
            patch.delenv(name)
        patch.chdir(folder)
        patch.setenv("TAKEOFF_TOKENS", str(folder / "tokens.json"))
        patch.setattr(keyring, "get_keyring", Keyring)
        yield patch


def _plant(place: str, folder: Path, patch: pytest.MonkeyPatch, secret: str) -> None:
    for name, value in _ENVIRONMENTS.get(place, {}).items():
        patch.setenv(name, value.replace("{s}", secret))
    if place in _FILES:
        (folder / "takeoff.toml").write_text(_FILES[place].replace("{s}", secret))
    if place in _STORES:
        patch.setenv("TAKEOFF_QONIC_BASE_URL", _BASE_URL)
        (folder / "tokens.json").write_text(_STORES[place].replace("{s}", secret))
        (folder / "tokens.json").chmod(0o600)


def _say(planted: Planted, words: Sequence[str]) -> None:
    """A command, and the settings that it reads, in words; it ends in a sentence, not a crash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("takeoff.http.clock.Clock.sleep", lambda self, seconds: None)
        code = command(planted, *words)
    assert code in (0, 3, 4, 5, 6), f"it ended in {code}"
    try:
        settings = read_settings({}, os.environ)
    except TakeoffError as error:
        planted.say("repr of an error", str(error), repr(error))
        return
    planted.say("repr", repr(settings), str(settings), repr(settings.vendors))


# Who may read besides the owner, and what a file is made under.
_READABLE = [mode for mode in range(0o600, 0o700) if mode & 0o77]
_UMASKS = (0o000, 0o002, 0o022, 0o027, 0o077)
_USES: Mapping[str, Callable[[FileStore], object]] = {
    "read": lambda store: store.read("kept"),
    "read another": lambda store: store.read("other"),
    "write": lambda store: store.write("other", Tokens("t")),
    "forget": lambda store: store.write("kept", None),
}


def _token_files(seeds: Sequence[int], folder: Path) -> Tally:
    def once(seed: int) -> str:
        chance = random.Random(seed)
        planted = Planted()
        tokens = Tokens(planted.secret("token", chance), planted.secret("refresh", chance))
        path = folder / str(seed) / "private" / "tokens.json"
        with _umask(chance.choice(_UMASKS)):
            _must_be_private(path, tokens)
            path.chmod(_READABLE[seed % len(_READABLE)])
            _must_be_refused(path, chance, planted)
        return "files"

    return each(seeds, once)


def _must_be_private(path: Path, tokens: Tokens) -> None:
    """From its first byte, also if it is written again."""
    for _ in range(2):
        FileStore(path).write("kept", tokens)
        assert S_IMODE(path.stat().st_mode) == 0o600, oct(path.stat().st_mode)
        assert not S_IMODE(path.parent.stat().st_mode) & 0o77, oct(path.parent.stat().st_mode)
        assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert FileStore(path).read("kept") == tokens


def _must_be_refused(path: Path, chance: random.Random, planted: Planted) -> None:
    """Whatever it is opened for, also by another name; by a command, too, which asks nobody."""
    other = path.with_name("link.json")
    other.symlink_to(path)
    before = path.read_bytes()
    used = chance.choice(list(_USES))
    refusal = _refusal(lambda: _USES[used](FileStore(chance.choice((path, other)))))
    assert "chmod 600" in str(refusal), f"{used}: {refusal}"
    planted.say("the error", str(refusal), repr(refusal))
    with pytest.MonkeyPatch.context() as patch, connections() as connected:
        patch.setenv("TAKEOFF_TOKENS", str(path))
        patch.setenv("TAKEOFF_QONIC_BASE_URL", _BASE_URL)
        assert command(planted, "models", "qonic") == 3
    assert connected == []
    assert path.read_bytes() == before, "it was changed"
    assert json.loads(before)
    planted.must_not_be_said()


def _refusal(use: Callable[[], object]) -> object:
    """The error that it ends in; else what it gives."""
    try:
        return use()
    except InputRefused as error:
        return error


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


PARTS = (
    Part(
        "secrets in settings",
        f"{len(_PLACES)} mistakes: no command and no error says them",
        Sizes(few=8, short=len(_CASES), full=len(_CASES)),
        _settings,
    ),
    Part(
        "files with logins",
        "made for their owner alone; one that others may read is refused and not used",
        Sizes(few=3, short=63, full=630),
        _token_files,
    ),
)
