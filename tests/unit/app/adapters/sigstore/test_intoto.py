"""Entries of kind `intoto`, as npm's provenance has them: proven like any other, and only about their own bundle."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256, sha512
from typing import Any

import pytest

from app.adapters.sigstore.judge import judge
from app.domain.ids import Sha256Hex
from app.domain.release import Outcome, TrustDomain, VerificationOutcome, VerificationRequest
from app.standin.sigstore import Form, LocalSigstore
from app.standin.sigstore.bundle import bundle as bundle_of
from app.standin.sigstore.entries import dsse_v1, intoto_v2
from app.standin.sigstore.envelope import IN_TOTO, Envelope, seal, statement
from app.standin.sigstore.leaf import Signer
from tests.unit.app.adapters.sigstore.minted import (
    ARTIFACT,
    DIGEST,
    EXPECTED,
    IDENTITY,
    OTHER,
    SLSA,
    Json,
    ask,
    attest,
    edited,
    entry,
    roots_of,
)

PAYLOAD = statement([("tool.tar.gz", DIGEST)], SLSA, {})
SHA512 = sha512(ARTIFACT).hexdigest()


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


def test_an_intoto_entry_is_verified_with_time_and_place(world: LocalSigstore) -> None:
    outcome = ask(world, attest(world, Form.REKOR_V1_INTOTO), replace(EXPECTED, predicate_types=(SLSA,)))
    assert (outcome.outcome, outcome.code) == (Outcome.VERIFIED, "VERIFIED")
    assert (outcome.trust_domain, outcome.transparency) == (TrustDomain.PUBLIC_GOOD, True)
    assert outcome.signed_at == world.signed_at
    assert dict(outcome.facts)["log_index"].isdigit()


def test_identity_and_artifact_are_compared_as_ever(world: LocalSigstore) -> None:
    raw = attest(world, Form.REKOR_V1_INTOTO)
    assert ask(world, raw, replace(EXPECTED, identity="x")).code == "IDENTITY"
    assert ask(world, raw, digest=Sha256Hex("0" * 64)).code == "SUBJECT_MISMATCH"
    assert ask(world, attest(LocalSigstore.create(), Form.REKOR_V1_INTOTO)).code == "TRUST_ROOT"


@pytest.mark.parametrize("delay", [timedelta(seconds=-1), timedelta(seconds=601)])
def test_signing_outside_the_certificates_window_is_a_matter_of_time(
    world: LocalSigstore, delay: timedelta
) -> None:
    assert ask(world, attest(replace(world, delay=delay), Form.REKOR_V1_INTOTO)).code == "TIME"


def logged(
    world: LocalSigstore, change: Callable[[dict[str, Any], LocalSigstore], None]
) -> VerificationOutcome:
    """A bundle whose entry the log really has, but with a body that was changed before it was logged."""
    signer = world.signer(IDENTITY)
    envelope = seal(PAYLOAD, signer)
    body = json.loads(json.dumps(intoto_v2(envelope, signer.certificate)))
    change(body, world)
    log_entry = json.loads(json.dumps(world.rekor_v1.add(body, world.signed_at)))
    log_entry["kindVersion"] = {"kind": "intoto", "version": "0.0.2"}
    return ask(world, bundle_of(signer, {"dsseEnvelope": envelope.as_json()}, log_entry))


def nothing(_body: dict[str, Any], _world: LocalSigstore) -> None:
    """The honest log."""


def other_payload(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"]["content"]["payloadHash"]["value"] = sha256(OTHER).hexdigest()


def other_algorithm(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"]["content"]["payloadHash"]["algorithm"] = "sha512"


def other_type(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"]["content"]["envelope"]["payloadType"] = "text/plain"


def other_certificate(body: dict[str, Any], world: LocalSigstore) -> None:
    other = intoto_v2(Envelope(PAYLOAD, IN_TOTO, b""), world.signer(IDENTITY).certificate)
    key = json.loads(json.dumps(other))["spec"]["content"]["envelope"]["signatures"][0]["publicKey"]
    body["spec"]["content"]["envelope"]["signatures"][0]["publicKey"] = key


def other_signature(body: dict[str, Any], world: LocalSigstore) -> None:
    signature = seal(PAYLOAD, world.signer(IDENTITY)).signature
    twice = b64encode(b64encode(signature)).decode()
    body["spec"]["content"]["envelope"]["signatures"][0]["sig"] = twice


def encoded_once(body: dict[str, Any], _world: LocalSigstore) -> None:
    holder = body["spec"]["content"]["envelope"]["signatures"][0]
    holder["sig"] = b64decode(holder["sig"]).decode()


def two_signatures(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"]["content"]["envelope"]["signatures"] *= 2


def no_signature(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"]["content"]["envelope"]["signatures"] = []


def other_version(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["apiVersion"] = "0.0.1"


def other_kind(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["kind"] = "dsse"


def test_an_honest_log_is_believed(world: LocalSigstore) -> None:
    assert logged(world, nothing).code == "VERIFIED"


@pytest.mark.parametrize(
    "change",
    [
        other_payload,
        other_algorithm,
        other_type,
        other_certificate,
        other_signature,
        encoded_once,
        two_signatures,
        no_signature,
        other_version,
        other_kind,
    ],
)
def test_an_entry_about_something_else_is_tampered(
    world: LocalSigstore, change: Callable[[dict[str, Any], LocalSigstore], None]
) -> None:
    outcome = logged(world, change)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TAMPERED")


def empty(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"] = {}


def no_digest(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"]["content"]["payloadHash"] = 1


def no_base64(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"]["content"]["envelope"]["signatures"][0]["publicKey"] = "!"


def no_list(body: dict[str, Any], _world: LocalSigstore) -> None:
    body["spec"]["content"]["envelope"]["signatures"] = 7


@pytest.mark.parametrize("change", [empty, no_digest, no_base64, no_list])
def test_an_entry_that_cannot_be_read_is_invalid(
    world: LocalSigstore, change: Callable[[dict[str, Any], LocalSigstore], None]
) -> None:
    outcome = logged(world, change)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "INVALID_BUNDLE")


def test_an_entry_of_another_genuine_bundle_is_tampered(world: LocalSigstore) -> None:
    others = [attest(world, Form.REKOR_V1_INTOTO, artifact) for artifact in (ARTIFACT, OTHER)]
    for raw in others:
        entries = json.loads(raw)["verificationMaterial"]["tlogEntries"]

        def splice(bundle: Json, entries: object = entries) -> None:
            bundle["verificationMaterial"]["tlogEntries"] = entries

        outcome = ask(world, edited(attest(world, Form.REKOR_V1_INTOTO), splice))
        assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TAMPERED")


def test_an_envelope_that_another_key_signed_is_tampered(world: LocalSigstore) -> None:
    signer, other = world.signer(IDENTITY), world.signer(IDENTITY)
    envelope = seal(PAYLOAD, Signer(other.key, signer.certificate))
    log_entry = world.rekor_v1.add(intoto_v2(envelope, signer.certificate), world.signed_at)
    outcome = ask(world, bundle_of(signer, {"dsseEnvelope": envelope.as_json()}, log_entry))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TAMPERED")


def test_a_label_does_not_make_one_kind_another(world: LocalSigstore) -> None:
    def relabel(kind: str, version: str) -> Callable[[Json], None]:
        def change(bundle: Json) -> None:
            entry(bundle)["kindVersion"] = {"kind": kind, "version": version}

        return change

    as_dsse = edited(attest(world, Form.REKOR_V1_INTOTO), relabel("dsse", "0.0.1"))
    as_intoto = edited(attest(world), relabel("intoto", "0.0.2"))
    assert ask(world, as_dsse).outcome is Outcome.REJECTED
    assert ask(world, as_intoto).outcome is Outcome.REJECTED


def test_without_promise_there_is_no_time(world: LocalSigstore) -> None:
    def drop(bundle: Json) -> None:
        del entry(bundle)["inclusionPromise"]

    signer = world.signer(IDENTITY)
    envelope = seal(PAYLOAD, signer)
    stamp = world.timestamps.stamp(envelope.signature, world.signed_at)
    log_entry = world.rekor_v1.add(intoto_v2(envelope, signer.certificate), world.signed_at)
    raw = bundle_of(signer, {"dsseEnvelope": envelope.as_json()}, log_entry, [stamp])
    assert ask(world, raw).code == "VERIFIED"
    assert ask(world, edited(raw, drop)).code == "TIME"


def test_a_body_of_the_library_s_own_kinds_stays_with_the_library(world: LocalSigstore) -> None:
    signer = world.signer(IDENTITY)
    envelope = seal(PAYLOAD, signer)
    log_entry = world.rekor_v1.add(dsse_v1(envelope, signer.certificate), world.signed_at)
    assert ask(world, bundle_of(signer, {"dsseEnvelope": envelope.as_json()}, log_entry)).code == "VERIFIED"


def npm(world: LocalSigstore, digests: dict[str, str]) -> bytes:
    """As npm's provenance: a subject by package address, with a SHA-512 and nothing else."""
    payload = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "pkg:npm/%40octo/tool@1.0.0", "digest": digests}],
        "predicateType": SLSA,
        "predicate": {},
    }
    return world.attest_payload(json.dumps(payload).encode(), IDENTITY, Form.REKOR_V1_INTOTO)


def told(world: LocalSigstore, raw: bytes, digest: str | None) -> VerificationOutcome:
    return judge(roots_of(world), VerificationRequest(raw, DIGEST, EXPECTED, sha512=digest))


def test_a_subject_by_sha512_is_decided_where_that_of_the_artifact_is_known(world: LocalSigstore) -> None:
    raw = npm(world, {"sha512": SHA512})
    assert told(world, raw, None).code == "UNSUPPORTED_DIGEST"
    outcome = told(world, raw, SHA512)
    assert outcome.code == "VERIFIED"
    (subject,) = [check for check in outcome.claims if check.claim == "subject_digest"]
    assert (subject.expected, subject.actual) == (SHA512, SHA512)
    assert told(world, raw, sha512(OTHER).hexdigest()).code == "SUBJECT_MISMATCH"


def test_where_a_subject_has_several_digests_none_may_differ(world: LocalSigstore) -> None:
    raw = npm(world, {"sha512": SHA512, "sha256": "0" * 64})
    assert told(world, raw, SHA512).code == "SUBJECT_MISMATCH"
    assert told(world, npm(world, {"sha512": SHA512, "sha256": DIGEST}), SHA512).code == "VERIFIED"
    assert told(world, npm(world, {"sha512": "0" * 128, "sha256": DIGEST}), None).code == "VERIFIED"
