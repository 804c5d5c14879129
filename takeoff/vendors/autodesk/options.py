"""How a model is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from takeoff.core.errors import InputRefused
from takeoff.http.operations import Patience
from takeoff.vendors.autodesk import waiting
from takeoff.vendors.autodesk.asked import CodeField

# Names under which Uniclass is found in models; Revit has no field of its own for it.
UNICLASS = (
    CodeField("Uniclass 2015", "Classification.Uniclass.Ss.Number"),
    CodeField("Uniclass 2015", "Classification.Uniclass.Pr.Number"),
    CodeField("Uniclass 2015", "Classification.Uniclass.EF.Number"),
    CodeField("Uniclass 2015", "Uniclass 2015", "Uniclass 2015 Description"),
    CodeField("Uniclass 2015", "Uniclass2015", "Uniclass2015 Description"),
    CodeField("Uniclass", "Uniclass", "Uniclass Description"),
)


@dataclass(frozen=True)
class Options:
    """How a model is asked for.

    `region` is where the account's data lies, such as US or EMEA; null lets the service find it.
    `previous_version` is the URN of a version to compare with, such as the one that a lake has:
    what has changed since is then stated by the service itself; null asks for no comparison.
    `codes` are properties of the model that hold codes, each as `System=Name` or `System=Name|Name
    of the title`; those of Revit and the usual names for Uniclass are known.
    """

    region: str | None = None
    previous_version: str | None = None
    codes: tuple[str, ...] = ()
    patience: Patience = field(default=waiting.USUAL)

    @property
    def code_fields(self) -> tuple[CodeField, ...]:
        """The properties that hold codes, those asked for first. Raises: InputRefused."""
        return (*map(_code_field, self.codes), *UNICLASS)


def _code_field(written: str) -> CodeField:
    system, _, names = written.partition("=")
    name, _, title = names.partition("|")
    if not system.strip() or not name.strip():
        raise InputRefused(
            f"A property with codes is written System=Name or System=Name|Title, not '{written}'."
        )
    return CodeField(system.strip(), name.strip(), title.strip() or None)
