"""A protected branch adds to the default branch's policy, and takes nothing away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.config.policies import CONFIG_PATH
from app.domain.ids import CommitSha
from handlers.quality_gate.section import QualityGate
from tests.unit.handlers.quality_gate.commit import OPENED, SHA, AtGitHub, decided, evidence_of

STABLE = CommitSha("5" * 40)
BASE = "version: 1\nquality_gate:\n  gates:\n    tests: {min_tests: 1}\n"
PULL = replace(OPENED, base_ref="stable", base_sha=STABLE)


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(tmp_path, config=BASE, pulls=(PULL,), heads={"stable": STABLE})


async def section_with(github: AtGitHub, text: str | None) -> tuple[QualityGate, tuple[str, ...]]:
    github.files[CONFIG_PATH, STABLE] = text
    evidence = await evidence_of(github, PULL)
    assert evidence.policy.section is not None
    return evidence.policy.section, evidence.notes


async def test_a_stricter_rule_of_the_branch_counts_and_is_named(github: AtGitHub) -> None:
    section, notes = await section_with(github, BASE.replace("min_tests: 1", "min_tests: 9"))
    assert section.gates.tests is not None
    assert section.gates.tests.min_tests == 9
    assert [note.partition(", blob")[0] for note in notes] == [".github/hephaestus.yml of stable"]
    assert (await decided(github, PULL)).verdict.value == "fail"


async def test_a_weaker_rule_of_the_branch_does_not(github: AtGitHub) -> None:
    lax = "version: 1\nquality_gate: {gates: {tests: {min_tests: 0, missing: not_applicable}}, informational: [tests]}\n"
    section, notes = await section_with(github, lax)
    assert notes == ()
    assert section.gates.tests is not None
    assert (section.gates.tests.min_tests, section.gates.tests.missing) == (1, "fail")
    assert section.informational == ()


@pytest.mark.parametrize("text", [None, BASE, "version: 1\n"])
async def test_a_branch_that_says_nothing_of_its_own_changes_nothing(
    github: AtGitHub, text: str | None
) -> None:
    section, notes = await section_with(github, text)
    assert section.gates.tests is not None
    assert (section.gates.tests.min_tests, notes) == (1, ())


async def test_a_branch_without_protection_is_not_asked(github: AtGitHub) -> None:
    github.heads = {}
    github.files[CONFIG_PATH, SHA] = None
    assert (await evidence_of(github, PULL)).notes == ()


async def test_an_invalid_file_of_the_branch_is_named_and_adds_nothing(github: AtGitHub) -> None:
    _, notes = await section_with(github, "version: 2\n")
    assert notes == (".github/hephaestus.yml of stable is invalid at line 1, and adds nothing",)


async def test_what_the_branch_asks_for_and_could_not_be_added_is_named(github: AtGitHub) -> None:
    strict = f"{BASE}  paths:\n    core/**: {{coverage: {{total: '>= 95%'}}}}\n"
    section, notes = await section_with(github, strict)
    assert notes == (".github/hephaestus.yml of stable: paths do not count: core/**",)
    assert section.paths == {}
