"""Globs of paths: what they mean, and that no glob takes long."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.quality_gate.globs import matches

PARTS = st.sampled_from(["a", "b", "ab", "a.py", "[a]", ".x"])
GLOBS = st.sampled_from(["a", "*", "**", "?", "a*", "*.py", "[ab]", "[!a]", "[", "a]", ".*"])


@pytest.mark.parametrize(
    ("path", "glob", "meant"),
    [
        ("docs/a/b.md", "docs/**", True),
        ("docs", "docs/**", False),
        ("a.py", "**/a.py", True),
        ("x/y/a.py", "**/a.py", True),
        ("x/y/a.py", "x/*/a.py", True),
        ("x/y/z/a.py", "x/*/a.py", False),
        ("x/y/a.py", "*.py", True),
        ("x/y.py/a", "*.py", False),
        ("x/a+b.py", "x/a+b.py", True),
        ("x/[z-a]", "x/[z-a]", True),
        ("a/b/c/d", "a/**/**/d", True),
    ],
)
def test_a_glob_means_what_it_says(path: str, glob: str, *, meant: bool) -> None:
    assert matches(path, glob) is meant


@given(path=st.lists(PARTS, min_size=1, max_size=5), glob=st.lists(GLOBS, min_size=2, max_size=4))
def test_a_glob_means_the_same_as_part_by_part(path: list[str], glob: list[str]) -> None:
    assert matches("/".join(path), "/".join(glob)) is slowly(path, glob)


def slowly(parts: list[str], globs: list[str]) -> bool:
    """The meaning, tried out."""
    if not globs:
        return not parts
    if globs[0] == "**":
        return bool(parts) and any(slowly(parts[start:], globs[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], globs[0]) and slowly(parts[1:], globs[1:])


def test_a_hostile_glob_is_answered_at_once() -> None:
    assert not matches("a/" * 300 + "c", "**/a/" * 40 + "b")
    assert not matches("a" * 3_000, "*a" * 40 + "b")
