"""Where logins are kept between commands: the system's keyring, else a file that only you can read.

TAKEOFF_TOKENS names a file to use instead of both.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import platformdirs

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.http.auth import Tokens

_SERVICE = "takeoff"


class TokenStore(Protocol):
    """Tokens by vendor and host. `where` says for people where they are."""

    where: str

    def read(self, name: str) -> Tokens | None:
        """The tokens kept as `name`; null if there are none. Raises: InputRefused."""

    def write(self, name: str, tokens: Tokens | None) -> None:
        """Keep these instead of those there are; null forgets them. Raises: LakeUnusable."""


def open_store(environ: Mapping[str, str] = os.environ) -> TokenStore:
    """The file that TAKEOFF_TOKENS names, else the keyring if there is one, else our own file."""
    if environ.get("TAKEOFF_TOKENS"):
        return FileStore(Path(environ["TAKEOFF_TOKENS"]))
    keyring = _keyring()
    if isinstance(keyring.get_keyring(), keyring.backends.fail.Keyring):
        return FileStore(platformdirs.user_config_path("takeoff") / "tokens.json")
    return KeyringStore()


def _keyring() -> ModuleType:
    """The package; as it is imported it looks for every kind of keyring, which takes a while."""
    import keyring
    import keyring.backends.fail
    import keyring.errors

    return keyring


class KeyringStore:
    """The keyring of the system, such as Keychain or Secret Service."""

    def __init__(self) -> None:
        self._keyring = _keyring()
        self.where = f"the keyring ({self._keyring.get_keyring().name})"

    def read(self, name: str) -> Tokens | None:
        """See TokenStore."""
        try:
            text = self._keyring.get_password(_SERVICE, name)
        except self._keyring.errors.KeyringError as error:
            raise InputRefused(
                f"{self.where} does not open; unlock it, or set TAKEOFF_TOKENS to a file."
            ) from error
        try:
            return None if text is None else _tokens(json.loads(text))
        except (KeyError, TypeError, ValueError):
            raise InputRefused(
                f"{self.where} holds no login under our name; log in again."
            ) from None

    def write(self, name: str, tokens: Tokens | None) -> None:
        """See TokenStore."""
        try:
            if tokens is not None:
                self._keyring.set_password(_SERVICE, name, json.dumps(_plain(tokens)))
            elif self._keyring.get_password(_SERVICE, name) is not None:
                self._keyring.delete_password(_SERVICE, name)
        except self._keyring.errors.KeyringError as error:
            raise LakeUnusable(
                f"{self.where} does not take the login; unlock it, or set TAKEOFF_TOKENS to a file."
            ) from error


class FileStore:
    """A file with mode 0600; one that others may read is refused."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.where = str(path)

    def read(self, name: str) -> Tokens | None:
        """See TokenStore."""
        known = self._all().get(name)
        try:
            return None if known is None else _tokens(known)
        except (KeyError, TypeError, ValueError):
            raise self._is_no_store() from None

    def write(self, name: str, tokens: Tokens | None) -> None:
        """See TokenStore."""
        known = self._all()
        known.pop(name, None)
        if tokens is not None:
            known[name] = _plain(tokens)
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                json.dump(known, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self._path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise LakeUnusable(
                f"The login cannot be kept in {self._path}: {error.strerror}; "
                "set TAKEOFF_TOKENS to another file."
            ) from error

    def _all(self) -> dict[str, Any]:
        try:
            mode = self._path.stat().st_mode
            if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
                raise InputRefused(
                    f"Others may read the logins in {self._path}; run: chmod 600 {self._path}"
                )
            known = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise InputRefused(
                f"The logins in {self._path} cannot be read; remove the file and log in again."
            ) from error
        if not isinstance(known, dict):
            raise self._is_no_store()
        return known

    def _is_no_store(self) -> InputRefused:
        return InputRefused(f"{self._path} holds no logins; remove the file and log in again.")


def _plain(tokens: Tokens) -> dict[str, Any]:
    ends = tokens.expires_at
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_at": None if ends is None else ends.isoformat(),
        "scheme": tokens.scheme,
    }


def _tokens(plain: Mapping[str, Any]) -> Tokens:
    """Raises: KeyError, TypeError, ValueError if that is not what `_plain` makes."""
    ends, token, refresh = plain["expires_at"], plain["access_token"], plain["refresh_token"]
    if not isinstance(token, str) or not isinstance(refresh, str | None):
        raise TypeError
    return Tokens(
        token, refresh, None if ends is None else datetime.fromisoformat(ends), plain["scheme"]
    )
