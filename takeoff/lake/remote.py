"""The objects of a lake on an object store: listed, fetched, put, created, deleted.

One object is one file of the lake, under the same name. Which account and endpoint, the store's own
library finds out as its own tools do. What it says is not passed on: it may quote an address with a
login in it.
"""

from __future__ import annotations

import errno
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from packaging.requirements import Requirement

from takeoff.core.errors import InputRefused, LakeUnusable, TakeoffError, TryLater
from takeoff.core.lake_url import STORES
from takeoff.lake import disk

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")
# Requests under way at once, for many small objects.
AT_ONCE = 8
_TRIES = 3
# Each takes a piece of 50 MiB into memory.
_OPTIONS: dict[str, dict[str, Any]] = {"s3": {"max_concurrency": 2}}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# What a library says of a request that will never be answered otherwise.
_REFUSED = {errno.EINVAL, errno.EPERM, errno.ENOSYS, getattr(errno, "EREMCHG", errno.EINVAL)}
_RIGHT = "get the right to, or name another lake"


class Remote:
    """The objects below one URL. May be shared by threads.

    Every call raises LakeUnusable if the store refuses it, and TryLater if it cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._files, self._root = _opened(url)
        self._begun: set[str] = set()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Remote) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)

    def __repr__(self) -> str:
        return f"Remote({self.url!r})"

    def at(self, name: str) -> str:
        """The object's URL."""
        return f"{self.url}/{name}"

    def top(self) -> list[str]:
        """What stands first in the names of all objects."""
        with _asked("list", self.url):
            try:
                found = self._files.ls(self._root, detail=False)
            except FileNotFoundError:
                return sorted({name.partition("/")[0] for name in self.names("")})
        return [name.rstrip("/").rpartition("/")[2] for name in found]

    def names(self, folder: str) -> dict[str, int]:
        """The bytes of every object in the folder and those below, by name, in order."""
        with self._in_bucket(), _asked("list", self.at(folder)):
            found = self._files.find(self._path(folder), detail=True)
        ahead = len(self._path(""))
        return {path[ahead:]: int(one["size"]) for path, one in sorted(found.items())}

    def size(self, name: str) -> int | None:
        """The object's bytes; null if there is none."""
        with _asked("read", self.at(name)):
            try:
                return int(self._files.info(self._path(name))["size"])
            except FileNotFoundError:
                return None

    def fetch(self, name: str, target: Path) -> bool:
        """Whether the object is there; then it is `target` now, in one step and whole."""
        part = target.with_name(f"{target.name}-{secrets.token_hex(6)}.part")
        disk.make_scratch(target.parent)
        try:
            with disk.usable(part, "write"):
                part.touch()
                if not self._got(name, part):
                    return False
            disk.replace(part, target)
            return True
        finally:
            disk.discard([part])

    def put(self, source: Path, name: str) -> None:
        """The file's content under a name that nobody else gives, or gives the same content."""
        with self._in_bucket(), _asked("write", self.at(name)):
            self._files.put_file(str(source), self._path(name))

    def create(self, content: bytes, name: str) -> None:
        """The object appears, whole and in one step, if the name is free.

        An answer that is lost is not the end: what is there under the name is compared.
        Raises: LakeUnusable if it is taken by other content. Unless it `is_free` then, nobody knows
        whether it appears.
        """
        self._begun.add(name)
        for attempt in range(_TRIES):
            try:
                self._create_once(content, name)
                return
            except LakeUnusable:
                # What was asked for earlier, and not answered, may still be done.
                if attempt == 0:
                    self._begun.discard(name)
                raise
            except TryLater:
                if attempt == _TRIES - 1:
                    raise

    def is_free(self, name: str) -> bool:
        """Whether an object that was to be created is surely not there, and will not be."""
        return name not in self._begun

    def delete(self, names: Iterable[str]) -> None:
        """Remove objects that nothing names; one that cannot be removed stays."""
        for name in names:
            with suppress(TakeoffError, FileNotFoundError), _asked("remove", self.at(name)):
                self._files.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _in_bucket(self) -> Iterator[None]:
        """Where nothing need be there, only the bucket itself can be missing."""
        try:
            yield
        except FileNotFoundError as error:
            raise LakeUnusable(
                f"There is no bucket for {self.url}; make it, or name another lake."
            ) from error

    def _got(self, name: str, part: Path) -> bool:
        try:
            with _asked("read", self.at(name)):
                self._files.get_file(self._path(name), str(part))
        except FileNotFoundError:
            return False
        return True

    def _create_once(self, content: bytes, name: str) -> None:
        with self._in_bucket(), _asked("create", self.at(name)):
            try:
                self._files.pipe_file(self._path(name), content, mode="create")
            except FileExistsError as error:
                # The library asks again by itself where an answer is lost.
                if self._files.cat_file(self._path(name)) != content:
                    raise LakeUnusable(
                        f"{self.at(name)} is there already, with other content; run again."
                    ) from error


def all_at_once(work: Callable[[_Item], _Done], items: Iterable[_Item]) -> list[_Done]:
    """What `work` gives for each item, in order, several under way at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, items))


def _opened(url: str) -> tuple[Any, str]:
    """The library's view of the store, and the URL as a path in it.

    Raises: InputRefused if what this store needs is not installed, or too old for it.
    """
    scheme = url.partition(":")[0]
    _must_have(STORES[scheme], scheme)
    import fsspec

    with _asked("open", url):
        # Another process may have written since: nothing that was listed once is believed.
        files, root = fsspec.url_to_fs(url, use_listings_cache=False, **_OPTIONS.get(scheme, {}))
    return files, root.rstrip("/")


def _must_have(needed: str, scheme: str) -> None:
    cure = f"pip install '{needed}'"
    library = Requirement(needed)
    try:
        has = version(library.name)
    except PackageNotFoundError as error:
        raise InputRefused(f"A lake at {scheme}:// needs a library more; {cure}.") from error
    if not library.specifier.contains(has, prereleases=True):
        raise InputRefused(
            f"A lake at {scheme}:// needs a newer {library.name}: {has} cannot create only what is "
            f"not there yet; {cure}."
        )


@contextmanager
def _asked(doing: str, url: str) -> Iterator[None]:
    """What a store's library raises is raised as ours; that there is no such object stays.

    So do a lack of room on this machine, and what is no word of the store's but a mistake in a
    program. `doing` completes "Cannot ...".
    """
    try:
        yield
    except (TakeoffError, FileNotFoundError):
        raise
    except PermissionError as error:
        raise LakeUnusable(f"You may not {doing} {url}{_code(error)}; {_RIGHT}.") from error
    except Exception as error:  # each store's library has errors of its own, with no common class
        is_full = isinstance(error, OSError) and error.errno in _NO_ROOM
        if is_full or not _is_of_a_library(error):
            raise
        raise _meant(error, doing, url) from error


def _is_of_a_library(error: Exception) -> bool:
    """Whether a library says it: by a class of its own, or one that Python has for such words.

    A KeyError or TypeError is said by nobody.
    """
    return isinstance(error, OSError | ValueError) or type(error).__module__ != "builtins"


def _meant(error: Exception, doing: str, url: str) -> TakeoffError:
    kind = type(error).__name__
    if "Credential" in kind or "Profile" in kind or "Token" in kind:
        return LakeUnusable(
            f"Cannot {doing} {url}: no login for it was found ({kind}); log in as the store's own "
            "tools do, such as by AWS_PROFILE."
        )
    is_refused = isinstance(error, OSError) and error.errno in _REFUSED
    if is_refused or isinstance(error, ValueError):
        return LakeUnusable(
            f"Cannot {doing} {url}: it is refused ({kind}{_code(error)}); look at the store's "
            "settings, such as AWS_ENDPOINT_URL and AWS_REGION."
        )
    return TryLater(
        f"Cannot {doing} {url}: {_problem(error)}; look at the network and, if it is set, at "
        "AWS_ENDPOINT_URL, and try again later."
    )


def _problem(error: Exception) -> str:
    kind = type(error).__name__
    if "Timeout" in kind:
        return "no answer came in time"
    if "Connection" in kind or "Connect" in kind:
        return "it cannot be reached"
    return f"the store failed ({kind}{_code(error)})"


def _code(error: BaseException) -> str:
    """What the store calls it, such as `, AccessDenied`; empty if it says nothing."""
    cause: BaseException | None = error
    while cause is not None:
        answer = getattr(cause, "response", None)
        if isinstance(answer, dict) and "Error" in answer:
            return f", {answer['Error'].get('Code', 'of no name')}"
        cause = cause.__cause__
    return ""
