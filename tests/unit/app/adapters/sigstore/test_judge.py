"""The verdict on bundles of the local Sigstore: what is accepted, what is refused, and under which code."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.policy import code_of
from app.adapters.sigstore.trust import PinnedRoot, TrustedRoots
from app.domain.identity_patterns import IdentityPattern
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, VerificationRequest
from app.standin.sigstore import Form, LocalSigstore
from app.standin.sigstore.identity import GITHUB_ACTIONS
from tests.unit.app.adapters.sigstore.minted import (
    ARTIFACT,
    CLAIMS,
    DIGEST,
    EXPECTED,
    IDENTITY,
    OTHER,
    REKOR_FORMS,
    SLSA,
    Json,
    ask,
    attest,
    edited,
    entry,
    root_of,
)


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


@pytest.mark.parametrize("form", REKOR_FORMS)
@pytest.mark.parametrize("kind", ["message", "dsse"])
def test_a_genuine_bundle_is_verified_with_every_claim_shown(
    world: LocalSigstore, kind: str, form: Form
) -> None:
    raw = world.sign_artifact(ARTIFACT, IDENTITY, form) if kind == "message" else attest(world, form)
    outcome = ask(world, raw)
    assert (outcome.outcome, outcome.code) == (Outcome.VERIFIED, "VERIFIED")
    assert [check.claim for check in outcome.claims] == [
        "identity",
        "issuer",
        *(name for name, _ in CLAIMS),
        "subject_digest",
    ]
    assert all(check.ok and check.actual == check.expected for check in outcome.claims)
    assert outcome.digest == f"sha256:{DIGEST}"
    assert outcome.trusted_root_sha256 == root_of(world).sha256


CODES = {
    "source_repository_uri": "SOURCE_REPO",
    "source_repository_ref": "REF",
    "source_repository_digest": "TAG_MOVED",
    "source_repository_id": "SOURCE_REPO",
    "source_repository_owner_id": "SOURCE_REPO",
    "build_trigger": "TRIGGER",
    "runner_environment": "CLAIM",
}


@pytest.mark.parametrize("name", CODES)
def test_a_claim_that_differs_is_named_with_both_values(world: LocalSigstore, name: str) -> None:
    claims = tuple((each, value + "0" if each == name else value) for each, value in CLAIMS)
    outcome = ask(world, attest(world), replace(EXPECTED, claims=claims))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, CODES[name])
    (wrong,) = [check for check in outcome.claims if not check.ok]
    assert (wrong.claim, wrong.expected, wrong.actual) == (name, dict(claims)[name], dict(CLAIMS)[name])


def test_every_mismatch_is_shown_not_only_the_first(world: LocalSigstore) -> None:
    expected = ExpectedIdentity(
        IDENTITY.san + ".evil",
        GITHUB_ACTIONS,
        (("build_trigger", "release"),),
        ("https://example.org/other",),
    )
    outcome = ask(world, attest(world, artifact=OTHER), expected, name="tool.zip")
    assert outcome.code == "IDENTITY"
    assert [check.claim for check in outcome.claims if not check.ok] == [
        "identity",
        "build_trigger",
        "subject_digest",
        "subject_name",
        "predicate_type",
    ]


@pytest.mark.parametrize("identity", ["", IDENTITY.san + "0", IDENTITY.san[:-1], IDENTITY.san.upper(), ".*"])
def test_the_identity_is_compared_literally(world: LocalSigstore, identity: str) -> None:
    assert ask(world, attest(world), replace(EXPECTED, identity=identity)).code == "IDENTITY"


@pytest.mark.parametrize("issuer", ["", GITHUB_ACTIONS + "/evil", None])
def test_the_issuer_is_compared_literally(world: LocalSigstore, issuer: str | None) -> None:
    assert ask(world, attest(world), replace(EXPECTED, issuer=issuer)).code == "ISSUER"


def test_a_claim_that_nobody_knows_is_never_satisfied(world: LocalSigstore) -> None:
    outcome = ask(world, attest(world), replace(EXPECTED, claims=(("made_up", "x"),)))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "CLAIM")


def test_a_mismatch_of_a_message_shows_the_artifact_too(world: LocalSigstore) -> None:
    outcome = ask(world, world.sign_artifact(OTHER, IDENTITY), replace(EXPECTED, identity="x"))
    assert outcome.code == "IDENTITY"
    assert [check.claim for check in outcome.claims if not check.ok] == ["identity", "subject_digest"]


def test_a_mismatch_beside_a_forgery_stays_a_refusal(world: LocalSigstore) -> None:
    def change(bundle: Json) -> None:
        other = json.loads(attest(world, artifact=OTHER))
        bundle["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]

    outcome = ask(world, edited(attest(world), change), replace(EXPECTED, identity="x"))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "IDENTITY")
    wrong = [(check.claim, check.verified) for check in outcome.claims if not check.ok]
    assert wrong == [("identity", True), ("subject_digest", False)]


def test_a_verifier_that_breaks_is_a_refusal(world: LocalSigstore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_raw: bytes) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr("app.adapters.sigstore.shape.read", broken)
    outcome = ask(world, attest(world))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "VERIFIER_ERROR")


def test_claims_that_are_all_right_have_the_code_verified() -> None:
    assert code_of(()) == "VERIFIED"


def test_the_predicate_type_must_be_the_expected_one(world: LocalSigstore) -> None:
    assert ask(world, attest(world), replace(EXPECTED, predicate_types=(SLSA,))).outcome is Outcome.VERIFIED
    wrong = replace(EXPECTED, predicate_types=("https://slsa.dev/provenance/v0.2",))
    assert ask(world, attest(world), wrong).code == "PREDICATE"
    plain = world.sign_artifact(ARTIFACT, IDENTITY)
    assert ask(world, plain, replace(EXPECTED, predicate_types=(SLSA,))).code == "PREDICATE"


@pytest.mark.parametrize("kind", ["message", "dsse"])
def test_a_genuine_bundle_of_another_artifact_is_a_subject_mismatch(world: LocalSigstore, kind: str) -> None:
    raw = world.sign_artifact(OTHER, IDENTITY) if kind == "message" else attest(world, artifact=OTHER)
    outcome = ask(world, raw)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "SUBJECT_MISMATCH")
    (wrong,) = [check for check in outcome.claims if not check.ok]
    assert (wrong.claim, wrong.expected, wrong.actual) == (
        "subject_digest",
        DIGEST,
        sha256(OTHER).hexdigest(),
    )


def test_the_subject_that_has_the_digest_must_have_the_name(world: LocalSigstore) -> None:
    subjects = [("a.tar.gz", DIGEST), ("dist/b.tar.gz", sha256(OTHER).hexdigest())]
    raw = world.attest(subjects, SLSA, {}, IDENTITY)
    assert ask(world, raw, name="a.tar.gz").outcome is Outcome.VERIFIED
    assert ask(world, raw, name="b.tar.gz").code == "SUBJECT_MISMATCH"
    assert ask(world, raw, digest=Sha256Hex(sha256(OTHER).hexdigest()), name="b.tar.gz").code == "VERIFIED"


def test_both_statement_versions_are_read(world: LocalSigstore) -> None:
    document = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": [{"name": "t", "digest": {"sha256": DIGEST}}],
        "predicateType": SLSA,
        "predicate": {},
    }
    assert ask(world, world.attest_payload(json.dumps(document).encode(), IDENTITY)).code == "VERIFIED"
    document["_type"] = "https://in-toto.io/Statement/v2"
    assert ask(world, world.attest_payload(json.dumps(document).encode(), IDENTITY)).code == "INVALID_BUNDLE"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"_type":"https://in-toto.io/Statement/v1","_type":"x"}', "DUPLICATE_JSON_KEY"),
        (b'{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"p"}', "INVALID_BUNDLE"),
        (b'{"_type":"https://in-toto.io/Statement/v1","subject":[{}],"predicateType":"p"}', "INVALID_BUNDLE"),
        (
            b'{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha512":"aa"}}],"predicateType":"p"}',
            "UNSUPPORTED_DIGEST",
        ),
        (b"[]", "INVALID_BUNDLE"),
        (b"\xff", "INVALID_BUNDLE"),
    ],
)
def test_a_signed_statement_that_says_nothing_is_refused(
    world: LocalSigstore, payload: bytes, code: str
) -> None:
    outcome = ask(world, world.attest_payload(payload, IDENTITY))
    assert outcome.code == code
    assert outcome.outcome is not Outcome.VERIFIED


@pytest.mark.parametrize("delay", [timedelta(seconds=-1), timedelta(seconds=601)])
@pytest.mark.parametrize("form", REKOR_FORMS)
def test_signing_outside_the_certificate_window_is_a_matter_of_time(
    world: LocalSigstore, form: Form, delay: timedelta
) -> None:
    assert ask(world, attest(replace(world, delay=delay), form)).code == "TIME"


def test_another_world_is_not_trusted(world: LocalSigstore) -> None:
    foreign = LocalSigstore.create()
    assert ask(world, attest(foreign)).code == "TRUST_ROOT"
    assert ask(world, attest(replace(world, certificate_log=foreign.certificate_log))).code == "TRUST_ROOT"
    assert ask(world, attest(replace(world, rekor_v1=foreign.rekor_v1))).code == "TRUST_ROOT"


def test_a_root_that_the_library_cannot_use_is_a_refusal(world: LocalSigstore) -> None:
    raw = world.github_trusted_root_json()
    root = PinnedRoot(raw, Sha256Hex(sha256(raw).hexdigest()))
    outcome = judge(TrustedRoots(root), VerificationRequest(attest(world), DIGEST, EXPECTED))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TRUST_ROOT")


def test_a_proof_about_another_tree_size_than_the_checkpoint_is_refused(world: LocalSigstore) -> None:
    def change(bundle: Json) -> None:
        proof = entry(bundle)["inclusionProof"]
        proof["treeSize"] = str(int(proof["treeSize"]) + 1)

    assert ask(world, edited(attest(world), change)).code == "TAMPERED"


def test_a_changed_envelope_is_tampered(world: LocalSigstore) -> None:
    other = json.loads(attest(world, artifact=OTHER))

    def change(bundle: Json) -> None:
        bundle["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]

    assert ask(world, edited(attest(world), change)).code == "TAMPERED"


@pytest.mark.parametrize(
    "path", [("verificationMaterial", "tlogEntries"), ("verificationMaterial",), ("mediaType",)]
)
def test_a_bundle_without_a_part_is_invalid(world: LocalSigstore, path: tuple[str, ...]) -> None:
    def drop(bundle: Json) -> None:
        for key in path[:-1]:
            bundle = bundle[key]
        del bundle[path[-1]]

    assert ask(world, edited(attest(world), drop)).code == "INVALID_BUNDLE"


def test_two_kinds_of_content_are_invalid(world: LocalSigstore) -> None:
    other = json.loads(world.sign_artifact(ARTIFACT, IDENTITY))

    def add(bundle: Json) -> None:
        bundle["messageSignature"] = other["messageSignature"]

    assert ask(world, edited(attest(world), add)).code == "INVALID_BUNDLE"


def test_a_key_under_two_spellings_is_a_duplicate(world: LocalSigstore) -> None:
    raw = attest(world).replace(b'{"mediaType"', b'{"media_type":"x","mediaType"', 1)
    assert ask(world, raw).code == "DUPLICATE_JSON_KEY"


def test_a_pattern_stands_in_the_identitys_place(world: LocalSigstore) -> None:
    pattern = IdentityPattern(IDENTITY.san.replace("v1.0.0", "v*"))
    assert pattern.text != IDENTITY.san
    assert (
        ask(world, attest(world), replace(EXPECTED, identity="", pattern=pattern)).outcome is Outcome.VERIFIED
    )
    foreign = replace(EXPECTED, pattern=IdentityPattern("https://github.com/other/*"))
    outcome = ask(world, attest(world), foreign)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "IDENTITY")


def test_one_of_several_values_is_enough_for_a_claim(world: LocalSigstore) -> None:
    trigger = dict(CLAIMS)["build_trigger"]
    accepted = replace(EXPECTED, one_of=(("build_trigger", ("release", trigger)),))
    assert ask(world, attest(world), accepted).outcome is Outcome.VERIFIED
    refused = ask(world, attest(world), replace(EXPECTED, one_of=(("build_trigger", ("release",)),)))
    assert refused.code == "TRIGGER"
    unnamed = ask(world, attest(world), replace(EXPECTED, one_of=(("build_trigger", ()),)))
    assert unnamed.code == "TRIGGER"
