"""What the section takes, and what it refuses with which words and where."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.config.composing import parse_sections
from app.domain.release import Grade
from handlers.builtin import SECTIONS
from handlers.release_verification.section import AssetRule, Kind, ReleaseVerification, Signer

DAY = date(2026, 11, 24)


def told(text: str) -> list[tuple[int, int, str, str]]:
    """The mistakes in a file that has this below `release_verification`."""
    lines = "\n".join(f"  {line}" for line in text.splitlines())
    found = parse_sections(f"version: 1\nrelease_verification:\n{lines}\n".encode(), SECTIONS)
    return [
        (each.line, each.column, each.path.removeprefix("release_verification."), each.message)
        for each in found.errors
    ]


def noted(text: str) -> list[tuple[str, str]]:
    found = parse_sections(f"version: 1\nrelease_verification: {text}\n".encode(), SECTIONS)
    return [(each.path.removeprefix("release_verification."), each.message) for each in found.notes]


@pytest.mark.parametrize(
    "workflow",
    [
        "own",
        ".github/workflows/release.yml",
        ".github/workflows/release-*.yaml",
        "acme/ci/.github/workflows/build.yml@refs/tags/v2.1.0",
        "acme/ci/.github/workflows/build-*.yml@refs/heads/main",
        f"acme/ci/.github/workflows/build.yml@{'a' * 40}",
    ],
)
def test_a_workflow_that_says_whom_it_admits_is_taken(workflow: str) -> None:
    assert told(f"signers: [{{workflow: '{workflow}'}}]") == []


@pytest.mark.parametrize(
    ("workflow", "message"),
    [
        (".github/workflows/*.yml", "evil.yml"),
        (".github/workflows/*", "a workflow is a file"),
        (".github/workflows/release.yml@refs/tags/v1", "written without @"),
        ("acme/ci/.github/workflows/build.yml", "it has no @"),
        ("acme/ci/.github/workflows/build.yml@v2", "the ref must be written as refs/tags/NAME"),
        ("acme/ci/.github/workflows/build.yml@refs/tags/v*", "named by an exact ref"),
        ("*/ci/.github/workflows/build.yml@refs/tags/v1", "the owner cannot be a pattern; it would admit"),
        ("acme/*/.github/workflows/build.yml@refs/tags/v1", "the repository cannot be a pattern"),
        ("acme/.*/.github/workflows/build.yml@refs/tags/v1", "no regular expression"),
        ("release.yml", "it has no @"),
    ],
)
def test_a_loose_workflow_is_a_mistake_at_its_place_that_shows_strangers(workflow: str, message: str) -> None:
    ((line, column, path, said),) = told(f"signers:\n  - workflow: '{workflow}'")
    assert (line, column, path) == (4, 7, "signers.0.workflow")
    assert message in said


def test_an_identity_can_have_a_pattern_of_refs() -> None:
    good = "https://github.com/acme/ci/.github/workflows/build.yml@refs/tags/v2.*"
    assert told(f"signers: [{{identity: '{good}'}}]") == []
    ((_, _, path, said),) = told(f"signers: [{{identity: '{good.replace('acme', '*')}'}}]")
    assert path == "signers.0.identity"
    assert "https://github.com/attacker/ci/.github/workflows/build.yml@refs/tags/v2.evil" in said


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (
            "signers: [{workflow: .github/workflows/r.yml, identity: 'https://github.com/a/b/.github/workflows/r.yml@refs/tags/v1'}]",
            "signers.0.workflow",
        ),
        ("signers: [{source_ref: main}]", "signers.0.source_ref"),
        ("signers: [{source_ref: refs/heads/*}]", "signers.0.source_ref"),
        ("signers: [{source_ref: refs/tags/v1}]", "signers.0.source_ref"),
        ("signers: [{source_repository: {name: old/name, owner_id: 1}}]", "signers.0.source_repository.id"),
        ("signers: [{triggers: [pull_request]}]", "signers.0.triggers.0"),
        ("signers: [{triggers: []}]", "signers.0.triggers"),
        ("signers: [{predicate_types: [], plain_signatures: false}]", "signers.0.predicate_types"),
        ("signers: [{predicate_types: ['-']}]", "signers.0.predicate_types"),
        ("signers: [{claims: {build_trigger: push}}]", "signers.0.claims.build_trigger"),
        ("signers: [{claims: {no_such: x}}]", "signers.0.claims.no_such"),
        ("signers: [{builder: {commit: abc}}]", "signers.0.builder.commit"),
        ("signers: [{builder: {caller: other.yml}}]", "signers.0.builder.caller"),
        ("signers: []", "signers"),
        ("exempt: ['*']", "exempt.0"),
        ("exempt: ['*.*']", "exempt.0"),
        ("assets: [{files: ['*.deb']}]", "assets.0"),
        ("assets: [{files: ['*.deb'], least: unsigned}]", "assets.0.least"),
        ("assets: [{files: ['a/b'], least: checksum-only}]", "assets.0.files.0"),
        ("assets: [{files: ['*'], needs: [backfill]}]", "assets.0.needs"),
        ("informational: {until: soon}", "informational.until"),
        ("informational: soon", "informational"),
        ("backfill: {least_evidence: E4}", "backfill.least_evidence"),
        ("quarantine: delete", "quarantine"),
        ("limits: {assets: 1001}", "limits.assets"),
    ],
)
def test_what_means_nothing_or_too_much_is_a_mistake_at_its_key(text: str, path: str) -> None:
    ((_, _, found, _),) = told(text)
    assert found == path


@pytest.mark.parametrize(
    ("section", "informs"),
    [
        ({}, True),
        ({"wait_minutes": 5}, True),
        ({"informational": None}, True),
        ({"signers": [{}]}, False),
        ({"signers": [{}], "informational": True}, True),
        ({"informational": False}, False),
        ({"informational": {"until": "2026-11-25"}}, True),
        ({"informational": {"until": "2026-11-24"}}, False),
    ],
)
def test_the_check_only_informs_until_the_file_says_otherwise(
    section: dict[str, Any], *, informs: bool
) -> None:
    found = ReleaseVerification.model_validate(section)
    assert found.is_informational(DAY) is informs
    again = ReleaseVerification.model_validate_json(found.model_dump_json())
    assert (again, again.is_informational(DAY)) == (found, informs)


def test_a_section_with_everything_reads_back_the_same() -> None:
    section = ReleaseVerification(
        signers=(Signer(identity="https://github.com/a/b/.github/workflows/r.yml@refs/tags/v1"), Signer()),
    )
    assert ReleaseVerification.model_validate_json(section.model_dump_json()) == section


def test_the_first_rule_that_fits_counts_and_what_fits_none_needs_provenance() -> None:
    section = ReleaseVerification.model_validate(
        {
            "assets": [
                {"files": ["tool[1].deb"], "needs": ["release-attestation"]},
                {"files": ["*.deb", "*.rpm"], "least": "checksum-only"},
            ],
            "exempt": ["*.asc"],
        }
    )
    assert section.rule_for("tool[1].deb")[0] == 0
    assert section.rule_for("tool1.deb")[0] == 1
    assert section.rule_for("TOOL.RPM") == (None, AssetRule(files=("*",), least=Grade.PROVENANCE_VERIFIED))
    assert section.is_exempt("tool.asc")
    assert not section.is_exempt("tool.asc.exe")


PROVENANCE, RELEASE, SUMS, LATER = (
    Kind.PROVENANCE,
    Kind.RELEASE_ATTESTATION,
    Kind.SIGNED_CHECKSUMS,
    Kind.BACKFILL,
)


@pytest.mark.parametrize(
    ("rule", "kinds", "lacking"),
    [
        ({"least": "provenance-verified"}, {PROVENANCE}, ()),
        (
            {"least": "provenance-verified"},
            {RELEASE, SUMS, LATER},
            ("provenance-verified (it is backfilled)",),
        ),
        ({"least": "backfilled"}, {RELEASE}, ("backfilled (it is release-attested)",)),
        ({"least": "checksum-only"}, set(), ("checksum-only (it is unsigned)",)),
        ({"least": "checksum-only"}, {RELEASE}, ()),
        ({"needs": ["release-attestation"]}, {PROVENANCE}, ("release-attestation",)),
        ({"needs": ["provenance", "signed-checksums"]}, {PROVENANCE, SUMS}, ()),
        (
            {"needs": ["release-attestation"], "least": "backfilled"},
            {RELEASE},
            ("backfilled (it is release-attested)",),
        ),
    ],
)
def test_evidence_of_one_grade_is_never_taken_for_another(
    rule: dict[str, Any], kinds: set[Kind], lacking: tuple[str, ...]
) -> None:
    assert AssetRule.model_validate({"files": ["*"], **rule}).lacking(kinds) == lacking


def test_what_has_no_effect_is_noted_and_no_mistake() -> None:
    assert noted(
        "{assets: [{files: ['*'], least: checksum-only}, {files: ['*.deb'], needs: [provenance]}]}"
    ) == [("assets.1", "no asset reaches it: a rule before it fits every name")]
    assert noted("{quarantine_draft: true}") == [
        ("quarantine_draft", "it has no effect while quarantine is off")
    ]
    assert noted("{assets: [{files: ['*'], least: backfilled}]}") == [
        ("assets", "nobody may backfill, so only provenance is enough")
    ]
    assert noted("{}") == []
