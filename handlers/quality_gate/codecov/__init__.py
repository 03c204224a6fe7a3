"""From a `codecov.yml` to a section `quality_gate`, and a list of what has no counterpart. Pure.

The keys are those of Codecov's own schema (https://docs.codecov.com/docs/codecovyml-reference). Nothing is dropped in silence:
each key is either carried over or listed with its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from handlers.quality_gate.codecov.reading import Reading
from handlers.quality_gate.codecov.reasons import FOREIGN, KEYS, reason_for
from handlers.quality_gate.codecov.text import Gate
from handlers.quality_gate.codecov.values import Path, leaves

CARRY_DAYS = 30
MOST_REPORTS = 1_000
METRICS = {"line": "line", "branch": "branch"}
FLAG_RULES: Path = ("flag_management", "default_rules")
COMPONENT_RULES: Path = ("component_management", "default_rules")
INHERITED = ("paths", "statuses", "carryforward")


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


class Import(Reading):
    """One file on its way over: what was used, and what was found to have no counterpart."""

    def __init__(
        self, values: Mapping[str, Any], places: Mapping[Path, tuple[int, int]], workflow: str
    ) -> None:
        super().__init__(values)
        self.places = places
        self.workflow = workflow
        self.gate = Gate()
        self.flags: dict[str, tuple[str, ...]] = {}
        self.grouped: dict[Path, tuple[str, ...]] = {}
        self.inherited: set[Path] = set()

    def run(self) -> Imported:
        """The whole of it."""
        self._flags()
        self._components()
        self._statuses()
        self._ignore()
        self._builds()
        return Imported(self.gate.text(self.workflow), tuple(self._unmapped()))

    def _statuses(self) -> None:
        """`coverage.status`; where the file says nothing, Codecov compares the whole with the base."""
        status = self._get("coverage", "status")
        if status is None:
            self.gate.most_lost(Decimal(0))
            self.gate.decides()
            return
        if not isinstance(status, dict):
            if self._switch("coverage", "status") is not False:
                self.gate.most_lost(Decimal(0))
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

    def _status(
        self, kind: str, path: Path, globs: tuple[str, ...] | None, owner: Path | None = None
    ) -> None:
        """One status; `globs` None: of everything, empty: of files that could not be told. `owner` inherits it."""
        value = self._get(*path)
        if not isinstance(value, dict):
            if value is None or self._switch(*path) is not False:
                self.used.add(path)
                self._rule(kind, path, globs)
            return
        if self._switch(*path, "enabled") is False:
            return
        if globs == ():
            self.refused[owner or path] = (
                "its files cannot be told from the file; add a group of paths by hand"
            )
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
            self.gate.least(globs, key, max(number - (threshold or 0), Decimal(0)))
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
            self.gate.most_lost(threshold or Decimal(0))
        if globs is None:
            self._metric(path)
            self.gate.informational.add(bool(self._switch(*path, "informational")))

    def _metric(self, path: Path) -> None:
        measured = self._get(*path, "measurement")
        if isinstance(measured, str) and measured in METRICS:
            self.used.add((*path, "measurement"))
            self.gate.coverage.setdefault("metric", METRICS[measured])

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
        """`flags` and `flag_management`: groups of paths, carried where they say so. Only the latter's inherit."""
        named = self._get("flags")
        for name in named if isinstance(named, dict) else ():
            self._flag(str(name), ("flags", name), None)
        each = self._get("flag_management", "individual_flags")
        for index, _ in enumerate(each if isinstance(each, list) else ()):
            base: Path = ("flag_management", "individual_flags", index)
            self._flag(str(self._take(*base, "name")), base, FLAG_RULES)

    def _flag(self, name: str, path: Path, rules: Path | None) -> None:
        globs = self._paths(*self._place(path, "paths", rules))
        self.flags[name] = globs
        where = self._place(path, "carryforward", rules)
        if self._switch(*where):
            if globs:
                self.refused[where] = (
                    f"carried for {CARRY_DAYS} days at most, where nothing of the paths changed: see carry"
                )
            else:
                self.refused.setdefault(where, "coverage is carried by paths; the flag names none")
            for glob in globs:
                self.gate.groups.setdefault(glob, {})["carry"] = CARRY_DAYS
        self._nested(path, rules)

    def _components(self) -> None:
        each = self._get("component_management", "individual_components")
        for index, _ in enumerate(each if isinstance(each, list) else ()):
            base: Path = ("component_management", "individual_components", index)
            for key in ("component_id", "name"):
                self._take(*base, key)
            self._nested(base, COMPONENT_RULES)

    def _place(self, path: Path, key: str, rules: Path | None) -> Path:
        """Where the key of a flag or a component stands: its own hides that of the default rules, also where it is empty."""
        own = self._get(*path)
        if rules is None or (isinstance(own, dict) and key in own):
            return (*path, key)
        self.inherited.add((*rules, key))
        return (*rules, key)

    def _nested(self, path: Path, rules: Path | None) -> None:
        """The statuses of a flag or a component."""
        at, place = self._place(path, "paths", rules), self._place(path, "statuses", rules)
        globs = self._paths(*at)
        self.grouped[at] = globs
        statuses = self._get(*place)
        if statuses == []:
            self.used.add(place)
        for index, _ in enumerate(statuses if isinstance(statuses, list) else ()):
            kind = self._take(*place, index, "type")
            if kind in ("project", "patch"):
                self._status(kind, (*place, index), globs, path if place[:-1] == rules else None)

    def _ignore(self) -> None:
        for glob in self._paths("ignore"):
            self.gate.ignored.append(glob)

    def _builds(self) -> None:
        path = ("codecov", "notify", "after_n_builds")
        count = self._get(*path)
        if isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MOST_REPORTS:
            self.used.add(path)
            self.gate.min_reports = count

    def _unmapped(self) -> Iterable[Unmapped]:
        found = dict(self.refused)
        for place in ((*rules, key) for rules in (FLAG_RULES, COMPONENT_RULES) for key in INHERITED):
            if place not in self.inherited and self._get(*place) is not None:
                found[place] = "no flag or component of the file inherits it"
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
    """What a `codecov.yml` becomes; `places` are the line and column of each path, `workflow` makes the reports.

    Of a file in which no key is Codecov's nothing does: it would become what Codecov does without a file.
    """
    if values and not KEYS & values.keys():
        return Imported(
            None, tuple(Unmapped(places.get((key,), (1, 1))[0], str(key), FOREIGN) for key in values)
        )
    return Import(values, places, workflow).run()
