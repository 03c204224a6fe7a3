"""Bundles that are broken on purpose, by chance or by hand, never verify."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.sigstore.judge import judge
from app.adapters.sigstore.trust import TrustedRoots
from app.domain.ids import Sha256Hex
from app.domain.release import Outcome, VerificationRequest
from app.standin.sigstore import Form, LocalSigstore
from tests.unit.app.adapters.sigstore.minted import (
    DIGEST,
    EXPECTED,
    OTHER,
    Json,
    ask,
    attest,
    edited,
    root_of,
)


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_flipped_bit_is_accepted_as_something_else(data: st.DataObject) -> None:
    """Bits outside what signatures cover (hints, padding) may flip; the verdict then stays about the same artifact."""
    raw = bytearray(FUZZED)
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= 1 << data.draw(st.integers(0, 7))
    outcome = judge(
        FUZZED_ROOT, VerificationRequest(bytes(raw), Sha256Hex(sha256(OTHER).hexdigest()), EXPECTED)
    )
    assert outcome.outcome is not Outcome.VERIFIED


FUZZED_WORLD = LocalSigstore.create()
FUZZED = attest(FUZZED_WORLD)
FUZZED_ROOT = TrustedRoots(root_of(FUZZED_WORLD))


@given(
    raw=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "mediaType",
                        "verificationMaterial",
                        "dsseEnvelope",
                        "messageSignature",
                        "certificate",
                        "tlogEntries",
                        "publicKey",
                        "hint",
                        "rawBytes",
                        "payload",
                        "signatures",
                        "timestampVerificationData",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    ).map(lambda value: json.dumps(value).encode())
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_end_in_a_refusal_of_the_bundle(raw: bytes) -> None:
    outcome = judge(FUZZED_ROOT, VerificationRequest(raw, DIGEST, EXPECTED))
    assert outcome.outcome is not Outcome.VERIFIED
    assert outcome.code != "VERIFIER_ERROR"


@pytest.mark.parametrize("member", ["timestampVerificationData", "tlogEntries", "certificate"])
@pytest.mark.parametrize(
    "value", [0, "x", [1], {"rfc3161Timestamps": 5}, {"rawBytes": "!"}, [[]], {"a": None}]
)
def test_a_member_of_the_wrong_type_ends_in_a_refusal_of_the_bundle(
    world: LocalSigstore, member: str, value: object
) -> None:
    def change(bundle: Json) -> None:
        bundle["verificationMaterial"][member] = value

    outcome = ask(world, edited(attest(world, Form.REKOR_V1_TIMESTAMPED), change))
    assert outcome.outcome is Outcome.REJECTED
    assert outcome.code != "VERIFIER_ERROR"


def test_a_hint_that_no_signature_covers_does_not_change_the_verdict(world: LocalSigstore) -> None:
    def change(bundle: Json) -> None:
        del bundle["verificationMaterial"]["timestampVerificationData"]

    raw = edited(attest(world), change)
    assert ask(world, raw).code == "VERIFIED"
