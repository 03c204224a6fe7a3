"""What cannot be decided is unsupported, unless it contradicts itself."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.adapters.sigstore.trust import TrustedRoots
from app.domain.ids import Sha256Hex
from app.domain.release import Outcome
from app.standin.sigstore import Form, LocalSigstore
from app.standin.sigstore.bundle import bundle as bundle_of
from app.standin.sigstore.entries import dsse_v1
from app.standin.sigstore.envelope import seal
from tests.unit.app.adapters.sigstore.minted import (
    ARTIFACT,
    IDENTITY,
    OTHER,
    RELEASE,
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


@pytest.mark.parametrize("kind", ["provenance", "release"])
def test_what_github_signed_is_unsupported_without_githubs_root(world: LocalSigstore, kind: str) -> None:
    raw = attest(world, Form.GITHUB) if kind == "provenance" else world.attest_release(RELEASE.statement())
    outcome = ask(world, raw, roots=TrustedRoots(root_of(world)))
    assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "TRUST_ROOT_ABSENT")
    assert outcome.trusted_root_sha256 is None
    assert {check.verified for check in outcome.claims} == {False}


def test_a_plain_signature_under_githubs_root_is_unsupported(world: LocalSigstore) -> None:
    message = json.loads(world.sign_artifact(ARTIFACT, IDENTITY))["messageSignature"]

    def swap(bundle: Json) -> None:
        del bundle["dsseEnvelope"]
        bundle["messageSignature"] = message

    outcome = ask(world, edited(attest(world, Form.GITHUB), swap))
    assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "UNSUPPORTED_NO_TLOG_GITHUB_TSA")


def without_checkpoint(bundle: Json) -> None:
    bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1"
    material = bundle["verificationMaterial"]
    material["x509CertificateChain"] = {"certificates": [material.pop("certificate")]}
    del entry(bundle)["inclusionProof"]


def of_the_first_version(bundle: Json) -> None:
    entry(bundle)["kindVersion"]["version"] = "0.0.1"


@pytest.mark.parametrize("change", [without_checkpoint, of_the_first_version])
def test_an_older_intoto_entry_is_unsupported(world: LocalSigstore, change: Callable[[Json], None]) -> None:
    outcome = ask(world, edited(attest(world, Form.REKOR_V1_INTOTO), change))
    assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "UNSUPPORTED_INTOTO_ENTRY")


def test_an_intoto_entry_is_unsupported_with_a_library_that_was_not_reviewed(
    world: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = attest(world, Form.REKOR_V1_INTOTO)
    assert ask(world, raw).code == "VERIFIED"
    monkeypatch.setattr("sigstore.__version__", "4.9.0")
    assert ask(world, raw).code == "UNSUPPORTED_INTOTO_ENTRY"
    assert ask(world, attest(world)).code == "VERIFIED"


@pytest.mark.parametrize("form", [Form.GITHUB, Form.REKOR_V1_INTOTO])
def test_what_contradicts_itself_is_rejected_not_unsupported(world: LocalSigstore, form: Form) -> None:
    raw = attest(world, form)
    other = json.loads(attest(world, form, OTHER))

    def swap_payload(bundle: Json) -> None:
        bundle["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]

    roots = TrustedRoots(root_of(world))
    assert ask(world, edited(raw, swap_payload), roots=roots).code == "TAMPERED"
    assert ask(world, raw, digest=Sha256Hex("0" * 64), roots=roots).code == "SUBJECT_MISMATCH"
    late = replace(world, delay=timedelta(hours=1))
    assert ask(world, attest(late, form), roots=roots).code == "TIME"


def test_another_curve_is_unsupported_and_its_forgery_tampered(world: LocalSigstore) -> None:
    raw = attest(replace(world, curve=ec.SECP384R1()))

    def change(bundle: Json) -> None:
        sig = bytearray(b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"]))
        sig[-1] ^= 1
        bundle["dsseEnvelope"]["signatures"][0]["sig"] = b64encode(sig).decode()

    outcome = ask(world, raw)
    assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "UNSUPPORTED_KEY_TYPE")
    assert ask(world, edited(raw, change)).code == "TAMPERED"


def test_a_managed_key_is_unsupported_unless_it_is_about_other_bytes(world: LocalSigstore) -> None:
    def without_certificate(bundle: Json) -> None:
        del bundle["verificationMaterial"]["certificate"]
        bundle["verificationMaterial"]["publicKey"] = {"hint": "my key"}

    raw = edited(world.sign_artifact(ARTIFACT, IDENTITY), without_certificate)
    other = edited(world.sign_artifact(OTHER, IDENTITY), without_certificate)
    assert ask(world, raw).code == "UNSUPPORTED_MANAGED_KEY"
    assert ask(world, edited(attest(world), without_certificate)).code == "UNSUPPORTED_MANAGED_KEY"
    assert ask(world, other).code == "SUBJECT_MISMATCH"


def test_an_artifact_signed_by_another_digest_is_unsupported(world: LocalSigstore) -> None:
    def change(bundle: Json) -> None:
        bundle["messageSignature"]["messageDigest"]["algorithm"] = "SHA2_512"

    assert ask(world, edited(world.sign_artifact(ARTIFACT, IDENTITY), change)).code == "UNSUPPORTED_DIGEST"


@pytest.mark.parametrize(
    ("kind", "version", "code"),
    [("dsse", "0.0.2", "UNSUPPORTED_LOG_ENTRY"), ("rekord", "0.0.1", "INVALID_BUNDLE")],
)
def test_another_kind_of_log_entry_is_named(world: LocalSigstore, kind: str, version: str, code: str) -> None:
    def change(bundle: Json) -> None:
        entry(bundle)["kindVersion"] = {"kind": kind, "version": version}

    assert ask(world, edited(attest(world), change)).code == code


def test_another_payload_than_a_statement_is_unsupported_but_not_if_it_was_changed(
    world: LocalSigstore,
) -> None:
    signer = world.signer(IDENTITY)
    envelope = seal(b"text", signer, "text/plain")
    logged = world.rekor_v1.add(dsse_v1(envelope, signer.certificate), world.signed_at)
    raw = bundle_of(signer, {"dsseEnvelope": envelope.as_json()}, logged)

    def change(bundle: Json) -> None:
        bundle["dsseEnvelope"]["payload"] = b64encode(b"TEXT").decode()

    assert ask(world, raw).code == "UNSUPPORTED_PAYLOAD_TYPE"
    assert ask(world, edited(raw, change)).code == "TAMPERED"


def test_an_unreadable_timestamp_is_invalid(world: LocalSigstore) -> None:
    def damage(bundle: Json) -> None:
        stamps = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
        stamps[0]["signedTimestamp"] = "AAAA"

    assert ask(world, edited(attest(world, Form.GITHUB), damage)).code == "INVALID_BUNDLE"


def test_a_public_good_bundle_whose_log_entry_was_removed_is_rejected(world: LocalSigstore) -> None:
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
def test_older_forms_are_named(world: LocalSigstore, raw: bytes, code: str) -> None:
    assert ask(world, raw).code == code


def test_several_signatures_are_unsupported(world: LocalSigstore) -> None:
    def repeat(bundle: Json) -> None:
        bundle["dsseEnvelope"]["signatures"] *= 2

    assert ask(world, edited(attest(world), repeat)).code == "UNSUPPORTED_MULTIPLE_SIGNATURES"
