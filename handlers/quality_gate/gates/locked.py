"""Requirements that a lock file does not satisfy. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from handlers.quality_gate.declarations import Declared
from handlers.quality_gate.packages import normal_name


@dataclass(frozen=True, slots=True)
class Conflict:
    """A requirement, and what a lock file has instead."""

    requirement: Declared
    pin: Declared


def conflicts(entries: tuple[Declared, ...]) -> Iterator[Conflict]:
    """Each requirement that none of a lock file's pins of the package satisfies.

    A lock file belongs to the requirements of its folder, and of the one above. Requirements with a marker are alternatives: one
    of a package's must be satisfied, since a lock may be of one environment only. A package that a lock does not have is none of
    its.
    """
    pins: dict[str, dict[str, list[Declared]]] = defaultdict(lambda: defaultdict(list))
    needs: dict[tuple[str, str], list[Declared]] = defaultdict(list)
    for each in entries:
        name = normal_name(each.tool)
        (pins[name][each.path] if each.is_pin else needs[name, each.path]).append(each)
    for (name, path), requirements in needs.items():
        for lock, versions in pins[name].items():
            if _belongs(lock, path):
                yield from _unsatisfied(requirements, versions)


def _unsatisfied(requirements: list[Declared], versions: list[Declared]) -> Iterator[Conflict]:
    always = [each for each in requirements if not each.is_conditional]
    sometimes = [each for each in requirements if each.is_conditional]
    for each in always:
        if not any(_admits(each, pin) for pin in versions):
            yield Conflict(each, versions[0])
    if sometimes and not any(_admits(each, pin) for each in sometimes for pin in versions):
        yield Conflict(sometimes[0], versions[0])


def _belongs(lock: str, path: str) -> bool:
    folder, of_lock = path.rpartition("/")[0], lock.rpartition("/")[0]
    return of_lock == folder or of_lock.rpartition("/")[0] == folder


def _admits(requirement: Declared, pin: Declared) -> bool:
    """A specifier that cannot be read is not held against anything."""
    try:
        return SpecifierSet(requirement.specifier).contains(
            Version(pin.specifier.lstrip("=").split(",")[0]), prereleases=True
        )
    except (InvalidSpecifier, ValueError):
        return True
