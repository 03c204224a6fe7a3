"""The policies of one repository, over the default branch's file."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from pydantic import BaseModel

from app.config.parsed import ParsedFiles
from app.config.policies import RepositoryPolicies
from app.ports.github_reader import GitHubReader
from app.ports.policies import Policy
from handlers.quality_gate.section import Defaults, QualityGate
from handlers.release_verification.models import ReleaseVerification
from tests.unit.handlers.quality_gate.commit import MAIN, AtGitHub

SECTIONS: dict[str, type[BaseModel]] = {
    "quality_gate": QualityGate,
    "release_verification": ReleaseVerification,
}


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(tmp_path, config="version: 1\nquality_gate: {defaults: {deadline: 2h}}\n")


async def load(github: AtGitHub) -> Policy[QualityGate]:
    policies = RepositoryPolicies(cast("GitHubReader", github), ParsedFiles(SECTIONS, github), github.memory)
    return await policies.load("quality_gate", QualityGate)


async def test_a_good_file_is_in_force_and_named(github: AtGitHub) -> None:
    policy = await load(github)
    assert policy.section == QualityGate(defaults=Defaults(deadline="2h"))
    assert policy.source is not None
    assert (policy.source.path, policy.source.ref, policy.source.commit) == (
        ".github/hephaestus.yml",
        "main",
        MAIN,
    )
    assert (policy.errors, policy.broken) == ((), None)


async def test_no_file_is_not_configured(github: AtGitHub) -> None:
    github.config = None
    assert await load(github) == Policy(configured=False, section=None, source=None)


async def test_a_mistake_in_any_section_leaves_the_last_good_version_in_force(github: AtGitHub) -> None:
    good = (await load(github)).source
    github.config = (
        "version: 1\nquality_gate: {defaults: {deadline: 3h}}\nrelease_verification: {signer: {}}\n"
    )
    policy = await load(github)
    assert policy.section == QualityGate(defaults=Defaults(deadline="2h"))
    assert policy.source == good
    assert policy.broken is not None
    assert policy.broken != good
    assert [error.line for error in policy.errors] == [3]


async def test_a_file_that_never_was_good_has_no_section(github: AtGitHub) -> None:
    github.config = "version: 2\n"
    policy = await load(github)
    assert (policy.configured, policy.section, policy.source) == (True, None, None)
    assert policy.broken is not None
