"""From a `codecov.yml` to a section `quality_gate`, and a list of what has no counterpart. Pure.

The keys are those of Codecov's own schema (https://docs.codecov.com/docs/codecovyml-reference). Nothing is dropped in silence:
each key is either carried over or listed with its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from handlers.quality_gate.codecov.reasons import reason_for
from handlers.quality_gate.codecov.text import Gate
from handlers.quality_gate.codecov.values import Path, globs_of, is_exact, leaves, percentage, shown

CARRY_DAYS = 30
MOST_REPORTS = 1_000
WORDS = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
"""Codecov reads YAML 1.1."""
METRICS = {"line": "line", "branch": "branch"}


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A key without a counterpart: its line, its dotted path, and why. Values are not told: some are secrets."""

    line: int
    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """The new file, None where nothing of the old one decides anything; and what is not in it."""

    text: str | None
    unmapped: tuple[Unmapped, ...]


class Import:
    """One file on its way over: what was used, and what was found to have no counterpart."""

    def __init__(
        self, values: Mapping[str, Any], places: Mapping[Path, tuple[int, int]], workflow: str
    ) -> None:
        self.values = values
        self.places = places
        self.workflow = workflow
        self.used: set[Path] = set()
        self.refused: dict[Path, str] = {}
        self.gate = Gate()
        self.flags: dict[str, tuple[str, ...]] = {}
        self.grouped: dict[Path, tuple[str, ...]] = {}

    def run(self) -> Imported:
        """The whole of it."""
        self._flags()
        self._components()
        self._statuses()
        self._ignore()
        self._builds()
        return Imported(self.gate.text(self.workflow), tuple(self._unmapped()))

    def _get(self, *path: str | int) -> Any:  # noqa: ANN401 (a YAML value)
        value: Any = self.values
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def _take(self, *path: str | int) -> Any:  # noqa: ANN401 (a YAML value)
        """A value that is used up by being read."""
        value = self._get(*path)
        if value is not None:
            self.used.add(path)
        return value

    def _switch(self, *path: str | int) -> bool | None:
        value = self._get(*path)
        found = value if isinstance(value, bool) else WORDS.get(str(value).lower())
        if found is not None:
            self.used.add(path)
        return found

    def _percent(self, *path: str | int) -> Decimal | None:
        number = percentage(self._get(*path))
        if number is not None and not is_exact(number):
            self.refused[path] = "a share is from 0 to 100 with at most four decimals"
            return None
        if number is not None:
            self.used.add(path)
        return number

    def _statuses(self) -> None:
        """`coverage.status`; where the file says nothing, Codecov compares the whole with the base."""
        status = self._get("coverage", "status")
        if status is None:
            self.gate.coverage["drop"] = "<= 0pt"
            self.gate.decides()
            return
        if not isinstance(status, dict):
            if self._switch("coverage", "status") is not False:
                self.gate.coverage["drop"] = "<= 0pt"
                self.gate.decides()
            return
        for kind in ("project", "patch"):
            base: Path = ("coverage", "status", kind)
            found = self._get(*base)
            if isinstance(found, dict):
                for name in found:
                    self._status(kind, (*base, name), self._globs((*base, name)))
            elif found is not None and self._switch(*base):
                self._rule(kind, base, None)

    def _status(self, kind: str, path: Path, globs: tuple[str, ...] | None) -> None:
        """One status; `globs` None: of everything, empty: of files that could not be told."""
        value = self._get(*path)
        if not isinstance(value, dict):
            if value is None or self._switch(*path) is not False:
                self.used.add(path)
                self._rule(kind, path, globs)
            return
        if self._switch(*path, "enabled") is False:
            return
        if globs == ():
            self.refused[path] = "its files cannot be told from the file; add a group of paths by hand"
            return
        self._rule(kind, path, globs)

    def _rule(self, kind: str, path: Path, globs: tuple[str, ...] | None) -> None:
        target, threshold = self._get(*path, "target"), self._percent(*path, "threshold")
        number = self._percent(*path, "target")
        if number is None and target not in (None, "auto"):
            self.refused.setdefault((*path, "target"), "neither auto nor a percentage")
            return
        if number is not None:
            key = "total" if kind == "project" else "diff"
            self._set(globs, key, f">= {shown(max(number - (threshold or 0), Decimal(0)))}%")
        elif kind == "patch":
            self.refused[(*path, "target") if target else path] = (
                "a patch is held against the base's total there; write a number for diff"
            )
            return
        elif globs is not None:
            self.refused[(*path, "target") if target else path] = (
                "a group of paths has a total and a diff; a drop is only of the whole"
            )
            return
        else:
            self.used.add((*path, "target"))
            self.gate.coverage["drop"] = f"<= {shown(threshold or Decimal(0))}pt"
        if globs is None:
            self._metric(path)
            self.gate.informational.add(bool(self._switch(*path, "informational")))

    def _metric(self, path: Path) -> None:
        measured = self._get(*path, "measurement")
        if isinstance(measured, str) and measured in METRICS:
            self.used.add((*path, "measurement"))
            self.gate.coverage.setdefault("metric", METRICS[measured])

    def _set(self, globs: tuple[str, ...] | None, key: str, value: str) -> None:
        if globs is None:
            self.gate.coverage[key] = value
        for glob in globs or ():
            self.gate.groups.setdefault(glob, {})[key] = value

    def _globs(self, path: Path) -> tuple[str, ...] | None:
        """The files that a status is of: its own paths, else those of its flags; None for all."""
        if self._get(*path, "paths"):
            return self._paths(*path, "paths")
        flags = self._get(*path, "flags")
        if not isinstance(flags, list) or not flags:
            return None
        found: list[str] = []
        for flag in flags:
            globs = self.flags.get(str(flag))
            if not globs:
                return ()
            found += globs
        self.used.add((*path, "flags"))
        return tuple(dict.fromkeys(found))

    def _flags(self) -> None:
        """`flags` and `flag_management`: groups of paths, carried where they say so."""
        carries = self._switch("flag_management", "default_rules", "carryforward")
        named = self._get("flags")
        for name in named if isinstance(named, dict) else ():
            self._flag(str(name), ("flags", name), carries=carries)
        each = self._get("flag_management", "individual_flags")
        for index, _ in enumerate(each if isinstance(each, list) else ()):
            base: Path = ("flag_management", "individual_flags", index)
            self._flag(str(self._take(*base, "name")), base, carries=carries)

    def _flag(self, name: str, path: Path, *, carries: bool | None) -> None:
        globs = self._paths(*path, "paths")
        self.flags[name] = globs
        own = self._switch(*path, "carryforward")
        if own if own is not None else carries:
            note = f"carried for {CARRY_DAYS} days at most, where nothing of the paths changed: see carry"
            where = (
                (*path, "carryforward")
                if own is not None
                else ("flag_management", "default_rules", "carryforward")
            )
            self.refused[where] = note if globs else "coverage is carried by paths; the flag names none"
            for glob in globs:
                self.gate.groups.setdefault(glob, {})["carry"] = CARRY_DAYS
        self._nested(path, globs)

    def _components(self) -> None:
        each = self._get("component_management", "individual_components")
        for index, _ in enumerate(each if isinstance(each, list) else ()):
            base: Path = ("component_management", "individual_components", index)
            for key in ("component_id", "name"):
                self._take(*base, key)
            self._nested(base, self._paths(*base, "paths"))

    def _nested(self, path: Path, globs: tuple[str, ...]) -> None:
        """The statuses of a flag or a component."""
        self.grouped[(*path, "paths")] = globs
        statuses = self._get(*path, "statuses")
        for index, _ in enumerate(statuses if isinstance(statuses, list) else ()):
            kind = self._take(*path, "statuses", index, "type")
            if kind in ("project", "patch"):
                self._status(kind, (*path, "statuses", index), globs)

    def _ignore(self) -> None:
        for glob in self._paths("ignore"):
            self.gate.ignored.append(glob)

    def _builds(self) -> None:
        path = ("codecov", "notify", "after_n_builds")
        count = self._get(*path)
        if isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MOST_REPORTS:
            self.used.add(path)
            self.gate.min_reports = count

    def _paths(self, *path: str | int) -> tuple[str, ...]:
        """A list of paths as globs of ours; what is a regular expression or an exception is left to a person."""
        listed = self._get(*path)
        one = isinstance(listed, str)
        found: list[str] = []
        for index, pattern in enumerate([listed] if one else listed if isinstance(listed, list) else ()):
            place = path if one else (*path, index)
            globs = globs_of(str(pattern))
            if globs:
                self.used.add(place)
                found += globs
            else:
                self.refused[place] = "a regular expression or an exception; write globs by hand"
        return tuple(dict.fromkeys(found))

    def _unmapped(self) -> Iterable[Unmapped]:
        found = dict(self.refused)
        for path, globs in self.grouped.items():
            if globs and not any(glob in self.gate.groups for glob in globs):
                found.setdefault(path, "nothing is asked of these paths, so they make no group")
        covered = {*self.used, *found}
        for path in leaves(self.values, ()):
            if not any(path[:length] in covered for length in range(1, len(path) + 1)):
                found[path] = reason_for(path)
        if self.gate.informational == {True, False}:
            found[("coverage", "status")] = (
                "informational is of the whole gate; one status here is not, so all count"
            )
        for path, why in sorted(found.items(), key=lambda each: (self._line(each[0]), str(each[0]))):
            yield Unmapped(self._line(path), ".".join(map(str, path)), why)

    def _line(self, path: Path) -> int:
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))[0]


def imported(values: Mapping[str, Any], places: Mapping[Path, tuple[int, int]], workflow: str) -> Imported:
    """What a `codecov.yml` becomes; `places` are the line and column of each path, `workflow` makes the reports."""
    return Import(values, places, workflow).run()
