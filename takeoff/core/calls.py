"""Which calls of a vendor's interface there are, and which of our functions makes each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call of a vendor's contract: `path` is under the base URL, with {names} for what varies.

    `function` makes it; `does` says in a few words what for.
    """

    method: str
    path: str
    does: str
    function: Callable[..., Any]
