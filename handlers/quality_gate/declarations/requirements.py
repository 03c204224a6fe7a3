"""Requirements of pip, and lock files in that shape.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from handlers.quality_gate.declarations.declared import Declared, required

COMMENT = re.compile(r"(?:^|\s)#.*$")
OPTIONS = re.compile(r"\s--[a-z].*$")


def read(path: str, text: str) -> tuple[Declared, ...]:
    """The requirements; pins where the file is a lock: where all of it is `==`."""
    found = tuple(
        each for number, line in _logical(text) if (each := required(line, path, number)) is not None
    )
    is_lock = all(each.specifier.startswith("==") and "*" not in each.specifier for each in found)
    return tuple(replace(each, is_pin=True) for each in found) if is_lock else found


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, continued ones joined, without comments and options."""
    begun, held = 0, ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = COMMENT.sub("", raw)
        begun = begun if held else number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        line, held = OPTIONS.sub("", held + line).strip(), ""
        if line and not line.startswith("-"):
            yield begun, line
