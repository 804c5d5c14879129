"""All errors that a caller may meet, grouped by what the reader can do about them.

TakeoffError
├── InputRefused      3   change the ask: the file, query, name or parameter
├── VendorRefused     4   log in, get the permission, or name what exists; the vendor said no
├── TryLater          5   wait: unreachable, too many requests, too slow, or broken off
├── NotUnderstood     6   the source says something that we cannot read completely
├── LakeUnusable      7   repair, free or unlock the lake
└── GateFailed        8   look at what checks show to be wrong; nothing was written

The number is the exit code. Every message is one sentence or two: what, where, what to do next.
"""

from __future__ import annotations


class TakeoffError(Exception):
    """Something that the user should read; never a bug of ours."""

    exit_code = 1


class InputRefused(TakeoffError):
    """A file, query, name or parameter that cannot be used as given. Nothing was changed."""

    exit_code = 3


class VendorRefused(TakeoffError):
    """A vendor's no: login, permission, not found, or a request that it will not take.

    `status` is the HTTP status of the answer; null if there was none, as for a failed operation.
    """

    exit_code = 4

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class TryLater(TakeoffError):
    """Unreachable, too many requests, too slow, or answers that break off. Nothing was committed.

    `status` is the HTTP status of the last answer; null if none came.
    """

    exit_code = 5

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NotUnderstood(TakeoffError):
    """A source's answer that is incomplete or not in a form we know. Nothing was committed."""

    exit_code = 6


class LakeUnusable(TakeoffError):
    """The lake is damaged, full, read-only, or no folder. What was committed stays as it was."""

    exit_code = 7


class GateFailed(TakeoffError):
    """Checks show that figures are wrong, and the caller wanted none such."""

    exit_code = 8
