from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256, sha512
from pathlib import Path

import pytest

from app.adapters.sigstore import offline_verifier
from app.cli.release_asking import bundles, verdict
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, VerificationOutcome, VerificationRequest
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from app.standin.sigstore.identity import GITHUB_ACTIONS

ARTIFACT, OTHER = b"release bytes", b"other bytes"
SLSA = "https://slsa.dev/provenance/v1"
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)
WORLD = LocalSigstore.create()
EXPECTED = ExpectedIdentity(IDENTITY.san, GITHUB_ACTIONS)


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    path = tmp_path / "tool"
    path.write_bytes(ARTIFACT)
    return path


@pytest.fixture
def verifier(tmp_path: Path) -> BundleVerifier:
    (tmp_path / "root.json").write_bytes(WORLD.trusted_root_json())
    return offline_verifier(tmp_path / "root.json")


def about(raw: bytes) -> VerificationRequest:
    return VerificationRequest(raw, Sha256Hex(sha256(ARTIFACT).hexdigest()), EXPECTED)


def attest(artifact: bytes) -> bytes:
    return WORLD.attest([("tool", sha256(artifact).hexdigest())], SLSA, {}, IDENTITY)


def npm(artifact: bytes) -> bytes:
    subject = {"name": "pkg:npm/tool@1.0.0", "digest": {"sha512": sha512(artifact).hexdigest()}}
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [subject],
        "predicateType": SLSA,
        "predicate": {},
    }
    return WORLD.attest_payload(json.dumps(statement).encode(), IDENTITY, Form.REKOR_V1_INTOTO)


async def test_of_several_bundles_one_that_verifies_is_enough(verifier: BundleVerifier) -> None:
    assert (
        await verdict(verifier, about(attest(OTHER) + b"\n" + attest(ARTIFACT) + b"\n"), None)
    ).code == "VERIFIED"


async def test_of_several_bundles_without_one_the_closest_is_told(verifier: BundleVerifier) -> None:
    raw = b"{}\n" + attest(OTHER)
    assert (await verdict(verifier, about(raw), None)).code == "SUBJECT_MISMATCH"


@pytest.mark.parametrize("raw", [b"", b"{}", b"{\n}", b"{}\n[]", b"{}\n{", b"{} {}", b"{}\n" * 201])
def test_a_file_of_another_form_is_one_document(raw: bytes) -> None:
    assert bundles(raw) == (raw,)


async def test_a_subject_by_sha512_is_decided_from_the_file(verifier: BundleVerifier, artifact: Path) -> None:
    assert (await verdict(verifier, about(npm(ARTIFACT)), artifact)).code == "VERIFIED"
    assert (await verdict(verifier, about(npm(OTHER)), artifact)).code == "SUBJECT_MISMATCH"
    assert (await verdict(verifier, about(npm(ARTIFACT)), None)).code == "UNSUPPORTED_DIGEST"


def removed(path: Path) -> None:
    path.unlink()


def changed(path: Path) -> None:
    path.write_bytes(OTHER)


@pytest.mark.parametrize(("change", "code"), [(removed, "INVALID_REQUEST"), (changed, "CHECKSUM_MISMATCH")])
async def test_a_file_that_is_not_the_same_any_more_is_refused(
    verifier: BundleVerifier, artifact: Path, change: Callable[[Path], None], code: str
) -> None:
    class Meddling:
        async def verify(self, request: VerificationRequest) -> VerificationOutcome:
            outcome = await verifier.verify(request)
            change(artifact)
            return outcome

    assert (await verdict(Meddling(), about(npm(ARTIFACT)), artifact)).code == code
