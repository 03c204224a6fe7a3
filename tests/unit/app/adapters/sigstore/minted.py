"""Bundles of the local Sigstore, and questions about them, for the tests beside this file."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.trust import PinnedRoot, TrustedRoots
from app.domain.ids import CommitSha, Sha256Hex
from app.domain.release import ExpectedIdentity, ExpectedRelease, VerificationOutcome, VerificationRequest
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from app.standin.sigstore.envelope import PublishedRelease
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
"""The forms in which artifacts can be signed plainly, too."""

Json = dict[str, Any]  # a parsed bundle, edited at will


RELEASE = PublishedRelease(
    repository="octo/tool",
    tag="v1.0.0",
    commit="1" * 40,
    release_id=3003,
    repository_id=1001,
    owner_id=2002,
    assets=[("tool.tar.gz", DIGEST)],
)
EXPECTED_RELEASE = ExpectedRelease("octo/tool", "v1.0.0", CommitSha("1" * 40), "1001", "2002", "3003")
RELEASE_SIGNER = ExpectedIdentity("https://dotcom.releases.github.com", None, release=EXPECTED_RELEASE)


def pinned(raw: bytes) -> PinnedRoot:
    return PinnedRoot(raw, Sha256Hex(sha256(raw).hexdigest()))


def root_of(world: LocalSigstore) -> PinnedRoot:
    return pinned(world.trusted_root_json())


def roots_of(world: LocalSigstore) -> TrustedRoots:
    """Both roots of a world, as an installation has them that was given GitHub's."""
    return TrustedRoots(root_of(world), pinned(world.github_trusted_root_json()))


def ask(
    world: LocalSigstore,
    bundle: bytes,
    expected: ExpectedIdentity = EXPECTED,
    digest: Sha256Hex = DIGEST,
    name: str | None = None,
    roots: TrustedRoots | None = None,
) -> VerificationOutcome:
    """The verdict with both roots of the world, unless others are given."""
    return judge(roots or roots_of(world), VerificationRequest(bundle, digest, expected, name))


def attest(world: LocalSigstore, form: Form = Form.REKOR_V1, artifact: bytes = ARTIFACT) -> bytes:
    subjects = [("tool.tar.gz", sha256(artifact).hexdigest())]
    return world.attest(subjects, SLSA, {"builder": "x"}, IDENTITY, form)


def pep740(raw: bytes) -> bytes:
    """The same signature in the form of an attestation on PyPI (https://peps.python.org/pep-0740/)."""
    bundle = json.loads(raw)
    material, envelope = bundle["verificationMaterial"], bundle["dsseEnvelope"]
    attestation = {
        "version": 1,
        "verification_material": {
            "certificate": material["certificate"]["rawBytes"],
            "transparency_entries": material["tlogEntries"],
        },
        "envelope": {"statement": envelope["payload"], "signature": envelope["signatures"][0]["sig"]},
    }
    return json.dumps(attestation).encode()


def edited(raw: bytes, edit: Callable[[Json], None]) -> bytes:
    bundle = json.loads(raw)
    edit(bundle)
    return json.dumps(bundle).encode()


def entry(bundle: Json) -> Json:
    found: Json = bundle["verificationMaterial"]["tlogEntries"][0]
    return found
