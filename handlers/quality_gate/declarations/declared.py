"""A version that a file declares."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from handlers.quality_gate.declarations.unlocked import Unlocked

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Declared:
    """A version of a package or tool: `==7.6.1`, or a range (PEP 440); where, for people.

    `is_pin` says that this is what is installed; `is_conditional` that it holds under a marker only (PEP 508).
    """

    tool: str
    specifier: str
    path: str
    line: int
    is_pin: bool = False
    is_conditional: bool = False


@dataclass(frozen=True, slots=True)
class Declarations:
    """What the files declare, why some of them could not be read, and what lock files lack."""

    entries: tuple[Declared, ...] = ()
    problems: tuple[str, ...] = ()
    unlocked: tuple[Unlocked, ...] = ()


def required(text: str, path: str, line: int, *, is_pin: bool = False) -> Declared | None:
    """A requirement of PEP 508; None for one that says no version, and for one by its address."""
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return None
    if found.url or not found.specifier:
        return None
    return Declared(found.name[:MAX_NAME], str(found.specifier), path, line, is_pin, found.marker is not None)


def pinned(name: str, version: str, path: str, line: int) -> Declared | None:
    """A pin of one version; None for what is no version, such as a commit."""
    plain = version.strip().removeprefix("v")
    try:
        Version(plain)
    except InvalidVersion:
        return None
    return Declared(name[:MAX_NAME], f"=={plain}", path, line, is_pin=True)


def line_with(text: str, *needles: str) -> int:
    """The first line that has one of these in it, 1 where none does."""
    for number, line in enumerate(text.splitlines(), start=1):
        if any(needle in line for needle in needles):
            return number
    return 1
