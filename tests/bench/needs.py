"""What a function says of itself that is raced by `inside`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

# What came out, by table or name.
Rows = dict[str, int]
# A generator first yields when it is ready: what comes before is not timed.
Function = Callable[..., Rows | Iterator[Rows]]

# The modules that functions need, by `module:function`.
NEEDED: dict[str, tuple[str, ...]] = {}


def needs(*modules: str) -> Callable[[Function], Function]:
    """Marks a function that imports these modules while it works: to import them is not timed."""

    def marked(function: Function) -> Function:
        NEEDED[f"{function.__module__}:{function.__qualname__}"] = modules
        return function

    return marked
