"""What the model of a section says is wrong, in places and words of the file; pure.

A model may take a value in several shapes (a union), such as a name or a list of names. pydantic then has an error of each of
them, with a label of the shape in its path. A reader wrote one value and is told one thing: what is wrong with it in the shape
that it has, or which shapes there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.config.document import Path

SHAPES = {
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
"""pydantic's types of error that say a value is of another shape, and what it would have to be."""
THEIRS = re.compile(r"^(Input|String) should ")
KEY = "[key]"
"""How pydantic marks that an error is about a key and not about what is under it."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to say, below a section; `union` is where the values of several shapes begin, `shape` the one it speaks of."""

    path: Path
    detail: ErrorDetails
    union: Path | None
    shape: str


def mistakes(failed: ValidationError, value: object) -> Iterator[tuple[Path, str]]:
    """Each mistake's path below the section, and a sentence; `value` is what the model was given."""
    read = [_read(detail, value) for detail in failed.errors(include_url=False, include_input=False)]
    found = [each for each in read if not _is_of_its_entries(each, read)]
    for union, group in groupby(found, key=lambda each: each.union):
        members = list(group)
        fitting = members if union is None else _of_its_shape(members)
        if fitting:
            yield from dict.fromkeys((each.path, _sentence(each.detail)) for each in fitting)
        elif union is not None:
            words = dict.fromkeys(_shape_of(each.detail) for each in members)
            yield union, f"must be {', or '.join(words)}"


def _read(detail: ErrorDetails, value: Any) -> Mistake:  # noqa: ANN401 (a YAML value)
    """The error with the path that a person would write; what of pydantic's path is not in the value labels a shape."""
    path: Path = ()
    union: Path | None = None
    shape = ""
    is_missing = detail["type"] == "missing"
    for at, part in enumerate(detail["loc"]):
        if _has(value, part) or (is_missing and at == len(detail["loc"]) - 1):
            path = (*path, part)
            value = value[part] if _has(value, part) else None
        elif part != KEY and union is None:
            union, shape = path, str(part)
    inside = detail.get("ctx", {}).get("path", ())
    parts = inside.split(".") if isinstance(inside, str) else inside
    return Mistake((*path, *parts), detail, union, shape)


def _has(value: object, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, (list, tuple)) and isinstance(part, int) and 0 <= part < len(value)


def _is_of_its_entries(mistake: Mistake, others: Sequence[Mistake]) -> bool:
    """Whether a list is only called too short because pydantic does not count the entries that are wrong."""
    depth = len(mistake.path)
    return mistake.detail["type"] == "too_short" and any(
        len(each.path) > depth and each.path[:depth] == mistake.path for each in others
    )


def _of_its_shape(members: Sequence[Mistake]) -> list[Mistake]:
    """The mistakes of those shapes that the value has: one that it has not says so of the value itself."""
    others = {each.shape for each in members if each.path == each.union and _is_of_shape(each.detail)}
    return [each for each in members if each.shape not in others]


def _is_of_shape(detail: ErrorDetails) -> bool:
    return detail["type"] in SHAPES or detail["type"] == "literal_error"


def _shape_of(detail: ErrorDetails) -> str:
    return SHAPES.get(detail["type"]) or str(detail.get("ctx", {}).get("expected", ""))


def _sentence(detail: ErrorDetails) -> str:
    kind, facts = detail["type"], detail.get("ctx", {})
    match kind:
        case "missing":
            return "this key is required"
        case "extra_forbidden":
            return "unknown key"
        case "too_short":
            return f"must have at least {_counted(facts['min_length'])}"
        case "too_long":
            return f"must have at most {_counted(facts['max_length'])}"
        case _ if kind in SHAPES:
            return f"must be {SHAPES[kind]}"
        case _:
            said = detail["msg"].removeprefix("Value error, ")
            return THEIRS.sub("must ", said)


def _counted(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"
