"""Whatever is changed in a genuine bundle of any form, it is not verified, but where no signature covers the change.

The list of what is not covered is also in docs/reference/release-codes.md.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.sigstore.judge import judge
from app.domain.release import ExpectedIdentity, Outcome, VerificationOutcome, VerificationRequest
from app.standin.sigstore import Form, LocalSigstore
from tests.unit.app.adapters.sigstore.minted import (
    ARTIFACT,
    DIGEST,
    EXPECTED,
    IDENTITY,
    OTHER,
    REKOR_FORMS,
    RELEASE,
    RELEASE_SIGNER,
    attest,
    pep740,
    roots_of,
)
from tests.unit.app.adapters.sigstore.mutants import Path_, at, differences, leaves, mutants, placed

WORLD = LocalSigstore.create()
ROOTS = roots_of(WORLD)
ENTRY: Path_ = ("verificationMaterial", "tlogEntries", 0)
STAMPS: Path_ = ("verificationMaterial", "timestampVerificationData")

ANYWHERE: tuple[Path_, ...] = (
    ("mediaType",),  # another spelling of the same version
    ("dsseEnvelope", "signatures", 0, "keyid"),  # of use only with managed keys
    ("messageSignature", "messageDigest"),  # a hint: the signature covers the artifact itself
)
BESIDE_A_PROMISE = (STAMPS,)
BESIDE_A_TIMESTAMP = ((*ENTRY, "integratedTime"), (*ENTRY, "inclusionPromise"))
WITHOUT_A_PROMISE = ((*ENTRY, "logIndex"), (*ENTRY, "logId", "keyId"))
UNCOVERED: dict[str, tuple[Path_, ...]] = {
    Form.REKOR_V1: BESIDE_A_PROMISE,
    Form.REKOR_V1_INTOTO: BESIDE_A_PROMISE,
    Form.REKOR_V1_TIMESTAMPED: (*BESIDE_A_PROMISE, *BESIDE_A_TIMESTAMP),
    # Of a timestamp, its response around what the authority signed.
    Form.REKOR_V2: (*WITHOUT_A_PROMISE, STAMPS),
    Form.GITHUB: (("verificationMaterial", "tlogEntries"), STAMPS),
    "release": (("verificationMaterial", "tlogEntries"), STAMPS),
    "pypi": (),
}


class Genuine(NamedTuple):
    """A bundle, what is expected of it, and another one of the same signer about another artifact."""

    name: str
    form: str
    bundle: dict[str, Any]
    other: dict[str, Any]
    expected: ExpectedIdentity = EXPECTED

    def __repr__(self) -> str:
        return self.name


def genuine() -> Iterator[Genuine]:
    for form in Form:
        yield Genuine(form, form, json.loads(attest(WORLD, form)), json.loads(attest(WORLD, form, OTHER)))
    for form in REKOR_FORMS:
        pair = [json.loads(WORLD.sign_artifact(artifact, IDENTITY, form)) for artifact in (ARTIFACT, OTHER)]
        yield Genuine(f"{form} message", form, *pair)
    releases = [json.loads(WORLD.attest_release(RELEASE.statement() + end)) for end in (b"", b" ")]
    yield Genuine("release", "release", releases[0], releases[1], RELEASE_SIGNER)
    attestations = [json.loads(pep740(attest(WORLD, artifact=artifact))) for artifact in (ARTIFACT, OTHER)]
    yield Genuine("pypi", "pypi", *attestations)


GENUINE = tuple(genuine())


def verdict(raw: bytes, expected: ExpectedIdentity) -> VerificationOutcome:
    return judge(ROOTS, VerificationRequest(raw, DIGEST, expected))


def require_refused_or_uncovered(case: Genuine, raw: bytes) -> None:
    outcome = verdict(raw, case.expected)
    assert outcome.code != "VERIFIER_ERROR", outcome.reason
    if outcome.outcome is not Outcome.VERIFIED:
        return
    first = verdict(json.dumps(case.bundle).encode(), case.expected)
    mutant = json.loads(raw)
    changed = [
        path for path in differences(case.bundle, mutant) if not is_same_note(path, case.bundle, mutant)
    ]
    allowed = ANYWHERE + UNCOVERED[case.form]
    assert [path for path in changed if not any(path[: len(each)] == each for each in allowed)] == []
    # What is said about the artifact stays the same.
    assert (outcome.claims, outcome.predicate_type) == (first.claims, first.predicate_type)
    assert outcome.signed_at == first.signed_at or any(path[:3] in BESIDE_A_TIMESTAMP for path in changed)


def is_same_note(path: Path_, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether a checkpoint differs in the lines of its signatures only, of which one that holds is enough."""
    if path[-2:] != ("checkpoint", "envelope"):
        return False
    texts = [str(at(each, path)).partition("\n\n")[0] for each in (one, other)]
    return texts[0] == texts[1]


@pytest.mark.parametrize("case", GENUINE, ids=lambda case: case.name)
def test_every_genuine_form_is_verified(case: Genuine) -> None:
    assert verdict(json.dumps(case.bundle).encode(), case.expected).outcome is Outcome.VERIFIED


@pytest.mark.parametrize("case", GENUINE, ids=lambda case: case.name)
def test_no_changed_field_of_any_form_is_accepted(case: Genuine) -> None:
    for _, mutant in mutants(case.bundle):
        require_refused_or_uncovered(case, json.dumps(mutant).encode())


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_no_mutation_of_a_document_is_accepted(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(GENUINE))
    bundle, other = case.bundle, case.other
    paths = list(leaves(bundle))
    path = data.draw(st.sampled_from(paths))
    value = at(bundle, path)
    match data.draw(st.sampled_from(["flip", "splice", "borrow", "insert", "replace"])):
        case "flip" if isinstance(value, str) and value:
            mutant = placed(bundle, path, flipped(value, data))
        case "splice" if path in set(leaves(other)):
            mutant = placed(bundle, path, at(other, path))
        case "borrow":
            mutant = placed(bundle, path, at(bundle, data.draw(st.sampled_from(paths))))
        case "insert" if isinstance(value, dict):
            mutant = placed(bundle, path, value | {data.draw(st.text(max_size=4)): data.draw(ANY)})
        case _:
            mutant = placed(bundle, path, data.draw(ANY))
    require_refused_or_uncovered(case, json.dumps(mutant).encode())


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_no_change_of_the_bytes_of_a_document_is_accepted(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(GENUINE))
    raw = bytearray(json.dumps(case.bundle).encode())
    start = data.draw(st.integers(0, len(raw) - 1))
    end = min(len(raw), start + data.draw(st.integers(0, 3)))
    raw[start:end] = data.draw(st.binary(max_size=3))
    require_refused_or_uncovered(case, bytes(raw))


ANY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 99),
    st.integers(0, 99).map(str),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
)


def flipped(value: str, data: st.DataObject) -> str:
    """One bit of what a base64 text stands for, or of the text."""
    try:
        raw = bytearray(b64decode(value, validate=True))
    except ValueError:
        raw = bytearray()
    if not raw:
        return value[:-1] + chr(ord(value[-1]) ^ 1)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    return b64encode(raw).decode()
