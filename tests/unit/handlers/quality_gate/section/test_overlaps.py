"""Globs that are said to be apart share no path, and one that is said to be inside another has none outside of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.quality_gate.globs import matches
from handlers.quality_gate.section.overlaps import are_apart, is_inside

PARTS = st.sampled_from(["a", "b", "ab", "*", "**", "a*", "*b", "?", "[ab]", "[!a]", "[b", "a**"])
GLOBS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "ba", "[b"]), min_size=1, max_size=4).map("/".join)


@settings(max_examples=1000)
@given(GLOBS, GLOBS, PATHS)
def test_what_is_said_of_two_globs_is_true_of_every_path(one: str, other: str, path: str) -> None:
    meant, meant_too = matches(path, one), matches(path, other)
    assert not (meant and meant_too and are_apart(one, other))
    assert meant_too or not (meant and is_inside(one, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("core/**", "other/**"), ("**/*.md", "src/**/*.py"), ("core/a.py", "core/b.py"), ("*.md", "*.py")],
)
def test_other_folders_and_other_endings_are_apart(one: str, other: str) -> None:
    assert are_apart(one, other)
    assert not is_inside(one, other)


@pytest.mark.parametrize(
    ("one", "other", "inside"),
    [
        ("core/api/**", "core/**", True),
        ("core/*.py", "core/**", True),
        ("core/**", "**", True),
        ("core/**", "core/**", True),
        ("core*/**", "core/**", False),
        ("**", "core/**", False),
        ("a.py", "core/**", False),
        ("core/a.py", "c*/**", False),
        ("core/a.py", "core/*", False),
    ],
)
def test_a_glob_is_inside_a_folder_that_it_begins_with(one: str, other: str, inside: bool) -> None:  # noqa: FBT001 (a case)
    assert is_inside(one, other) is inside
    assert not are_apart(one, other)
