"""Where a lake on an object store lies, as people name it: s3://bucket/prefix."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from takeoff.core.errors import InputRefused

# What reads and writes such a store, as pip knows it; older ones cannot create only what is free.
STORES = {"s3": "s3fs>=2025.3", "gs": "gcsfs>=2025.3", "abfs": "adlfs>=2024.12"}
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
# Azure names a container and the account that it is in: abfs://container@account.
_BUCKETS = {"abfs": re.compile(r"[A-Za-z0-9$-]+(@[A-Za-z0-9.-]+)?")}
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FOLDER = re.compile(r"(?!\.{1,2}$)[\w.=+-]+")


@dataclass(frozen=True)
class LakeUrl:
    """A lake on an object store; `mirrors` is a folder of this machine for copies of such lakes."""

    url: str
    mirrors: Path

    def __str__(self) -> str:
        return self.url

    @property
    def scheme(self) -> str:
        return self.url.partition(":")[0]

    @property
    def mirror(self) -> Path:
        """The folder for copies of this lake's files."""
        return self.mirrors / hashlib.sha256(self.url.encode()).hexdigest()[:16]


def is_url(name: str) -> bool:
    """Whether this is the name of a lake on an object store, or meant to be one; no folder."""
    return _URL.match(name) is not None


def checked_url(name: str) -> str:
    """The URL in the one form that we write it in: scheme, bucket, and prefix without a last `/`.

    Raises: InputRefused. It does not quote the URL, which may have a login in it.
    """
    found = _URL.fullmatch(name)
    scheme, rest = (found[1].lower(), found[2]) if found else ("", "")
    if scheme not in STORES:
        known = ", ".join(f"{one}://" for one in STORES)
        raise InputRefused(f"A lake cannot be at {scheme}://; name a folder, or one of {known}.")
    bucket, *folders = rest.rstrip("/").split("/")
    if not _BUCKETS.get(scheme, _BUCKET).fullmatch(bucket) or not all(
        map(_FOLDER.fullmatch, folders)
    ):
        raise InputRefused(
            f"The lake's URL is more than {scheme}://bucket/prefix, or less; write that alone, in "
            "letters, digits and ._=+-, and give logins as the store's own tools take them, such "
            "as AWS_PROFILE."
        )
    return f"{scheme}://{'/'.join([bucket, *folders])}"
