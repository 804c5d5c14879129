"""A parser that says what a misspelled name of a command, vendor or choice may have meant."""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from typing import Any


class SpellingParser(argparse.ArgumentParser):
    """As argparse's own; the parsers of its commands are of this kind, too."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """The nearest name instead of the list of all, if one is near."""
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            known = [str(choice) for choice in action.choices or ()]
            near = get_close_matches(str(value), known, n=1)
            if not near:
                raise
            said = f"there is no {value!r}; did you mean '{near[0]}'?"
            raise argparse.ArgumentError(action, said) from error
