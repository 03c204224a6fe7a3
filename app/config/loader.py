"""From the bytes of a configuration file to typed sections, or to errors with line and column; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.config.document import BadDocument, Document, Path, dotted, parse_document
from app.ports.policies import ConfigError

VERSION = 1
SETTINGS = ("version", "use", "extends")
MAX_ERRORS = 50


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file as understood. `sections` has every section in force: written, or by `use: default`; empty with errors.

    `lines` maps dotted paths to line numbers.
    """

    sections: tuple[tuple[str, BaseModel], ...]
    errors: tuple[ConfigError, ...]
    lines: tuple[tuple[str, int], ...] = ()

    def section(self, name: str) -> BaseModel | None:
        """The section in force, or None."""
        return dict(self.sections).get(name)


def parse_sections(raw: bytes, sections: Mapping[str, type[BaseModel]]) -> ParsedFile:
    """What a file says; never raises for its content. `sections` are those that capabilities declare, by key."""
    try:
        document = parse_document(raw)
    except BadDocument as bad:
        return ParsedFile((), (bad.error,))
    lines = tuple((dotted(path), line) for path, (line, _) in document.places.items() if path)
    if not isinstance(document.value, dict):
        message = "the file must be a mapping that begins with: version: 1"
        return ParsedFile((), (ConfigError(1, 1, "", message),), lines)
    errors = _top_level(document, document.value, sections)
    found: list[tuple[str, BaseModel]] = []
    for name, model in sections.items():
        written = document.value.get(name, {})
        if name not in document.value and document.value.get("use") != "default":
            continue
        try:
            found.append((name, model.model_validate({} if written is None else written)))
        except ValidationError as failed:
            details = failed.errors(include_url=False, include_input=False)
            errors += [_error(document, name, detail) for detail in details]
    if errors:
        errors.sort(key=lambda error: (error.line, error.column))
        return ParsedFile((), tuple(errors[:MAX_ERRORS]), lines)
    return ParsedFile(tuple(found), (), lines)


def _top_level(
    document: Document, values: dict[str, Any], sections: Mapping[str, type[BaseModel]]
) -> list[ConfigError]:
    known = (*SETTINGS, *sections)
    errors = [_place(document, (key,), _unknown(key, known)) for key in values if key not in known]
    version = values.get("version")
    if version is None:
        errors.append(ConfigError(1, 1, "version", "the file needs: version: 1"))
    elif type(version) is not int or version != VERSION:
        errors.append(_place(document, ("version",), "the only version is 1"))
    if "use" in values and values["use"] != "default":
        errors.append(_place(document, ("use",), "the only value is: default"))
    if "extends" in values:
        # Refused, not skipped: a floor that is named and not applied would be a hole.
        errors.append(_place(document, ("extends",), "extends is not supported by this version"))
    return errors


def _error(document: Document, section: str, detail: ErrorDetails) -> ConfigError:
    path: Path = (section, *detail["loc"])
    inside = detail.get("ctx", {}).get("path")
    if isinstance(inside, str):
        path = (*path, *inside.split("."))
    if detail["type"] == "missing":
        return _place(document, path, "this key is required")
    if detail["type"] == "extra_forbidden":
        return _place(document, path, "unknown key")
    return _place(document, path, detail["msg"].removeprefix("Value error, "))


def _place(document: Document, path: Path, message: str) -> ConfigError:
    line, column = document.place(path)
    return ConfigError(line, column, dotted(path), message)


def _unknown(key: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {close[0]}?" if close else f"unknown key; known: {', '.join(known)}"
