"""Which changed files a report of coverage should name. Pure.

A file is in scope where it has the same suffix as files that the report names. Tests are code too, but most projects leave them
out of what they measure: a file that is called like a test is in scope only where the report names others that are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|testing)/|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*(?:_test|_spec|\.test|\.spec|Tests?)\.[A-Za-z]+)$"
)


class Scope:
    """What the files of a report have in common."""

    def __init__(self, measured: Iterable[str]) -> None:
        paths = tuple(measured)
        self._suffixes = frozenset(suffix(path) for path in paths)
        self._has_tests = any(is_test(path) for path in paths)

    def __contains__(self, path: str) -> bool:
        return suffix(path) in self._suffixes and (self._has_tests or not is_test(path))


def is_test(path: str) -> bool:
    """Whether a file is called like a test, or lies where tests do."""
    return TEST.search(path) is not None


def suffix(path: str) -> str:
    """The part of the name after its last dot, in lower case; the whole name where it has none."""
    return path.rpartition("/")[2].rpartition(".")[2].lower()
