"""What GitHub signed under its own root, and what only looks like it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.adapters.sigstore.trust import TrustedRoots
from app.domain.ids import Sha256Hex
from app.domain.release import Outcome, TrustDomain
from app.standin.sigstore import Form, LocalSigstore
from app.standin.sigstore.authority import YEAR, Authority, authority_key_identifier, key_usage
from app.standin.sigstore.bundle import bundle as bundle_of
from app.standin.sigstore.envelope import seal, statement
from app.standin.sigstore.leaf import Signer, issue, issue_release_signer
from tests.unit.app.adapters.sigstore.minted import (
    CLAIMS,
    DIGEST,
    EXPECTED,
    IDENTITY,
    OTHER,
    SLSA,
    Json,
    ask,
    attest,
    edited,
    pinned,
    root_of,
    roots_of,
)

PAYLOAD = statement([("tool.tar.gz", DIGEST)], SLSA, {})


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


@pytest.fixture(scope="module")
def genuine(world: LocalSigstore) -> bytes:
    return attest(world, Form.GITHUB)


def test_provenance_of_a_private_repository_is_verified_and_marked(
    world: LocalSigstore, genuine: bytes
) -> None:
    outcome = ask(world, genuine, replace(EXPECTED, predicate_types=(SLSA,)), name="tool.tar.gz")
    assert (outcome.outcome, outcome.code) == (Outcome.VERIFIED, "VERIFIED")
    assert "no transparency log" in outcome.reason
    assert (outcome.trust_domain, outcome.transparency) == (TrustDomain.GITHUB, False)
    assert (outcome.predicate_type, outcome.signed_at) == (SLSA, world.signed_at)
    assert outcome.trusted_root_sha256 == pinned(world.github_trusted_root_json()).sha256
    facts = dict(outcome.facts)
    assert {name: facts[name] for name, _ in CLAIMS} == dict(CLAIMS)
    assert facts["identity"] == IDENTITY.san
    assert "log_index" not in facts
    assert all(check.ok and check.verified for check in outcome.claims)


def test_a_bundle_with_a_log_entry_is_never_judged_by_githubs_root(world: LocalSigstore) -> None:
    outcome = ask(world, attest(world))
    assert (outcome.trust_domain, outcome.transparency) == (TrustDomain.PUBLIC_GOOD, True)
    assert outcome.trusted_root_sha256 == root_of(world).sha256
    assert dict(outcome.facts)["log_index"].isdigit()


def swapped(world: LocalSigstore, path: tuple[str | int, ...]) -> Callable[[Json], None]:
    """Takes a part from a genuine bundle of another artifact by the same workflow."""
    other = json.loads(attest(world, Form.GITHUB, OTHER))

    def swap(bundle: Json) -> None:
        here, there = bundle, other
        for key in path[:-1]:
            here, there = here[key], there[key]  # type: ignore[index]  # lists among the dicts of a parsed bundle
        here[path[-1]] = there[path[-1]]  # type: ignore[index]  # likewise

    return swap


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (("dsseEnvelope", "payload"), "TAMPERED"),
        (("dsseEnvelope", "signatures"), "TAMPERED"),
        (("dsseEnvelope",), "TAMPERED"),
        (("verificationMaterial", "certificate"), "TAMPERED"),
        (("verificationMaterial", "timestampVerificationData"), "TIME"),
    ],
)
def test_a_part_of_another_genuine_bundle_is_refused(
    world: LocalSigstore, genuine: bytes, path: tuple[str, ...], code: str
) -> None:
    outcome = ask(world, edited(genuine, swapped(world, path)))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, code)
    assert {check.verified for check in outcome.claims} == {False}


def set_type(bundle: Json) -> None:
    bundle["dsseEnvelope"]["payloadType"] = "application/json"


def sign_twice(bundle: Json) -> None:
    bundle["dsseEnvelope"]["signatures"] *= 2


def stamp_twice(bundle: Json) -> None:
    bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"] *= 2


def stamp_never(bundle: Json) -> None:
    bundle["verificationMaterial"]["timestampVerificationData"] = {}


def stamp_illegibly(bundle: Json) -> None:
    stamps = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    stamps[0]["signedTimestamp"] = "AAAA"


def add_a_member(bundle: Json) -> None:
    bundle["verificationMaterial"]["more"] = {}


def add_to_the_envelope(bundle: Json) -> None:
    bundle["dsseEnvelope"]["signatures"][0]["more"] = ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (set_type, "TAMPERED"),
        (sign_twice, "UNSUPPORTED_MULTIPLE_SIGNATURES"),
        (stamp_twice, "TIME"),
        (stamp_never, "INVALID_BUNDLE"),
        (stamp_illegibly, "INVALID_BUNDLE"),
        (add_a_member, "INVALID_BUNDLE"),
        (add_to_the_envelope, "INVALID_BUNDLE"),
    ],
)
def test_a_changed_outline_is_refused_under_its_code(
    world: LocalSigstore, genuine: bytes, change: Callable[[Json], None], code: str
) -> None:
    assert ask(world, edited(genuine, change)).code == code


def test_a_log_entry_put_into_it_makes_it_no_public_good_bundle(world: LocalSigstore, genuine: bytes) -> None:
    entries = json.loads(attest(world))["verificationMaterial"]["tlogEntries"]

    def add(bundle: Json) -> None:
        bundle["verificationMaterial"]["tlogEntries"] = entries

    assert ask(world, edited(genuine, add)).outcome is Outcome.REJECTED


def test_mismatches_are_shown_all_and_as_verified(world: LocalSigstore, genuine: bytes) -> None:
    expected = replace(EXPECTED, identity="x", issuer="y", predicate_types=("z",))
    outcome = ask(world, genuine, expected, Sha256Hex("0" * 64), "tool.zip")
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "IDENTITY")
    wrong = [check.claim for check in outcome.claims if not check.ok]
    assert wrong == ["identity", "issuer", "subject_digest", "subject_name", "predicate_type"]
    assert all(check.verified for check in outcome.claims)


@pytest.mark.parametrize("delay", [timedelta(seconds=-1), timedelta(seconds=601)])
def test_a_signature_outside_the_certificates_minutes_is_a_matter_of_time(
    world: LocalSigstore, delay: timedelta
) -> None:
    assert ask(world, attest(replace(world, delay=delay), Form.GITHUB)).code == "TIME"


@pytest.mark.parametrize("delay", [timedelta(0), timedelta(seconds=600)])
def test_both_ends_of_the_certificates_minutes_belong_to_them(world: LocalSigstore, delay: timedelta) -> None:
    assert ask(world, attest(replace(world, delay=delay), Form.GITHUB)).code == "VERIFIED"


def test_another_worlds_authorities_are_not_trusted(world: LocalSigstore) -> None:
    foreign = LocalSigstore.create()
    stamps = replace(world, github=replace(world.github, timestamps=foreign.github.timestamps))
    issuers = replace(world, github=replace(world.github, workflows=foreign.github.workflows))
    assert ask(world, attest(stamps, Form.GITHUB)).code == "TIME"
    assert ask(world, attest(issuers, Form.GITHUB)).code == "TRUST_ROOT"
    assert ask(world, attest(foreign, Form.GITHUB)).code == "TRUST_ROOT"


def with_window(world: LocalSigstore, key: str, window: dict[str, str]) -> TrustedRoots:
    root = json.loads(world.github_trusted_root_json())
    root[key][0]["validFor"] = window
    return TrustedRoots(root_of(world), pinned(json.dumps(root).encode()))


def written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("key", ["certificateAuthorities", "timestampAuthorities"])
@pytest.mark.parametrize(
    ("begins_s", "ends_s", "code"), [(1, 9, "TIME"), (-9, -1, "TIME"), (0, 0, "VERIFIED")]
)
def test_an_authority_is_believed_in_its_window_only(
    world: LocalSigstore, genuine: bytes, key: str, begins_s: int, ends_s: int, code: str
) -> None:
    start, end = (world.signed_at + timedelta(seconds=each) for each in (begins_s, ends_s))
    roots = with_window(world, key, {"start": written(start), "end": written(end)})
    assert ask(world, genuine, roots=roots).code == code


def signer_of(
    authority: Authority, world: LocalSigstore, usages: list[x509.ObjectIdentifier], *, issues: bool = False
) -> Signer:
    """A certificate with Fulcio's extensions, but for other usages."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(IDENTITY.san)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(world.now)
        .not_valid_after(world.now + timedelta(minutes=10))
        .add_extension(key_usage(digital_signature=True, signs_certificates=issues), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority_key_identifier(authority.certificate), critical=False)
        .add_extension(names, critical=True)
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    for extension in IDENTITY.extensions():
        builder = builder.add_extension(extension, critical=False)
    return Signer(key, builder.sign(authority.key, hashes.SHA384()))


def signed_by(world: LocalSigstore, signer: Signer) -> bytes:
    envelope = seal(PAYLOAD, signer)
    stamp = world.github.timestamps.stamp(envelope.signature, world.signed_at)
    return bundle_of(signer, {"dsseEnvelope": envelope.as_json()}, timestamps=[stamp])


CODE = [ExtendedKeyUsageOID.CODE_SIGNING]


def test_the_helper_makes_what_is_accepted(world: LocalSigstore) -> None:
    assert ask(world, signed_by(world, signer_of(world.github.workflows, world, CODE))).code == "VERIFIED"


@pytest.mark.parametrize(
    ("usages", "issues"), [([ExtendedKeyUsageOID.CLIENT_AUTH], False), ([], False), (CODE, True)]
)
def test_a_certificate_for_something_else_signs_nothing(
    world: LocalSigstore, usages: list[x509.ObjectIdentifier], *, issues: bool
) -> None:
    raw = signed_by(world, signer_of(world.github.workflows, world, usages, issues=issues))
    outcome = ask(world, raw)
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TRUST_ROOT")


def test_an_authority_of_timestamps_below_the_same_root_cannot_issue_signers(world: LocalSigstore) -> None:
    """Were its certificate among the intermediates, its usage would still not allow it."""
    top = Authority.root("GitHub, Inc.", "Internal Services Root", world.since, path_length=2)
    stamping = top.subordinate("TSA intermediate", world.since, 0, usage=ExtendedKeyUsageOID.TIME_STAMPING)
    impostor = replace(world, github=replace(world.github, workflows=stamping))
    assert ask(world, attest(impostor, Form.GITHUB), roots=roots_of(impostor)).code == "TRUST_ROOT"


def in_a_chain(raw: bytes, certificate: x509.Certificate) -> bytes:
    """The older form of a bundle, whose certificate comes with others."""
    other = {"rawBytes": b64encode(certificate.public_bytes(Encoding.DER)).decode()}

    def chain(bundle: Json) -> None:
        material = bundle["verificationMaterial"]
        bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2"
        material["x509CertificateChain"] = {"certificates": [material.pop("certificate"), other]}

    return edited(raw, chain)


def test_a_signer_does_not_issue_signers_though_it_is_in_the_bundle(world: LocalSigstore) -> None:
    attester = issue_release_signer(world.github.releases, world.now)
    middle = Authority(attester.key, (attester.certificate, *world.github.releases.chain))
    raw = in_a_chain(signed_by(world, signer_of(middle, world, CODE)), attester.certificate)
    assert ask(world, raw).code == "TRUST_ROOT"


def test_a_root_without_the_rest_of_the_chain_is_no_anchor_for_it(
    world: LocalSigstore, genuine: bytes
) -> None:
    root = json.loads(world.github_trusted_root_json())
    chain = root["certificateAuthorities"][0]["certChain"]["certificates"]
    del chain[1]  # between the issuing certificate and the root
    roots = TrustedRoots(root_of(world), pinned(json.dumps(root).encode()))
    assert ask(world, genuine, roots=roots).code == "TRUST_ROOT"


def test_another_organisations_bundle_without_an_entry_is_invalid(world: LocalSigstore) -> None:
    other = Authority.root("GitHub, Inc. ", "sigstore", world.since, path_length=0)
    raw = signed_by(world, signer_of(other, world, CODE))
    assert ask(world, raw).code == "INVALID_BUNDLE"


def test_another_key_type_is_unsupported_and_its_forgery_tampered(world: LocalSigstore) -> None:
    raw = signed_by(world, issue(world.github.workflows, IDENTITY, world.now, None, ec.SECP384R1()))
    outcome = ask(world, raw)
    assert (outcome.outcome, outcome.code) == (Outcome.UNSUPPORTED, "UNSUPPORTED_KEY_TYPE")

    def change(bundle: Json) -> None:
        bundle["dsseEnvelope"]["payload"] = b64encode(b"{}").decode()

    assert ask(world, edited(raw, change)).code == "TAMPERED"


def test_a_foreign_timestamp_beside_a_good_one_does_no_harm_unless_it_is_the_only_one(
    world: LocalSigstore, genuine: bytes
) -> None:
    foreign = LocalSigstore.create().github.timestamps
    signature = b64decode(json.loads(genuine)["dsseEnvelope"]["signatures"][0]["sig"])
    stamp = {"signedTimestamp": b64encode(foreign.stamp(signature, world.now + YEAR)).decode()}

    def add(bundle: Json) -> None:
        bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"].append(stamp)

    def only(bundle: Json) -> None:
        bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"] = [stamp]

    assert ask(world, edited(genuine, add)).code == "VERIFIED"
    assert ask(world, edited(genuine, only)).code == "TIME"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"{", "INVALID_BUNDLE"),
        (PAYLOAD.replace(b'{"_type"', b'{"_type":"x","_type"', 1), "DUPLICATE_JSON_KEY"),
        (PAYLOAD.replace(b"sha256", b"sha384"), "UNSUPPORTED_DIGEST"),
    ],
)
def test_a_signed_statement_that_cannot_be_judged_is_refused_with_the_signer_shown(
    world: LocalSigstore, payload: bytes, code: str
) -> None:
    outcome = ask(world, world.attest_payload(payload, IDENTITY, Form.GITHUB))
    assert outcome.code == code
    assert [check.claim for check in outcome.claims if check.verified][:2] == ["identity", "issuer"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"mediaType":"x"}',
        b'{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
    ],
)
def test_a_root_that_cannot_be_used_refuses_what_it_should_decide(
    world: LocalSigstore, genuine: bytes, raw: bytes
) -> None:
    outcome = ask(world, genuine, roots=TrustedRoots(root_of(world), pinned(raw)))
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "TRUST_ROOT")
    assert "GitHub's trusted root cannot be used" in outcome.reason


def damaged(world: LocalSigstore, change: Callable[[Json], None]) -> TrustedRoots:
    root = json.loads(world.github_trusted_root_json())
    change(root["timestampAuthorities"][0])
    return TrustedRoots(root_of(world), pinned(json.dumps(root).encode()))


@pytest.mark.parametrize(
    "value",
    [
        {"validFor": {}},
        {"validFor": {"start": "yesterday"}},
        {"validFor": {"start": "2026-01-01T00:00:00"}},
        {"validFor": None},
        {"certChain": {"certificates": []}},
        {"certChain": {"certificates": [{"rawBytes": "AAAA"}, {"rawBytes": "AAAA"}]}},
        {"certChain": {"certificates": [{"rawBytes": 1}]}},
        {"certChain": {"certificates": [{"rawBytes": "!"}]}},
    ],
)
def test_a_root_with_a_damaged_authority_is_not_used_at_all(
    world: LocalSigstore, genuine: bytes, value: Json
) -> None:
    assert ask(world, genuine, roots=damaged(world, lambda each: each.update(value))).code == "TRUST_ROOT"


def test_a_certificate_in_the_older_form_of_a_chain_counts_by_its_leaf(
    world: LocalSigstore, genuine: bytes
) -> None:
    assert ask(world, in_a_chain(genuine, world.github.workflows.certificate)).code == "VERIFIED"
