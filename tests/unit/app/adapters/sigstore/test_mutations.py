"""Every field of every genuine bundle in the corpus, changed: nothing is accepted that a signature should cover."""

from __future__ import annotations

import copy
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.trust import TrustedRoots
from app.adapters.sigstore.trusted_root import load
from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, VerificationRequest

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

Path_ = tuple[str | int, ...]
Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


def leaves(value: Json, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from leaves(inner, (*path, position))


def variants(value: Json) -> Iterator[Json]:
    yield None
    if isinstance(value, str):
        yield ""
        if value.isdigit():
            yield str(int(value) + 1)
        try:
            raw = bytearray(b64decode(value, validate=True))
        except ValueError:
            yield value + "x"
            return
        for position in {0, len(raw) // 3, len(raw) // 2, len(raw) - 1} if raw else ():
            flipped = bytearray(raw)
            flipped[position] ^= 4
            yield b64encode(flipped).decode()
        yield b64encode(raw[:-1]).decode()
    elif isinstance(value, list):
        yield []
        yield value * 2
    elif isinstance(value, dict):
        yield {}


def mutants(bundle: dict[str, Any]) -> Iterator[tuple[Path_, dict[str, Any]]]:
    for path in leaves(bundle):
        holder: Any = bundle
        for key in path:
            holder = holder[key]
        for variant in variants(holder):
            changed = copy.deepcopy(bundle)
            inner: Any = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = variant
            yield path, changed
        dropped = copy.deepcopy(bundle)
        inner = dropped
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        yield path, dropped


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
