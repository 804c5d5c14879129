"""The parser of the commands: quick to start, and good at guessing what a misspelled name meant."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any


class LazyParser(argparse.ArgumentParser):
    """As argparse's own, but it gets its arguments when somebody first asks for them.

    Most command lines want one of the commands, and all their arguments together take longer than
    the rest of the start. The parsers of its commands are of this kind, too.
    """

    def __init__(
        self,
        *args: Any,
        fill: Callable[[LazyParser], None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._fill_with = fill

    def fill(self) -> None:
        """Gives it its arguments, if it has not got them yet."""
        fill, self._fill_with = self._fill_with, None
        if fill is not None:
            fill(self)

    def below(self) -> Iterator[LazyParser]:
        """This parser and those of all commands below it, each with its arguments."""
        self.fill()
        yield self
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                for command in dict.fromkeys(action.choices.values()):
                    yield from command.below()

    def parse_known_args(self, *args: Any, **kwargs: Any) -> Any:
        """As argparse's own."""
        self.fill()
        return super().parse_known_args(*args, **kwargs)

    def format_usage(self) -> str:
        """As argparse's own."""
        self.fill()
        return super().format_usage()

    def format_help(self) -> str:
        """As argparse's own."""
        self.fill()
        return super().format_help()

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """The nearest name instead of the list of all, if one is near."""
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            from difflib import get_close_matches

            known = [str(choice) for choice in action.choices or ()]
            near = get_close_matches(str(value), known, n=1)
            if not near:
                raise
            said = f"there is no {value!r}; did you mean '{near[0]}'?"
            raise argparse.ArgumentError(action, said) from error
