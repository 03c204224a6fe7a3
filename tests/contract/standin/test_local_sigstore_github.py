"""GitHub's own form (no log, RFC 3161 only), taken apart with libraries that we did not write."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from rfc3161_client import TimeStampResponse, VerificationError, VerifierBuilder, decode_timestamp_response
from sigstore.dsse import Envelope

from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from app.standin.sigstore.envelope import PublishedRelease

IDENTITY = GitHubIdentity(repository="octo/hidden", sha="1" * 40, visibility="private")
RELEASE = PublishedRelease(
    repository="octo/tool",
    tag="v1.0.0",
    commit="1" * 40,
    release_id=11,
    repository_id=1001,
    owner_id=2002,
    assets=[("tool.tar.gz", sha256(b"bytes").hexdigest())],
)


def minted(world: LocalSigstore, kind: str) -> dict[str, Any]:
    if kind == "release":
        raw = world.attest_release(RELEASE.statement())
    else:
        subjects = [("tool.tar.gz", sha256(b"bytes").hexdigest())]
        raw = world.attest(subjects, "https://slsa.dev/provenance/v1", {}, IDENTITY, Form.GITHUB)
    bundle: dict[str, Any] = json.loads(raw)
    return bundle


def certificate(bundle: dict[str, Any]) -> x509.Certificate:
    return x509.load_der_x509_certificate(
        b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"])
    )


def token(bundle: dict[str, Any]) -> TimeStampResponse:
    stamps = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    return decode_timestamp_response(b64decode(stamps[0]["signedTimestamp"]))


def verify_token(world: LocalSigstore, response: TimeStampResponse, message: bytes) -> None:
    unit, *between, root = world.github.timestamps.unit.chain
    builder = VerifierBuilder().tsa_certificate(unit).add_root_certificate(root)
    for each in between:
        builder = builder.add_intermediate_certificate(each)
    builder.build().verify_message(response, message)


@pytest.mark.parametrize("kind", ["provenance", "release"])
def test_the_timestamp_covers_the_signature(kind: str) -> None:
    world = LocalSigstore.create()
    bundle = minted(world, kind)
    signature = b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    assert "tlogEntries" not in bundle["verificationMaterial"]
    verify_token(world, token(bundle), signature)
    with pytest.raises(VerificationError):
        verify_token(world, token(bundle), signature + b"x")


def test_a_timestamp_of_another_world_is_refused() -> None:
    world, foreign = LocalSigstore.create(), LocalSigstore.create()
    bundle = minted(foreign, "release")
    with pytest.raises(VerificationError):
        verify_token(world, token(bundle), b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"]))


@pytest.mark.parametrize("kind", ["provenance", "release"])
def test_the_certificate_signs_the_envelope_and_chains_to_the_root(kind: str) -> None:
    world = LocalSigstore.create()
    bundle = minted(world, kind)
    leaf = certificate(bundle)
    issuing = world.github.releases if kind == "release" else world.github.workflows
    leaf.verify_directly_issued_by(issuing.certificate)
    for child, parent in zip(issuing.chain, issuing.chain[1:], strict=False):
        child.verify_directly_issued_by(parent)
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    envelope = Envelope._from_json(json.dumps(bundle["dsseEnvelope"]))
    key.verify(envelope.signature, envelope.pae(), ec.ECDSA(hashes.SHA256()))


def test_a_release_statement_has_a_nameless_subject_for_the_tag() -> None:
    payload = json.loads(b64decode(minted(LocalSigstore.create(), "release")["dsseEnvelope"]["payload"]))
    assert payload["subject"][0] == {"uri": "pkg:github/octo/tool@v1.0.0", "digest": {"sha1": "1" * 40}}
    assert payload["predicate"]["tag"] == "v1.0.0"


def test_the_trusted_root_names_no_logs() -> None:
    root = json.loads(LocalSigstore.create().github_trusted_root_json())
    assert set(root) == {"mediaType", "certificateAuthorities", "timestampAuthorities"}


@pytest.mark.parametrize("form", [Form.GITHUB, Form.REKOR_V1_INTOTO])
def test_a_form_without_plain_signatures_says_so(form: Form) -> None:
    with pytest.raises(ValueError, match="use attest"):
        LocalSigstore.create().sign_artifact(b"bytes", IDENTITY, form)
