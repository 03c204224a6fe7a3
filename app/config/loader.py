"""From the bytes of one configuration file to what it says, or to errors with line and column; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from app.config.document import BadDocument, Document, Path, dotted, parse_document
from app.ports.policies import ConfigError, Reviewed

VERSION = 1
SETTINGS = ("version", "use", "extends")
MAX_ERRORS = 50
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file as understood. `sections` has every section in force: written, or by `use: default`; empty with errors.

    `lines` maps dotted paths to line numbers. `extends` is the repository that the file names. `breaches` are where it states
    less than a floor that it was held to, or speaks of what is not there; `sections` are in force all the same, raised to
    the floor. `notes` are no mistakes.
    """

    sections: tuple[tuple[str, BaseModel], ...]
    errors: tuple[ConfigError, ...]
    lines: tuple[tuple[str, int], ...] = ()
    extends: str | None = None
    breaches: tuple[ConfigError, ...] = ()
    notes: tuple[ConfigError, ...] = ()

    def section(self, name: str) -> BaseModel | None:
        """The section in force, or None."""
        return dict(self.sections).get(name)

    @property
    def wrong(self) -> tuple[ConfigError, ...]:
        """All that keeps the file from being good."""
        return self.errors or self.breaches


@dataclass(frozen=True, slots=True)
class Raw:
    """A file as YAML: its mapping (empty where it has none), its places, and what is wrong at its top level."""

    document: Document
    values: dict[str, Any]
    errors: tuple[ConfigError, ...]

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """The line of each dotted path."""
        return tuple((dotted(path), line) for path, (line, _) in self.document.places.items() if path)

    @property
    def extends(self) -> str | None:
        """The repository that the file names, where it is written as it must be."""
        named = self.values.get("extends")
        return named if isinstance(named, str) and REPOSITORY.fullmatch(named) else None

    def section(self, name: str) -> dict[str, Any]:
        """What a section writes; empty where it is left out, or is no mapping."""
        written = self.values.get(name)
        return written if isinstance(written, dict) else {}

    def writes(self, path: Path) -> bool:
        """Whether the file has such a key."""
        return path in self.document.places


def read_raw(raw: bytes, sections: Mapping[str, type[BaseModel]], more: tuple[str, ...] = ()) -> Raw:
    """A file's values; never raises for its content. `more` are further keys that its top level may have."""
    try:
        document = parse_document(raw)
    except BadDocument as bad:
        return Raw(Document(None), {}, (bad.error,))
    if not isinstance(document.value, dict):
        message = "the file must be a mapping that begins with: version: 1"
        return Raw(document, {}, (ConfigError(1, 1, "", message),))
    errors = _top_level(document, document.value, (*SETTINGS, *sections, *more))
    return Raw(document, document.value, tuple(errors))


def in_order(errors: list[ConfigError]) -> tuple[ConfigError, ...]:
    """Errors as they are told: by their place, and not more than anybody reads."""
    return tuple(sorted(errors, key=lambda error: (error.line, error.column))[:MAX_ERRORS])


def placed(document: Document, path: Path, message: str) -> ConfigError:
    """An error where `path` is written, or the nearest thing that contains it."""
    line, column = document.place(path)
    return ConfigError(line, column, dotted(path), message)


def reviewed(
    raw: Raw, name: str, section: BaseModel, held: BaseModel
) -> tuple[list[ConfigError], list[ConfigError]]:
    """The mistakes and the notes that a section has for what this file writes; `held` is what of it is in force."""
    remarks = section.review(held) if isinstance(section, Reviewed) else ()
    told = [(each.is_wrong, (name, *each.path), each.message) for each in remarks]
    here = [(wrong, placed(raw.document, path, message)) for wrong, path, message in told if raw.writes(path)]
    return [each for wrong, each in here if wrong], [each for wrong, each in here if not wrong]


def _top_level(document: Document, values: dict[str, Any], known: tuple[str, ...]) -> list[ConfigError]:
    errors = [placed(document, (key,), _unknown(key, known)) for key in values if key not in known]
    version = values.get("version")
    if version is None:
        errors.append(ConfigError(1, 1, "version", "the file needs: version: 1"))
    elif type(version) is not int or version != VERSION:
        errors.append(placed(document, ("version",), "the only version is 1"))
    if "use" in values and values["use"] != "default":
        errors.append(placed(document, ("use",), "the only value is: default"))
    named = values.get("extends")
    if "extends" in values and not (isinstance(named, str) and REPOSITORY.fullmatch(named)):
        errors.append(placed(document, ("extends",), "extends names one repository: owner/name"))
    return errors


def _unknown(key: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {close[0]}?" if close else f"unknown key; known: {', '.join(known)}"
