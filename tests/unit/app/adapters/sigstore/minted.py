"""Bundles of the local Sigstore, and questions about them, for the tests beside this file."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.trust import PinnedRoot, TrustedRoots
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, VerificationOutcome, VerificationRequest
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
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
    return judge(TrustedRoots(root_of(world)), VerificationRequest(bundle, digest, expected, name))


def attest(world: LocalSigstore, form: Form = Form.REKOR_V1, artifact: bytes = ARTIFACT) -> bytes:
    subjects = [("tool.tar.gz", sha256(artifact).hexdigest())]
    return world.attest(subjects, SLSA, {"builder": "x"}, IDENTITY, form)


def edited(raw: bytes, edit: Callable[[Json], None]) -> bytes:
    bundle = json.loads(raw)
    edit(bundle)
    return json.dumps(bundle).encode()


def entry(bundle: Json) -> Json:
    found: Json = bundle["verificationMaterial"]["tlogEntries"][0]
    return found
