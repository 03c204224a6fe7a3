"""Globs of paths, matched in linear time: they come from pull requests, too, and a match must never take long. Pure.

`*` and `?` stay within a folder, `**` crosses folders, `[...]` is one character of a set. A glob without a slash is about the
file's name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

CACHED = 4_096


def matches(path: str, glob: str) -> bool:
    """Whether a path of the repository is meant by a glob."""
    name = path if "/" in glob or "**" in glob else path.rpartition("/")[2]
    return _compiled(glob).fullmatch(name) is not None


@lru_cache(CACHED)
def _compiled(glob: str) -> Any:  # noqa: ANN401 (re2 has no public name for what it compiles to)
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?s){_translated(glob)}", options)
    except re2.error:  # a set that is none, such as [z-a], means itself
        return re2.compile(re2.escape(glob), options)


def _translated(glob: str) -> str:
    """The glob as a regular expression in RE2's syntax, in which nothing takes more than linear time."""
    found, parts = "", glob.split("/")
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        if part != "**":
            found += _part(part) + ("" if last else "/")
        elif last:
            found += ".+"
        elif parts[place + 1] != "**":
            found += "(?:[^/]+/)*"
    return found


def _part(part: str) -> str:
    found, position = "", 0
    while position < len(part):
        mark = part[position]
        end = part.find("]", position + 2) if mark == "[" else -1
        if mark == "*":
            found += "[^/]*"
        elif mark == "?":
            found += "[^/]"
        elif end > 0:
            inside = part[position + 1 : end]
            negated = inside.startswith("!")
            found += f"[{'^/' if negated else ''}{re.escape(inside.removeprefix('!')).replace(chr(92) + '-', '-')}]"
            position = end
        else:
            found += re.escape(mark)
        position += 1
    return found
