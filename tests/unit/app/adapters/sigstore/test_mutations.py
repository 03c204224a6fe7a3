"""Every field of every genuine bundle in the corpus, changed: nothing is accepted that a signature should cover."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.trust import TrustedRoots
from app.adapters.sigstore.trusted_root import load
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, VerificationRequest
from tests.unit.app.adapters.sigstore.mutants import Path_, mutants

HINTS = (
    ("verificationMaterial", "tlogEntries", 0, "logId", "keyId"),  # which key to try first; all are tried
    ("messageSignature", "messageDigest"),  # the signature covers the artifact itself
    ("verificationMaterial", "timestampVerificationData"),  # not needed beside a log's promise
    ("dsseEnvelope", "signatures", 0, "keyid"),  # unused without managed keys
    (
        "verificationMaterial",
        "x509CertificateChain",
        "certificates",
        1,
    ),  # only the leaf is taken from a bundle
    ("verificationMaterial", "x509CertificateChain", "certificates", 2),
    ("mediaType",),  # versions 0.1 and 0.2 name the same content
)
"""Paths that no signature covers; to change them does not change what is said about the artifact."""

REKOR_V2_HINTS = (("verificationMaterial", "tlogEntries", 0, "logIndex"),)


def is_hint(path: Path_, bundle: dict[str, Any], hints: tuple[Path_, ...]) -> bool:
    if path == ("verificationMaterial", "x509CertificateChain", "certificates"):
        return (
            len(bundle["verificationMaterial"]["x509CertificateChain"]["certificates"]) > 1
        )  # more than the leaf
    return any(path[: len(hint)] == hint for hint in hints)


@pytest.mark.corpus
def test_no_changed_field_is_accepted_but_hints(corpus: Path) -> None:
    folder = corpus / "sigstore"
    cases = json.loads((folder / "index.json").read_bytes())["cases"]
    genuine = [case for case in cases if case["expected"] == "valid" and case["format"] == "sigstore-bundle"]
    accepted: dict[tuple[str, Path_], Any] = {}
    failures: dict[tuple[str, Path_], str] = {}
    tried = 0
    for case in genuine:
        root = case["trust_root"]
        pinned = load(root if root in {"production", "staging"} else folder / root)
        expected = ExpectedIdentity(case["identity"], case["issuer"])
        digest = Sha256Hex(case["digest"].removeprefix("sha256:"))
        is_v2 = case["log_entries"] == ["hashedrekord/0.0.2"]
        hints = HINTS + (REKOR_V2_HINTS if is_v2 else ())
        for path, bundle in mutants(json.loads((folder / case["path"]).read_bytes())):
            tried += 1
            outcome = judge(
                TrustedRoots(pinned), VerificationRequest(json.dumps(bundle).encode(), digest, expected)
            )
            if outcome.code == "VERIFIER_ERROR":
                failures[case["id"], path] = outcome.reason
            if outcome.outcome is Outcome.VERIFIED and not is_hint(path, bundle, hints):
                accepted[case["id"], path] = bundle
    assert tried > 1500
    assert (list(accepted), failures) == ([], {})
