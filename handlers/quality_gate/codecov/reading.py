"""The values of a `codecov.yml` as they are read: which were used, and which were found to have no counterpart. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from handlers.quality_gate.codecov.values import Path, globs_of, is_exact, percentage

WORDS = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
"""Codecov reads YAML 1.1."""


class Reading:
    """One file; `used` are the places of what was carried over, `refused` those of what was not, with the reason."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.used: set[Path] = set()
        self.refused: dict[Path, str] = {}

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
