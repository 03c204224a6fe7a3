"""The policies of one repository, over the default branch's file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from app.ports.policies import Policy
from handlers.quality_gate.section import Defaults, QualityGate
from handlers.quality_gate.section.gates import AuditGate, CoverageGate, TestsGate
from handlers.release_verification.section import ReleaseVerification
from tests.unit.handlers.quality_gate.commit import MAIN, AtGitHub
from tests.unit.handlers.quality_gate.judging import policies_of

SECTIONS: dict[str, type[BaseModel]] = {
    "quality_gate": QualityGate,
    "release_verification": ReleaseVerification,
}


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(tmp_path, config="version: 1\nquality_gate: {defaults: {deadline: 2h}}\n")


async def load(github: AtGitHub) -> Policy[QualityGate]:
    return await policies_of(github, SECTIONS).load("quality_gate", QualityGate)


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


@pytest.mark.parametrize("size", [256 * 1024 + 1, 1024 * 1024 + 1])
async def test_a_file_that_is_too_large_is_invalid_and_the_last_good_version_holds(
    github: AtGitHub, size: int
) -> None:
    good = await load(github)
    github.config = "#" * size
    policy = await load(github)
    assert (policy.section, policy.source) == (good.section, good.source)
    assert [(each.line, each.message) for each in policy.errors] == [(1, "the file is larger than 256 KiB")]
    assert policy.broken is not None
    assert policy.broken.blob_sha


FLOOR = "version: 1\nquality_gate:\n  minimum:\n    coverage: {total: '>= 80%'}\n"
OWN = "version: 1\nquality_gate:\n  gates:\n    coverage: {total: '>= 70%'}\n"


async def test_the_organisations_floor_holds_and_is_named(github: AtGitHub) -> None:
    github.neighbours[".github"] = FLOOR
    github.config = "version: 1\nquality_gate: {gates: {tests: {}}}\n"
    policy = await load(github)
    assert policy.section is not None
    assert policy.section.gates.coverage == CoverageGate(total=">= 80%")
    assert policy.owner is not None
    assert policy.owner.label == "octo/.github/hephaestus.yml"
    assert policy.errors == ()


async def test_a_file_that_is_weaker_than_the_floor_is_a_mistake_with_its_place_and_the_floors(
    github: AtGitHub,
) -> None:
    await load(github)
    github.neighbours[".github"] = FLOOR
    github.config = OWN
    policy = await load(github)
    (error,) = policy.errors
    assert (error.line, error.column, error.path) == (4, 16, "quality_gate.gates.coverage.total")
    assert error.message == (
        "weaker than the floor in octo/.github/hephaestus.yml, line 4; tighten it, or leave it out"
    )
    assert policy.section is not None  # the last good version, raised to the floor
    assert policy.section.defaults.deadline == "2h"
    assert policy.section.gates.coverage == CoverageGate(total=">= 85%")


async def test_a_last_good_version_is_raised_to_a_floor_that_came_later(github: AtGitHub) -> None:
    github.config = OWN
    await load(github)
    github.neighbours[".github"] = FLOOR
    policy = await load(github)
    assert [error.line for error in policy.errors] == [4]
    assert policy.section is not None
    assert policy.section.gates.coverage == CoverageGate(total=">= 80%")


async def test_an_invalid_organisations_file_leaves_its_last_good_version_in_force_and_says_so(
    github: AtGitHub,
) -> None:
    github.neighbours[".github"] = FLOOR
    github.config = "version: 1\nquality_gate: {gates: {tests: {}}}\n"
    good = (await load(github)).owner
    github.neighbours[".github"] = "version: 1\nquality_gate:\n  secret_key: 1\n"
    policy = await load(github)
    assert policy.errors == ()
    assert policy.owner == good
    assert policy.section is not None
    assert policy.section.gates.coverage == CoverageGate(total=">= 80%")
    (note,) = policy.notes
    assert note.startswith(
        "octo/.github/hephaestus.yml is invalid at line 3: its last good version holds, blob "
    )
    assert "secret" not in note


async def test_an_organisations_file_that_never_was_valid_is_a_mistake_and_not_no_floor(
    github: AtGitHub,
) -> None:
    github.neighbours[".github"] = "version: 1\nquality_gate:\n  secret_key: 1\n"
    policy = await load(github)
    assert policy.section is not None
    (error,) = policy.errors
    assert error.message == (
        "octo/.github/hephaestus.yml is invalid at line 3: it never was valid; mend it there"
    )
    assert policy.broken is not None
    assert policy.broken.repository == "octo/.github"


async def test_to_delete_the_file_is_no_way_out_of_a_floor(github: AtGitHub) -> None:
    github.config = None
    github.neighbours[".github"] = FLOOR
    policy = await load(github)
    assert policy.configured
    assert policy.section is not None
    assert policy.section.gates.coverage == CoverageGate(total=">= 85%", when="always")
    github.neighbours[".github"] = "version: 1\nquality_gate: {gates: {tests: {}}}\n"  # no floor
    assert not (await load(github)).configured


async def test_a_floor_of_another_capability_leaves_this_one_alone(github: AtGitHub) -> None:
    github.neighbours[".github"] = "version: 1\nrelease_verification: {final: [signers]}\n"
    policy = await load(github)
    assert policy.section == QualityGate(defaults=Defaults(deadline="2h"))


async def test_what_a_file_extends_lies_beneath_it_and_is_named(github: AtGitHub) -> None:
    github.neighbours["policies"] = (
        "version: 1\nquality_gate: {gates: {tests: {min_tests: 5}, audit: {severity: high}}}\n"
    )
    github.config = "version: 1\nextends: Octo/policies\nquality_gate: {gates: {tests: {min_tests: 9}}}\n"
    policy = await load(github)
    assert policy.section is not None
    assert policy.section.gates.tests == TestsGate(min_tests=9)
    assert policy.section.gates.audit == AuditGate(severity="high")
    assert policy.shared is not None
    assert (policy.shared.repository, policy.shared.commit) == ("octo/policies", MAIN)


@pytest.mark.parametrize(
    ("extends", "shared", "message"),
    [
        ("else/policies", "version: 1\n", "another owner"),
        ("octo/tool", "version: 1\n", "this repository itself"),
        ("octo/.GitHub", "version: 1\n", "the organisation's file, which lies beneath every file anyway"),
        ("octo/policies", None, "the App cannot read hephaestus.yml"),
        ("octo/policies", "version: 1\nextends: octo/third\n", "only one step"),
        ("octo/policies", "version: 1\nsecret: 1\n", "octo/policies/hephaestus.yml is invalid at line 2: it"),
    ],
)
async def test_what_cannot_be_extended_is_a_mistake_in_that_line(
    github: AtGitHub, extends: str, shared: str | None, message: str
) -> None:
    if shared is not None:
        github.neighbours["policies"] = shared
    github.config = f"version: 1\nuse: default\nextends: {extends}\n"
    policy = await load(github)
    (error,) = policy.errors
    assert (error.line, error.path) == (3, "extends")
    assert message in error.message
    assert "secret" not in error.message
    assert policy.section is None


@pytest.mark.parametrize(
    ("theirs", "mine", "is_allowed"),
    [
        ("public", "public", True),
        ("public", "private", True),
        ("internal", "private", True),
        ("private", "internal", False),
        ("private", "public", False),
        ("new", "public", False),
    ],
)
async def test_a_less_open_file_cannot_be_extended_unless_the_organisation_lists_it(
    github: AtGitHub, theirs: str, mine: str, *, is_allowed: bool
) -> None:
    github.neighbours["policies"] = "version: 1\n"
    github.visibilities.update({"policies": theirs, "tool": mine})
    github.config = "version: 1\nuse: default\nextends: octo/policies\n"
    assert (not (await load(github)).errors) is is_allowed
    github.neighbours[".github"] = "version: 1\nmay_extend: [octo/policies]\n"
    assert (await load(github)).errors == ()


async def test_a_shared_file_that_becomes_invalid_leaves_its_last_good_version_in_force(
    github: AtGitHub,
) -> None:
    github.neighbours["policies"] = "version: 1\nquality_gate: {gates: {tests: {min_tests: 5}}}\n"
    github.config = "version: 1\nextends: octo/policies\n"
    await load(github)
    github.neighbours["policies"] = "version: 2\n"
    policy = await load(github)
    assert (policy.errors, len(policy.notes)) == ((), 1)
    assert policy.section is not None
    assert policy.section.gates.tests == TestsGate(min_tests=5)


async def test_a_weak_rule_of_the_shared_file_is_placed_at_extends(github: AtGitHub) -> None:
    github.neighbours[".github"] = FLOOR
    github.neighbours["policies"] = OWN
    github.config = "version: 1\nextends: octo/policies\n"
    (error,) = (await load(github)).errors
    assert (error.line, error.path) == (2, "extends")


async def test_a_name_that_only_another_file_has_is_not_told(github: AtGitHub) -> None:
    github.neighbours["policies"] = (
        "version: 1\nquality_gate: {producers: {hidden: {workflow: .github/workflows/ci.yml}}}\n"
    )
    github.config = "version: 1\nextends: octo/policies\nquality_gate: {gates: {tests: {from: mine}}}\n"
    (error,) = (await load(github)).errors
    assert error.message == "no such producer"


@pytest.mark.parametrize(
    ("name", "text", "errors"),
    [
        ("policies", OWN, []),
        ("policies", "version: 1\nextends: octo/more\n", [(2, "extends")]),
        ("policies", "version: 1\nquality_gate: {gaits: 1}\n", [(2, "quality_gate.gaits")]),
        ("policies", FLOOR, [(3, "quality_gate.minimum")]),
        (".github", FLOOR, []),
        (".GitHub", "version: 1\nuse: default\n", [(2, "use")]),
    ],
)
async def test_a_file_for_others_is_judged_as_what_its_repository_makes_it(
    github: AtGitHub, name: str, text: str, errors: list[tuple[int, str]]
) -> None:
    github.repository = replace(github.repository, name=name)
    found = await policies_of(github, SECTIONS).propose_shared(text.encode())
    assert [(error.line, error.path) for error in found.errors] == errors
    assert found.is_organisation is (name != "policies")


async def test_a_proposed_file_is_held_to_the_same_floor_and_changes_nothing(github: AtGitHub) -> None:
    github.neighbours[".github"] = FLOOR
    before = await load(github)
    policies = policies_of(github, SECTIONS)
    weak = await policies.propose("quality_gate", QualityGate, OWN.encode())
    assert weak.section is None
    assert [error.line for error in weak.errors] == [4]
    strict = await policies.propose("quality_gate", QualityGate, OWN.replace("70", "90").encode())
    assert strict.section is not None
    assert strict.section.gates.coverage == CoverageGate(total=">= 90%")
    assert await load(github) == before
