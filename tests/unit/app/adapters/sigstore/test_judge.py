"""The verdict on bundles of the local Sigstore: what is accepted, what is refused, and under which code."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.policy import code_of
from app.adapters.sigstore.trusted_root import PinnedRoot
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, VerificationOutcome, VerificationRequest
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from app.standin.sigstore.bundle import bundle as bundle_of
from app.standin.sigstore.entries import dsse_v1, intoto_v2
from app.standin.sigstore.envelope import PublishedRelease, seal
from app.standin.sigstore.identity import GITHUB_ACTIONS

ARTIFACT, OTHER = b"release bytes", b"other bytes"
DIGEST = Sha256Hex(sha256(ARTIFACT).hexdigest())
SLSA = "https://slsa.dev/provenance/v1"
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)
CLAIMS = (
    ("source_repository_uri", "https://github.com/octo/tool"),
    ("source_repository_ref", "refs/tags/v1.0.0"),
    ("source_repository_digest", "1" * 40),
    ("source_repository_id", "1001"),
    ("source_repository_owner_id", "2002"),
    ("build_trigger", "push"),
    ("runner_environment", "github-hosted"),
)
EXPECTED = ExpectedIdentity(IDENTITY.san, GITHUB_ACTIONS, CLAIMS)
REKOR_FORMS = (Form.REKOR_V1, Form.REKOR_V1_TIMESTAMPED, Form.REKOR_V2)

Json = dict[str, Any]  # a parsed bundle, edited at will


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


def root_of(world: LocalSigstore) -> PinnedRoot:
    raw = world.trusted_root_json()
    return PinnedRoot(raw, Sha256Hex(sha256(raw).hexdigest()))


def ask(
    world: LocalSigstore,
    bundle: bytes,
    expected: ExpectedIdentity = EXPECTED,
    digest: Sha256Hex = DIGEST,
    name: str | None = None,
) -> VerificationOutcome:
    return judge(root_of(world), VerificationRequest(bundle, digest, expected, name))


def attest(world: LocalSigstore, form: Form = Form.REKOR_V1, artifact: bytes = ARTIFACT) -> bytes:
    subjects = [("tool.tar.gz", sha256(artifact).hexdigest())]
    return world.attest(subjects, SLSA, {"builder": "x"}, IDENTITY, form)


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
        IDENTITY.san + ".evil", GITHUB_ACTIONS, (("build_trigger", "release"),), "https://example.org/other"
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
    assert [check.claim for check in outcome.claims if not check.ok] == ["identity"]


def test_a_verifier_that_breaks_is_a_refusal(world: LocalSigstore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_raw: bytes) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr("app.adapters.sigstore.shape.read", broken)
    outcome = ask(world, attest(world))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "VERIFIER_ERROR")


def test_claims_that_are_all_right_have_the_code_verified() -> None:
    assert code_of(()) == "VERIFIED"


def test_the_predicate_type_must_be_the_expected_one(world: LocalSigstore) -> None:
    assert ask(world, attest(world), replace(EXPECTED, predicate_type=SLSA)).outcome is Outcome.VERIFIED
    wrong = replace(EXPECTED, predicate_type="https://slsa.dev/provenance/v0.2")
    assert ask(world, attest(world), wrong).code == "PREDICATE"
    plain = world.sign_artifact(ARTIFACT, IDENTITY)
    assert ask(world, plain, replace(EXPECTED, predicate_type=SLSA)).code == "PREDICATE"


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
    assert ask(world, attest(replace(world, rekor_v1=foreign.rekor_v1))).code == "TAMPERED"


def test_a_root_that_the_library_cannot_use_is_a_refusal(world: LocalSigstore) -> None:
    raw = world.github_trusted_root_json()
    root = PinnedRoot(raw, Sha256Hex(sha256(raw).hexdigest()))
    outcome = judge(root, VerificationRequest(attest(world), DIGEST, EXPECTED))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TRUST_ROOT")


def edited(raw: bytes, edit: Callable[[Json], None]) -> bytes:
    bundle = json.loads(raw)
    edit(bundle)
    return json.dumps(bundle).encode()


def entry(bundle: Json) -> Json:
    found: Json = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


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


class TestUnsupported:
    def test_githubs_own_form_is_unsupported(self, world: LocalSigstore) -> None:
        outcome = ask(world, attest(world, Form.GITHUB))
        assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "UNSUPPORTED_NO_TLOG_GITHUB_TSA")

    def test_githubs_release_attestation_is_unsupported(self, world: LocalSigstore) -> None:
        release = PublishedRelease(
            repository="octo/tool",
            tag="v1.0.0",
            commit="1" * 40,
            release_id=1,
            repository_id=1001,
            owner_id=2002,
            assets=[("tool.tar.gz", DIGEST)],
        )
        outcome = ask(world, world.attest_release(release.statement()))
        assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "UNSUPPORTED_NO_TLOG_GITHUB_TSA")

    def test_an_intoto_entry_is_unsupported(self, world: LocalSigstore) -> None:
        outcome = ask(world, attest(world, Form.REKOR_V1_INTOTO))
        assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "UNSUPPORTED_INTOTO_ENTRY")

    @pytest.mark.parametrize("form", [Form.GITHUB, Form.REKOR_V1_INTOTO])
    def test_what_contradicts_itself_is_rejected_not_unsupported(
        self, world: LocalSigstore, form: Form
    ) -> None:
        raw = attest(world, form)
        other = json.loads(attest(world, form, OTHER))

        def swap_payload(bundle: Json) -> None:
            bundle["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]

        assert ask(world, edited(raw, swap_payload)).code == "TAMPERED"
        assert ask(world, raw, digest=Sha256Hex("0" * 64)).code == "SUBJECT_MISMATCH"
        late = replace(world, delay=timedelta(hours=1))
        assert ask(world, attest(late, form)).code == "TIME"

    def test_another_curve_is_unsupported_and_its_forgery_tampered(self, world: LocalSigstore) -> None:
        raw = attest(replace(world, curve=ec.SECP384R1()))

        def change(bundle: Json) -> None:
            sig = bytearray(b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"]))
            sig[-1] ^= 1
            bundle["dsseEnvelope"]["signatures"][0]["sig"] = b64encode(sig).decode()

        outcome = ask(world, raw)
        assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "UNSUPPORTED_KEY_TYPE")
        assert ask(world, edited(raw, change)).code == "TAMPERED"

    def test_a_managed_key_is_unsupported_unless_it_is_about_other_bytes(self, world: LocalSigstore) -> None:
        def without_certificate(bundle: Json) -> None:
            del bundle["verificationMaterial"]["certificate"]
            bundle["verificationMaterial"]["publicKey"] = {"hint": "my key"}

        raw = edited(world.sign_artifact(ARTIFACT, IDENTITY), without_certificate)
        other = edited(world.sign_artifact(OTHER, IDENTITY), without_certificate)
        assert ask(world, raw).code == "UNSUPPORTED_MANAGED_KEY"
        assert ask(world, edited(attest(world), without_certificate)).code == "UNSUPPORTED_MANAGED_KEY"
        assert ask(world, other).code == "SUBJECT_MISMATCH"

    def test_an_artifact_signed_by_another_digest_is_unsupported(self, world: LocalSigstore) -> None:
        def change(bundle: Json) -> None:
            bundle["messageSignature"]["messageDigest"]["algorithm"] = "SHA2_512"

        assert (
            ask(world, edited(world.sign_artifact(ARTIFACT, IDENTITY), change)).code == "UNSUPPORTED_DIGEST"
        )

    @pytest.mark.parametrize(
        ("kind", "version", "code"),
        [("dsse", "0.0.2", "UNSUPPORTED_LOG_ENTRY"), ("rekord", "0.0.1", "INVALID_BUNDLE")],
    )
    def test_another_kind_of_log_entry_is_named(
        self, world: LocalSigstore, kind: str, version: str, code: str
    ) -> None:
        def change(bundle: Json) -> None:
            entry(bundle)["kindVersion"] = {"kind": kind, "version": version}

        assert ask(world, edited(attest(world), change)).code == code

    def test_another_payload_than_a_statement_is_unsupported_but_not_if_it_was_changed(
        self, world: LocalSigstore
    ) -> None:
        signer = world.signer(IDENTITY)
        envelope = seal(b"text", signer, "text/plain")
        logged = world.rekor_v1.add(dsse_v1(envelope, signer.certificate), world.signed_at)
        raw = bundle_of(signer, {"dsseEnvelope": envelope.as_json()}, logged)

        def change(bundle: Json) -> None:
            bundle["dsseEnvelope"]["payload"] = b64encode(b"TEXT").decode()

        assert ask(world, raw).code == "UNSUPPORTED_PAYLOAD_TYPE"
        assert ask(world, edited(raw, change)).code == "TAMPERED"

    @pytest.mark.parametrize("change", [{"spec": {}}, {"spec": {"content": {"payloadHash": 1}}}])
    def test_an_unreadable_intoto_entry_is_invalid(self, world: LocalSigstore, change: Json) -> None:
        def damage(bundle: Json) -> None:
            entry(bundle)["canonicalizedBody"] = b64encode(json.dumps(change).encode()).decode()

        outcome = ask(world, edited(attest(world, Form.REKOR_V1_INTOTO), damage))
        assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "INVALID_BUNDLE")

    def test_an_intoto_entry_of_another_certificate_is_tampered(self, world: LocalSigstore) -> None:
        payload = b64decode(json.loads(attest(world))["dsseEnvelope"]["payload"])
        signer, other = world.signer(IDENTITY), world.signer(IDENTITY)
        envelope = seal(payload, signer)
        logged = world.rekor_v1.add(intoto_v2(envelope, other.certificate), world.signed_at)
        outcome = ask(world, bundle_of(signer, {"dsseEnvelope": envelope.as_json()}, logged))
        assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TAMPERED")

    def test_an_unreadable_timestamp_is_invalid(self, world: LocalSigstore) -> None:
        def damage(bundle: Json) -> None:
            stamps = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
            stamps[0]["signedTimestamp"] = "AAAA"

        assert ask(world, edited(attest(world, Form.GITHUB), damage)).code == "INVALID_BUNDLE"

    def test_a_spliced_intoto_entry_is_tampered(self, world: LocalSigstore) -> None:
        other = json.loads(attest(world, Form.REKOR_V1_INTOTO, OTHER))

        def splice(bundle: Json) -> None:
            bundle["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]

        outcome = ask(world, edited(attest(world, Form.REKOR_V1_INTOTO), splice))
        assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TAMPERED")

    def test_a_public_good_bundle_whose_log_entry_was_removed_is_rejected(self, world: LocalSigstore) -> None:
        def drop(bundle: Json) -> None:
            del bundle["verificationMaterial"]["tlogEntries"]

        raw = edited(attest(world, Form.REKOR_V1_TIMESTAMPED), drop)
        assert ask(world, raw).outcome is Outcome.REJECTED

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (b'{"payload":"","payloadType":"x","signatures":[]}', "UNSUPPORTED_BARE_DSSE"),
            (b'{"base64Signature":"","cert":"","rekorBundle":{}}', "UNSUPPORTED_COSIGN_BUNDLE"),
        ],
    )
    def test_older_forms_are_named(self, world: LocalSigstore, raw: bytes, code: str) -> None:
        assert ask(world, raw).code == code

    def test_several_signatures_are_unsupported(self, world: LocalSigstore) -> None:
        def repeat(bundle: Json) -> None:
            bundle["dsseEnvelope"]["signatures"] *= 2

        assert ask(world, edited(attest(world), repeat)).code == "UNSUPPORTED_MULTIPLE_SIGNATURES"


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_flipped_bit_is_accepted_as_something_else(data: st.DataObject) -> None:
    """Bits outside what signatures cover (hints, padding) may flip; the verdict then stays about the same artifact."""
    raw = bytearray(FUZZED)
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= 1 << data.draw(st.integers(0, 7))
    outcome = judge(
        FUZZED_ROOT, VerificationRequest(bytes(raw), Sha256Hex(sha256(OTHER).hexdigest()), EXPECTED)
    )
    assert outcome.outcome is not Outcome.VERIFIED


FUZZED_WORLD = LocalSigstore.create()
FUZZED = attest(FUZZED_WORLD)
FUZZED_ROOT = root_of(FUZZED_WORLD)


@given(
    raw=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "mediaType",
                        "verificationMaterial",
                        "dsseEnvelope",
                        "messageSignature",
                        "certificate",
                        "tlogEntries",
                        "publicKey",
                        "hint",
                        "rawBytes",
                        "payload",
                        "signatures",
                        "timestampVerificationData",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    ).map(lambda value: json.dumps(value).encode())
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_end_in_a_refusal_of_the_bundle(raw: bytes) -> None:
    outcome = judge(FUZZED_ROOT, VerificationRequest(raw, DIGEST, EXPECTED))
    assert outcome.outcome is not Outcome.VERIFIED
    assert outcome.code != "VERIFIER_ERROR"


@pytest.mark.parametrize("member", ["timestampVerificationData", "tlogEntries", "certificate"])
@pytest.mark.parametrize(
    "value", [0, "x", [1], {"rfc3161Timestamps": 5}, {"rawBytes": "!"}, [[]], {"a": None}]
)
def test_a_member_of_the_wrong_type_ends_in_a_refusal_of_the_bundle(
    world: LocalSigstore, member: str, value: object
) -> None:
    def change(bundle: Json) -> None:
        bundle["verificationMaterial"][member] = value

    outcome = ask(world, edited(attest(world, Form.REKOR_V1_TIMESTAMPED), change))
    assert outcome.outcome is Outcome.REJECTED
    assert outcome.code != "VERIFIER_ERROR"


def test_a_hint_that_no_signature_covers_does_not_change_the_verdict(world: LocalSigstore) -> None:
    def change(bundle: Json) -> None:
        del bundle["verificationMaterial"]["timestampVerificationData"]

    raw = edited(attest(world), change)
    assert ask(world, raw).code == "VERIFIED"
