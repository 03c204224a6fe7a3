"""Where a step fails in a way that no bundle should be able to bring about, the answer is still no."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from sigstore.models import Bundle
from sigstore.verify import Verifier
from sigstore.verify.policy import UnsafeNoOp

from app.adapters.sigstore import github_domain
from app.adapters.sigstore import shape as shapes
from app.adapters.sigstore.chains import require_code_signing
from app.adapters.sigstore.envelopes import Envelope, require_signed
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.trusted_root import verifier
from app.domain.release import Outcome, VerificationRequest
from app.standin.sigstore import Form, LocalSigstore
from app.standin.sigstore.authority import key_usage
from app.standin.sigstore.leaf import issue
from tests.unit.app.adapters.sigstore.minted import (
    DIGEST,
    EXPECTED,
    IDENTITY,
    SLSA,
    Json,
    ask,
    attest,
    edited,
    pinned,
    root_of,
)

EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
UNKNOWN_KEY = bytes.fromhex("06072a8648ce3d0209")


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


def test_a_library_that_does_not_ask_the_policy_verifies_nothing(
    world: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_questions(_self: Verifier, bundle: Bundle, _policy: object) -> tuple[str, bytes]:
        envelope = json.loads(bundle.to_json())["dsseEnvelope"]
        return envelope["payloadType"], b64decode(envelope["payload"])

    monkeypatch.setattr(Verifier, "verify_dsse", no_questions)
    outcome = ask(world, attest(world))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "VERIFIER_ERROR")


@pytest.mark.parametrize("form", [Form.GITHUB, Form.REKOR_V1])
@pytest.mark.parametrize(
    "error", [MemoryError("no memory"), KeyError("x"), RecursionError(), OSError(28, "disk")]
)
def test_an_exception_of_any_class_is_a_refusal_that_names_it(
    world: LocalSigstore, monkeypatch: pytest.MonkeyPatch, form: Form, error: Exception
) -> None:
    def broken(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr("app.adapters.sigstore.github_domain.authorities", broken)
    monkeypatch.setattr("app.adapters.sigstore.public_good.verifier_at", broken)
    outcome = ask(world, attest(world, form))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "VERIFIER_ERROR")
    assert type(error).__name__ in outcome.reason


def test_the_library_s_own_kinds_are_not_verified_by_half(world: LocalSigstore) -> None:
    bundle = Bundle.from_json(attest(world))
    with pytest.raises(Exception, match="cannot verify log entries"):
        verifier(root_of(world)).verify_signer(bundle, UnsafeNoOp())


def test_github_s_verifier_needs_a_certificate(world: LocalSigstore) -> None:
    (shape,) = shapes.read(attest(world, Form.GITHUB))
    root = pinned(world.github_trusted_root_json())
    with pytest.raises(Refusal, match="no certificate"):
        github_domain.verify(
            root, replace(shape, certificate=None), VerificationRequest(b"", DIGEST, EXPECTED)
        )


def certificate_with(world: LocalSigstore, *extensions: x509.ExtensionType) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(world.now)
        .not_valid_after(world.now)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, hashes.SHA256())


CODE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
TIME = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        (CODE,),
        (key_usage(digital_signature=True),),
        (key_usage(digital_signature=True), TIME),
        (key_usage(), CODE),
        (key_usage(digital_signature=True, signs_certificates=True), CODE),
    ],
)
def test_a_certificate_must_be_for_signing_code_and_for_nothing_more(
    world: LocalSigstore, extensions: tuple[x509.ExtensionType, ...]
) -> None:
    with pytest.raises(Refusal, match="is not for sign") as caught:
        require_code_signing(certificate_with(world, *extensions))
    assert caught.value.code == "TRUST_ROOT"
    require_code_signing(certificate_with(world, key_usage(digital_signature=True), CODE))


@pytest.mark.parametrize("number", [0, 2])
def test_one_signature_and_no_other_number(world: LocalSigstore, number: int) -> None:
    signer = issue(world.github.workflows, IDENTITY, world.now, log=None)
    envelope = Envelope(b"{}", "x", ())
    signature = signer.sign(envelope.signed_bytes())
    assert require_signed(replace(envelope, signatures=(signature,)), signer.certificate) == signature
    with pytest.raises(Refusal, match="exactly one signature"):
        require_signed(replace(envelope, signatures=(signature,) * number), signer.certificate)


def with_certificate(raw: bytes, change: Callable[[bytes], bytes]) -> bytes:
    def edit(bundle: Json) -> None:
        holder = bundle["verificationMaterial"]["certificate"]
        holder["rawBytes"] = b64encode(change(b64decode(holder["rawBytes"]))).decode()

    return edited(raw, edit)


@pytest.mark.parametrize("form", [Form.GITHUB, Form.REKOR_V1, Form.REKOR_V1_INTOTO])
def test_a_key_of_an_unknown_kind_is_never_verified(world: LocalSigstore, form: Form) -> None:
    raw = with_certificate(attest(world, form), lambda der: der.replace(EC_PUBLIC_KEY, UNKNOWN_KEY, 1))
    assert ask(world, raw).code in {"UNSUPPORTED_KEY_TYPE", "TAMPERED"}


def test_a_certificate_with_a_malformed_extension_is_invalid(world: LocalSigstore) -> None:
    key_usage_of = bytes.fromhex("0603551d0f0101ff0404")  # its value is a bit string of four bytes
    raw = with_certificate(
        attest(world, Form.GITHUB), lambda der: der.replace(key_usage_of + b"\x03", key_usage_of + b"\x13", 1)
    )
    assert ask(world, raw).outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    "change",
    [
        {"predicateType": ""},
        {"predicateType": 5},
        {"subject": "tool"},
        {"subject": [{"name": "tool", "digest": {"sha256": DIGEST.upper()}}]},
        {"subject": [{"name": 5, "digest": {"sha256": DIGEST}}]},
        {"subject": [{"uri": [], "digest": {"sha256": DIGEST}}]},
        {"subject": [{"name": "tool", "digest": {"sha256": 5}}]},
    ],
)
def test_a_statement_of_another_outline_says_nothing(world: LocalSigstore, change: dict[str, Any]) -> None:
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "tool", "digest": {"sha256": DIGEST}}],
        "predicateType": SLSA,
        "predicate": {},
    }
    for form in (Form.GITHUB, Form.REKOR_V1):
        raw = world.attest_payload(json.dumps(document | change).encode(), IDENTITY, form)
        outcome = ask(world, raw)
        assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "INVALID_BUNDLE")


@pytest.mark.parametrize("key", [{}, {"hint": ""}, {"hint": 5}, "key"])
def test_a_key_without_a_name_is_no_key(world: LocalSigstore, key: object) -> None:
    def change(bundle: Json) -> None:
        del bundle["verificationMaterial"]["certificate"]
        bundle["verificationMaterial"]["publicKey"] = key

    assert ask(world, edited(attest(world), change)).code == "INVALID_BUNDLE"


def test_a_payload_type_that_is_no_text_is_refused(world: LocalSigstore) -> None:
    def change(bundle: Json) -> None:
        bundle["dsseEnvelope"]["payloadType"] = "\ud800"

    for form in (Form.GITHUB, Form.REKOR_V1):
        outcome = ask(world, edited(attest(world, form), change))
        assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "INVALID_BUNDLE")
