"""What an examination of takeoff and its surroundings finds, one finding at a time."""

from __future__ import annotations

from dataclasses import dataclass

from takeoff.core.errors import TakeoffError


@dataclass(frozen=True)
class Diagnosis:
    """One check: what was looked at, what was found and, unless it is sound, the cure.

    `status` is ok, warning (it works, but look at it) or failed (what needs it does not work);
    `exit_code` is that of the error that a command would end in, 0 unless it failed.
    """

    check: str
    found: str
    status: str = "ok"
    cure: str | None = None
    exit_code: int = 0


def warning(check: str, found: str, cure: str) -> Diagnosis:
    """Something works, but somebody should look at it."""
    return Diagnosis(check, found, "warning", cure)


def failed(check: str, found: str, cure: str, error: type[TakeoffError]) -> Diagnosis:
    """Something does not work: what needs it ends in such an error."""
    return Diagnosis(check, found, "failed", cure, error.exit_code)


def counted(number: int, name: str) -> str:
    """Such as `1 model` or `2 models`."""
    return f"{number} {name}{'s' * (number != 1)}"


def broken(check: str, error: TakeoffError, cure: str) -> Diagnosis:
    """What an error says, and what it says to do next; `cure` if it says nothing of that."""
    found, semicolon, said = str(error).rpartition("; ")
    if not semicolon:
        return failed(check, str(error), cure, type(error))
    return failed(check, found, said, type(error))
