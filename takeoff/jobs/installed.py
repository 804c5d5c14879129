"""Python and the libraries that are installed, held against what the package says it needs."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from takeoff.core.errors import InputRefused
from takeoff.jobs.diagnosis import Diagnosis, failed, warning

_PACKAGE = "takeoff"
# The others together, and what only the tests need.
_NOT_FOR_PEOPLE = ("all", "test")


def installed() -> list[Diagnosis]:
    """Python, the libraries and each extra; all bounds are those of the package itself."""
    try:
        ours = distribution(_PACKAGE)
    except PackageNotFoundError:
        found = "takeoff is not installed, only imported: nothing says which versions it needs"
        return [warning("libraries", found, "run: pip install takeoff")]
    needs = [Requirement(text) for text in ours.requires or ()]
    extras = [
        extra
        for extra in ours.metadata.get_all("Provides-Extra") or ()
        if extra not in _NOT_FOR_PEOPLE
    ]
    return [
        examine_python(ours.metadata["Requires-Python"] or ""),
        *examine_libraries(needs),
        *(examine_extra(extra, needs) for extra in sorted(extras)),
    ]


def examine_python(bounds: str) -> Diagnosis:
    """The version of Python, against bounds such as `>=3.11`."""
    has = platform.python_version()
    if SpecifierSet(bounds).contains(has, prereleases=True):
        return Diagnosis("Python", f"{has} ({bounds or 'any'} is needed)")
    cure = f"make a virtual environment with Python {bounds}"
    return failed("Python", f"{has}, but {bounds} is needed", cure, InputRefused)


def examine_libraries(needs: Sequence[Requirement]) -> Iterator[Diagnosis]:
    """A line for each library that is missing or out of bounds; one for all if there is none."""
    always = [need for need in needs if _is_needed(need, "")]
    problems = [(need, problem) for need in always if (problem := _problem(need)) is not None]
    for need, problem in problems:
        cure = f"run: pip install '{need.name}{need.specifier}'"
        yield failed(f"library {need.name}", problem, cure, InputRefused)
    if not problems:
        yield Diagnosis("libraries", f"all {len(always)} as takeoff needs them")


def examine_extra(extra: str, needs: Sequence[Requirement]) -> Diagnosis:
    """Whether what the extra brings is installed; that it is not is no fault."""
    of_extra = [need for need in needs if _is_needed(need, extra) and not _is_needed(need, "")]
    check, cure = f"extra {extra}", f"pip install '{_PACKAGE}[{extra}]'"
    missing = [need.name for need in of_extra if _version(need.name) is None]
    if missing:
        return Diagnosis(check, f"not installed (lacks {', '.join(missing)}); to have it: {cure}")
    wrong = [problem for need in of_extra if (problem := _problem(need)) is not None]
    if wrong:
        return warning(check, "; ".join(wrong), f"run: {cure}")
    return Diagnosis(check, "installed")


def _is_needed(need: Requirement, extra: str) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": extra})


def _problem(need: Requirement) -> str | None:
    has = _version(need.name)
    if has is None:
        return f"{need.name} is not installed, {need.specifier or 'any version'} is needed"
    if need.specifier.contains(has, prereleases=True):
        return None
    return f"{need.name} is {has}, but {need.specifier} is needed"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
