from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.standin.sigstore import GitHubIdentity, LocalSigstore
from handlers.release_verification.pairing import MAX_BUNDLES, artifact_name, candidates

DIGEST = sha256(b"tool").hexdigest()
IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)
WORLD = LocalSigstore.create()
MESSAGE = WORLD.sign_artifact(b"tool", IDENTITY)
STATEMENT = WORLD.attest([("tool", DIGEST), ("other", "0" * 64)], "p", {}, IDENTITY)


@pytest.mark.parametrize(
    ("name", "artifact"),
    [
        ("tool.tar.gz.sigstore.json", "tool.tar.gz"),
        ("tool.sigstore", "tool"),
        ("multiple.intoto.jsonl", "multiple"),
        ("a.sigstore.json.sigstore.json", "a.sigstore.json"),
        (".sigstore.json", None),
        ("tool.tar.gz", None),
        ("sigstore.json.exe", None),
    ],
)
def test_a_bundles_name_points_to_its_artifact(name: str, artifact: str | None) -> None:
    assert artifact_name(name) == artifact


def test_a_bundle_names_its_digests() -> None:
    assert [each.digests for each in candidates(MESSAGE)] == [(DIGEST,)]
    assert [each.digests for each in candidates(STATEMENT)] == [(DIGEST, "0" * 64)]


def test_json_lines_hold_several_bundles() -> None:
    assert [each.raw for each in candidates(MESSAGE + b"\n\n" + STATEMENT + b"\n")] == [MESSAGE, STATEMENT]
    pretty = json.dumps(json.loads(MESSAGE), indent=2).encode()
    assert [each.raw for each in candidates(pretty)] == [pretty]


def test_an_attestation_of_pypi_names_its_digest() -> None:
    envelope = json.loads(STATEMENT)["dsseEnvelope"]
    attestation = {
        "version": 1,
        "verification_material": {},
        "envelope": {"statement": envelope["payload"], "signature": ""},
    }
    assert candidates(json.dumps(attestation).encode())[0].digests == (DIGEST, "0" * 64)


@pytest.mark.parametrize(
    "raw", [b"", b"#!/bin/sh", b"[]", b"{}", b'{"a": 1}', MESSAGE + b"\nrm -rf /", b"[" * 100_000, b"\xff"]
)
def test_anything_else_is_no_bundle(raw: bytes) -> None:
    assert candidates(raw) == ()


def test_too_many_bundles_in_a_file_are_none() -> None:
    assert candidates(b"\n".join([MESSAGE] * (MAX_BUNDLES + 1))) == ()


def test_a_bundle_about_nothing_readable_has_no_digest() -> None:
    assert candidates(b'{"mediaType": "x", "messageSignature": {}}')[0].digests == ()
    assert candidates(b'{"payloadType": "x", "payload": "e30="}')[0].digests == ()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_not_but_never_an_error(raw: bytes) -> None:
    for each in candidates(raw):
        assert each.raw
