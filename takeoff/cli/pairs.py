"""What options hold that are lists or pairs."""

from __future__ import annotations

from collections.abc import Sequence

from takeoff.core.errors import InputRefused


def listed(text: str | None) -> list[str]:
    """`a, b` as a list; null is empty."""
    return [] if text is None else [item.strip() for item in text.split(",") if item.strip()]


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """NAME=VALUE by name. Raises: InputRefused for another form, or a name given twice."""
    found = [text.partition("=") for text in texts]
    for name, equals, _ in found:
        if not name or not equals:
            raise InputRefused(f"{option} wants NAME=VALUE, not '{name}'.")
        if [other for other, _, _ in found].count(name) > 1:
            raise InputRefused(f"{option} {name}=... is given more than once; give one value.")
    return {name: value for name, _, value in found}
