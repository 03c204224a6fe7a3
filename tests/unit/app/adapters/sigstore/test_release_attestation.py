"""GitHub's attestation of an immutable release: about this release, or refused with the field that says otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.domain.ids import CommitSha, Sha256Hex
from app.domain.release import ExpectedRelease, Outcome, TrustDomain, VerificationOutcome
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from tests.unit.app.adapters.sigstore.minted import (
    ARTIFACT,
    DIGEST,
    EXPECTED,
    EXPECTED_RELEASE,
    IDENTITY,
    RELEASE,
    RELEASE_SIGNER,
    ask,
    attest,
)

V01, V02 = "https://in-toto.io/attestation/release/v0.1", "https://in-toto.io/attestation/release/v0.2"
Statement = dict[str, Any]  # a parsed statement, edited at will


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


def stated() -> Statement:
    found: Statement = json.loads(RELEASE.statement())
    return found


def said(
    world: LocalSigstore, statement: Statement, expected: ExpectedRelease = EXPECTED_RELEASE
) -> VerificationOutcome:
    raw = world.attest_release(json.dumps(statement).encode())
    return ask(world, raw, replace(RELEASE_SIGNER, release=expected), name="tool.tar.gz")


def test_the_attestation_of_this_release_is_verified_with_every_field_shown(world: LocalSigstore) -> None:
    outcome = said(world, stated())
    assert (outcome.outcome, outcome.code) == (Outcome.VERIFIED, "VERIFIED")
    assert (outcome.trust_domain, outcome.transparency) == (TrustDomain.GITHUB, False)
    assert (outcome.predicate_type, outcome.signed_at) == (V02, world.signed_at)
    assert [check.claim for check in outcome.claims] == [
        "identity",
        "issuer",
        "subject_digest",
        "subject_name",
        "predicate_type",
        "trust_domain",
        "release_repository",
        "release_repository_id",
        "release_owner_id",
        "release_tag",
        "release_id",
        "release_purl",
        "release_uri",
        "release_commit",
    ]


def test_the_first_version_of_the_predicate_names_the_release_otherwise(world: LocalSigstore) -> None:
    statement = stated()
    statement["predicateType"] = V01
    assert said(world, statement).code == "CLAIM"
    statement["predicate"]["releaseId"] = statement["predicate"].pop("databaseId")
    del statement["predicate"]["packageId"]
    assert said(world, statement).code == "VERIFIED"


FIELDS = {
    "repository": ("octo/other", "release_repository", "SOURCE_REPO"),
    "repositoryId": ("1", "release_repository_id", "SOURCE_REPO"),
    "ownerId": ("1", "release_owner_id", "SOURCE_REPO"),
    "tag": ("v1.0", "release_tag", "REF"),
    "databaseId": ("1", "release_id", "CLAIM"),
    "purl": ("pkg:github/octo/tool@v1.0", "release_purl", "CLAIM"),
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_differs_or_lacks_is_named(world: LocalSigstore, field: str) -> None:
    value, claim, code = FIELDS[field]
    others: tuple[object, ...] = (value, None, True, {})
    for other in others:
        statement = stated()
        statement["predicate"][field] = other
        outcome = said(world, statement)
        assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, code)
        (wrong,) = [check for check in outcome.claims if not check.ok]
        assert (wrong.claim, wrong.actual) == (claim, value if other == value else None)


def test_a_predicate_that_is_no_object_says_nothing(world: LocalSigstore) -> None:
    statement = stated()
    statement["predicate"] = [statement["predicate"]]
    assert said(world, statement).code == "SOURCE_REPO"


def test_a_number_means_what_its_digits_mean(world: LocalSigstore) -> None:
    statement = stated()
    statement["predicate"]["repositoryId"] = 1001
    assert said(world, statement).code == "VERIFIED"


def test_a_tag_that_moved_since_is_named(world: LocalSigstore) -> None:
    outcome = said(world, stated(), replace(EXPECTED_RELEASE, commit=CommitSha("2" * 40)))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TAG_MOVED")
    (wrong,) = [check for check in outcome.claims if not check.ok]
    assert (wrong.claim, wrong.expected, wrong.actual) == ("release_commit", "2" * 40, "1" * 40)


def test_an_annotated_tag_is_known_by_its_own_object_too(world: LocalSigstore) -> None:
    annotated = replace(EXPECTED_RELEASE, commit=CommitSha("2" * 40), tag_object=CommitSha("1" * 40))
    assert said(world, stated(), annotated).code == "VERIFIED"
    assert said(world, stated(), replace(annotated, tag_object=CommitSha("3" * 40))).code == "TAG_MOVED"


@pytest.mark.parametrize("number", [0, 2])
def test_exactly_one_subject_is_the_release(world: LocalSigstore, number: int) -> None:
    statement = stated()
    first, *assets = statement["subject"]
    statement["subject"] = [first] * number + assets
    outcome = said(world, statement)
    assert outcome.outcome is Outcome.REJECTED
    assert {"release_uri", "release_commit"} == {check.claim for check in outcome.claims if not check.ok}


@pytest.mark.parametrize(
    ("repository", "tag", "address"),
    [
        ("Octo/Tool", "v1.0.0", "pkg:github/octo/tool@v1.0.0"),
        ("octo/tool", "app@v1/x", "pkg:github/octo/tool@app%40v1%2Fx"),
        ("octo/tool", "app@v1/x", "pkg:github/octo/tool@app@v1/x"),
        ("octo/tool", "a%20b", "pkg:github/octo/tool@a%20b"),
    ],
)
def test_addresses_are_compared_as_package_addresses_are(
    world: LocalSigstore, repository: str, tag: str, address: str
) -> None:
    statement = stated()
    statement["predicate"] |= {"repository": repository, "tag": tag, "purl": address}
    statement["subject"][0]["uri"] = address
    assert (
        said(world, statement, replace(EXPECTED_RELEASE, repository=repository, tag=tag)).code == "VERIFIED"
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "pkg:github/octo/tool",
        "octo/tool@v1.0.0",
        "pkg:npm/octo/tool@v1.0.0",
        "pkg:github/octo/tool@V1.0.0",
    ],
)
def test_another_address_is_refused(world: LocalSigstore, address: str) -> None:
    statement = stated()
    statement["subject"][0]["uri"] = address
    outcome = said(world, statement)
    assert [check.claim for check in outcome.claims if not check.ok] == ["release_uri"]


def test_what_is_not_known_of_the_release_is_not_compared(world: LocalSigstore) -> None:
    expected = ExpectedRelease("octo/tool", "v1.0.0", CommitSha("1" * 40))
    outcome = said(world, stated(), expected)
    assert outcome.code == "VERIFIED"
    assert not {"release_id", "release_owner_id", "release_repository_id"} & {
        check.claim for check in outcome.claims
    }


def test_an_asset_that_is_not_in_the_release_is_a_subject_mismatch(world: LocalSigstore) -> None:
    raw = world.attest_release(RELEASE.statement())
    assert ask(world, raw, RELEASE_SIGNER, Sha256Hex("0" * 64)).code == "SUBJECT_MISMATCH"
    assert ask(world, raw, RELEASE_SIGNER, name="tool.zip").code == "SUBJECT_MISMATCH"


def test_another_kind_of_statement_by_githubs_signer_is_no_release(world: LocalSigstore) -> None:
    statement = stated()
    statement["predicateType"] = "https://slsa.dev/provenance/v1"
    assert said(world, statement).code == "PREDICATE"
    raw = world.attest_release(json.dumps(statement).encode())
    loose = replace(RELEASE_SIGNER, predicate_types=("https://slsa.dev/provenance/v1",))
    assert ask(world, raw, loose).code == "PREDICATE"


def test_a_workflow_cannot_attest_a_release(world: LocalSigstore) -> None:
    as_signer = replace(RELEASE_SIGNER, identity=IDENTITY.san, issuer=EXPECTED.issuer)
    for form in (Form.GITHUB, Form.REKOR_V1):
        raw = world.attest_payload(RELEASE.statement(), IDENTITY, form)
        assert ask(world, raw, RELEASE_SIGNER).code == "IDENTITY"
    raw = world.attest_payload(RELEASE.statement(), IDENTITY, Form.REKOR_V1)
    # Not even where a policy named the workflow in the signer's place: only GitHub's own root speaks of releases.
    assert ask(world, raw, as_signer).code == "TRUST_ROOT"
    assert ask(world, world.sign_artifact(ARTIFACT, IDENTITY), as_signer).outcome is Outcome.REJECTED


def test_githubs_signer_is_no_workflow(world: LocalSigstore) -> None:
    outcome = ask(world, world.attest_release(RELEASE.statement()))
    assert outcome.code == "IDENTITY"
    assert "issuer" in {check.claim for check in outcome.claims if not check.ok}
    no_issuer = replace(RELEASE_SIGNER, identity=IDENTITY.san)
    provenance = attest(world, Form.GITHUB)
    assert ask(world, provenance, no_issuer, DIGEST).code == "ISSUER"


def test_a_certificate_of_a_workflow_that_calls_itself_the_release_signer_is_refused(
    world: LocalSigstore,
) -> None:
    lookalike = GitHubIdentity(
        repository="octo/tool", sha="1" * 40, server_url="https://dotcom.releases.github.com"
    )
    raw = world.attest_payload(RELEASE.statement(), lookalike, Form.GITHUB)
    assert ask(world, raw, RELEASE_SIGNER).code == "IDENTITY"
