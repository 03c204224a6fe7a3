"""PyPI's attestations, one by one and as the provenance of a distribution."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from app.domain.ids import Sha256Hex
from app.domain.release import Outcome
from app.standin.sigstore import LocalSigstore
from tests.unit.app.adapters.sigstore.minted import (
    ARTIFACT,
    DIGEST,
    EXPECTED,
    IDENTITY,
    OTHER,
    RELEASE,
    RELEASE_SIGNER,
    SLSA,
    Json,
    ask,
    attest,
    edited,
    pep740,
)

PUBLISH = "https://docs.pypi.org/attestations/publish/v1"
OTHER_DIGEST = Sha256Hex(sha256(OTHER).hexdigest())


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


def provenance(*attestations: bytes) -> bytes:
    groups = [
        {"publisher": {"kind": "GitHub", "repository": "octo/tool"}, "attestations": [json.loads(each)]}
        for each in attestations
    ]
    return json.dumps({"version": 1, "attestation_bundles": groups}).encode()


@pytest.mark.parametrize("predicate_type", [PUBLISH, SLSA])
def test_an_attestation_of_this_file_is_verified(world: LocalSigstore, predicate_type: str) -> None:
    raw = pep740(world.attest([("tool.tar.gz", DIGEST)], predicate_type, None, IDENTITY))
    outcome = ask(world, raw, name="tool.tar.gz")
    assert (outcome.outcome, outcome.predicate_type) == (Outcome.VERIFIED, predicate_type)
    assert ask(world, provenance(raw), name="tool.tar.gz").outcome is Outcome.VERIFIED


def test_the_file_must_have_the_name_that_was_attested(world: LocalSigstore) -> None:
    assert ask(world, pep740(attest(world)), name="tool.zip").code == "SUBJECT_MISMATCH"


def test_an_attestation_of_several_files_is_refused(world: LocalSigstore) -> None:
    raw = world.attest([("tool.tar.gz", DIGEST), ("other", OTHER_DIGEST)], PUBLISH, None, IDENTITY)
    assert ask(world, raw).code == "VERIFIED"
    outcome = ask(world, pep740(raw))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "SUBJECT_MISMATCH")
    (wrong,) = [check for check in outcome.claims if not check.ok]
    assert (wrong.claim, wrong.expected, wrong.actual) == ("subject_count", "1", "2")


def test_an_attestation_of_a_file_without_a_name_is_refused(world: LocalSigstore) -> None:
    assert (
        ask(world, pep740(world.attest([("", DIGEST)], PUBLISH, None, IDENTITY))).code == "SUBJECT_MISMATCH"
    )


def test_another_predicate_than_pypis_two_is_refused(world: LocalSigstore) -> None:
    other = "https://slsa.dev/provenance/v0.2"
    raw = pep740(world.attest([("tool.tar.gz", DIGEST)], other, {}, IDENTITY))
    assert ask(world, raw).code == "PREDICATE"
    # Not even where the policy names it.
    assert ask(world, raw, replace(EXPECTED, predicate_types=(other,))).code == "PREDICATE"


def test_of_a_provenance_one_attestation_that_verifies_is_enough(world: LocalSigstore) -> None:
    bad, good = (pep740(attest(world, artifact=artifact)) for artifact in (OTHER, ARTIFACT))
    assert ask(world, provenance(bad, good)).outcome is Outcome.VERIFIED


def test_of_a_provenance_without_one_the_closest_refusal_is_told(world: LocalSigstore) -> None:
    stranger = replace(IDENTITY, repository="other/tool", repository_id=7)
    far = pep740(world.attest([("tool.tar.gz", OTHER_DIGEST)], SLSA, {}, stranger))
    near = pep740(attest(world, artifact=OTHER))
    for order in ((far, near), (near, far)):
        outcome = ask(world, provenance(*order))
        assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "SUBJECT_MISMATCH")


def test_what_pypi_has_is_no_attestation_of_a_release(world: LocalSigstore) -> None:
    raw = pep740(world.attest_payload(RELEASE.statement(), IDENTITY))
    as_signer = replace(RELEASE_SIGNER, identity=EXPECTED.identity, issuer=EXPECTED.issuer)
    outcome = ask(world, raw, as_signer)
    assert outcome.outcome is Outcome.REJECTED
    assert "trust_domain" in {check.claim for check in outcome.claims if not check.ok}


def next_version(attestation: Json) -> None:
    attestation["version"] = 2


def version_true(attestation: Json) -> None:
    attestation["version"] = True


def no_version(attestation: Json) -> None:
    del attestation["version"]


def more(attestation: Json) -> None:
    attestation["envelope"]["payloadType"] = "text/plain"


def no_entries(attestation: Json) -> None:
    attestation["verification_material"]["transparency_entries"] = []


def two_entries(attestation: Json) -> None:
    attestation["verification_material"]["transparency_entries"] *= 2


def no_object(attestation: Json) -> None:
    attestation["envelope"] = []


@pytest.mark.parametrize(
    "change", [next_version, version_true, no_version, more, no_entries, two_entries, no_object]
)
def test_an_attestation_of_another_outline_is_invalid(
    world: LocalSigstore, change: Callable[[Json], None]
) -> None:
    outcome = ask(world, edited(pep740(attest(world)), change))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "INVALID_BUNDLE")


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1, "attestation_bundles": []},
        {"version": 2, "attestation_bundles": []},
        {"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": []}]},
        {"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": {}}]},
        {"version": 1, "attestation_bundles": [[]]},
        {"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": [1]}]},
        {"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": [{}] * 33}]},
        {"version": 1, "attestation_bundles": [], "more": 1},
    ],
)
def test_a_provenance_of_another_outline_is_invalid(world: LocalSigstore, document: Json) -> None:
    assert ask(world, json.dumps(document).encode()).code == "INVALID_BUNDLE"
