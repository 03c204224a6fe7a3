"""A commit can have several releases (v1.2.3 and v1): the verdict on one must not hide the verdict on another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from app.ports.bundles import BundleVerifier
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification.policy import check_name
from tests.unit.handlers.release_verification.published import TOOL, Published, check_of, gathered


async def test_two_releases_of_one_commit_have_a_check_run_each(tmp_path: Path) -> None:
    unsigned = Published({"tool": TOOL})
    first = await gathered(unsigned, cast("BundleVerifier", None), tmp_path)
    assert first.release is not None
    second = replace(first, release=replace(first.release, tag="v1"))
    checks = [check_of(RELEASE_VERIFICATION.decide(evidence)) for evidence in (first, second)]
    assert checks[0].key != checks[1].key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("v1", "v1\u200b"),
        ("v1", "\u202ev1"),
        ("v1\u200b", "v1\u2060"),
        ("v" * 120, "v" * 121),
        ("v" * 120 + "-a", "v" * 120 + "-b"),
    ],
)
def test_tags_that_look_alike_have_a_check_run_each(one: str, other: str) -> None:
    assert check_name(one) != check_name(other)


def test_a_tag_that_is_shown_as_it_is_names_its_check_run() -> None:
    assert check_name("@octo/tool@1.0.0") == "hephaestus/release-verification (@octo/tool@1.0.0)"
