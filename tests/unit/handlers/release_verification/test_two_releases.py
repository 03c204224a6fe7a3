"""A commit can have several releases (v1.2.3 and v1): the verdict on one must not hide the verdict on another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from app.ports.bundles import BundleVerifier
from handlers.builtin import RELEASE_VERIFICATION
from tests.unit.handlers.release_verification.published import TOOL, Published, check_of, gathered


async def test_two_releases_of_one_commit_have_a_check_run_each(tmp_path: Path) -> None:
    unsigned = Published({"tool": TOOL})
    first = await gathered(unsigned, cast("BundleVerifier", None), tmp_path)
    assert first.release is not None
    second = replace(first, release=replace(first.release, tag="v1"))
    checks = [check_of(RELEASE_VERIFICATION.decide(evidence)) for evidence in (first, second)]
    assert checks[0].key != checks[1].key
