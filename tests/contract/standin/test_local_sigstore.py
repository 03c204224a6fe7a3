"""The local Sigstore against a verifier that we did not write."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sigstore.errors import Error
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from app.standin.sigstore.identity import GITHUB_ACTIONS

ARTIFACT = b"release bytes"
OTHER = b"other bytes"
SUBJECTS = [("tool.tar.gz", sha256(ARTIFACT).hexdigest())]
SLSA = "https://slsa.dev/provenance/v1"
REKOR_FORMS = (Form.REKOR_V1, Form.REKOR_V1_TIMESTAMPED, Form.REKOR_V2)
KINDS = ("message", "dsse")

IDENTITY = GitHubIdentity(repository="octo/tool", sha="1" * 40)


@pytest.fixture(scope="module")
def world() -> LocalSigstore:
    return LocalSigstore.create()


@pytest.fixture(scope="module")
def foreign() -> LocalSigstore:
    return LocalSigstore.create()


@pytest.fixture(scope="module")
def root_file(world: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("root") / "trusted_root.json"
    path.write_bytes(world.trusted_root_json())
    return path


def mint(world: LocalSigstore, kind: str, form: Form, artifact: bytes = ARTIFACT) -> bytes:
    if kind == "message":
        return world.sign_artifact(artifact, IDENTITY, form)
    subjects = [("tool.tar.gz", sha256(artifact).hexdigest())]
    return world.attest(subjects, SLSA, {"buildDefinition": {}}, IDENTITY, form)


def verify(
    raw: bytes,
    root_file: Path,
    *,
    artifact: bytes = ARTIFACT,
    identity: str = "",
    issuer: str = GITHUB_ACTIONS,
) -> bytes | None:
    """What the stock verifier says: the payload of an envelope, None for a message; raises when it refuses."""
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(root_file)))
    bundle = Bundle.from_json(raw)
    policy = Identity(identity=identity or IDENTITY.san, issuer=issuer)
    if "dsseEnvelope" in json.loads(raw):
        return verifier.verify_dsse(bundle, policy)[1]
    verifier.verify_artifact(artifact, bundle, policy)
    return None


@pytest.mark.parametrize("form", REKOR_FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_stock_verifier_accepts_what_the_local_sigstore_mints(
    world: LocalSigstore, root_file: Path, kind: str, form: Form
) -> None:
    payload = verify(mint(world, kind, form), root_file)
    if payload is not None:
        assert json.loads(payload)["subject"][0]["digest"]["sha256"] == SUBJECTS[0][1]


@pytest.mark.parametrize("form", REKOR_FORMS)
@pytest.mark.parametrize("age_days", [-300, 0])
def test_a_bundle_signed_long_ago_is_still_good(
    world: LocalSigstore, root_file: Path, form: Form, age_days: int
) -> None:
    then = world.at(world.now + timedelta(days=age_days))
    verify(mint(then, "dsse", form), root_file)


def test_bundles_stay_good_while_the_logs_grow(world: LocalSigstore, root_file: Path) -> None:
    bundles = [mint(world, "message", form) for form in REKOR_FORMS for _ in range(20)]
    for raw in bundles:
        verify(raw, root_file)


@pytest.mark.parametrize("count", [1, 5, 50])
def test_a_statement_may_have_many_subjects(world: LocalSigstore, root_file: Path, count: int) -> None:
    subjects = [(f"asset-{n}", sha256(bytes([n])).hexdigest()) for n in range(count)]
    payload = verify(world.attest(subjects, SLSA, {}, IDENTITY), root_file)
    assert payload is not None
    assert len(json.loads(payload)["subject"]) == count


def test_a_reusable_workflow_signs_under_its_own_name(world: LocalSigstore, root_file: Path) -> None:
    signer = "octo/shared/.github/workflows/build.yml@refs/tags/v2"
    identity = replace(IDENTITY, signer_workflow=signer, signer_sha="2" * 40)
    raw = world.sign_artifact(ARTIFACT, identity)
    verify(raw, root_file, identity=f"https://github.com/{signer}")
    with pytest.raises(Error, match="SANs do not match"):
        verify(raw, root_file)


Json = dict[str, Any]  # a parsed bundle, edited at will


def entry(bundle: Json) -> Json:
    found: Json = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


def proof(bundle: Json) -> Json:
    found: Json = entry(bundle)["inclusionProof"]
    return found


def flip(text: str) -> str:
    raw = bytearray(b64decode(text))
    raw[len(raw) // 2] ^= 1
    return b64encode(raw).decode()


def break_root_hash(bundle: Json) -> None:
    proof(bundle)["rootHash"] = flip(proof(bundle)["rootHash"])


def break_proof_hash(bundle: Json) -> None:
    proof(bundle)["hashes"][0] = flip(proof(bundle)["hashes"][0])


def drop_proof_hash(bundle: Json) -> None:
    proof(bundle)["hashes"].pop()


def change_checkpoint_size(bundle: Json) -> None:
    origin, size, rest = proof(bundle)["checkpoint"]["envelope"].split("\n", 2)
    proof(bundle)["checkpoint"]["envelope"] = f"{origin}\n{int(size) + 1}\n{rest}"


def change_body(bundle: Json) -> None:
    entry(bundle)["canonicalizedBody"] = flip(entry(bundle)["canonicalizedBody"])


def drop_entry(bundle: Json) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def repeat_entry(bundle: Json) -> None:
    bundle["verificationMaterial"]["tlogEntries"] *= 2


def drop_time(bundle: Json) -> None:
    entry(bundle).pop("inclusionPromise", None)
    bundle["verificationMaterial"]["timestampVerificationData"] = {}


def change_signature(bundle: Json) -> None:
    if "messageSignature" in bundle:
        bundle["messageSignature"]["signature"] = flip(bundle["messageSignature"]["signature"])
    else:
        bundle["dsseEnvelope"]["signatures"][0]["sig"] = flip(bundle["dsseEnvelope"]["signatures"][0]["sig"])


def change_certificate(bundle: Json) -> None:
    certificate = bundle["verificationMaterial"]["certificate"]
    raw = bytearray(b64decode(certificate["rawBytes"]))
    raw[-1] ^= 1  # the authority's signature
    certificate["rawBytes"] = b64encode(raw).decode()


MUTATIONS: list[Callable[[Json], None]] = [
    break_root_hash,
    break_proof_hash,
    drop_proof_hash,
    change_checkpoint_size,
    change_body,
    drop_entry,
    repeat_entry,
    drop_time,
    change_signature,
    change_certificate,
]


@pytest.mark.parametrize("form", REKOR_FORMS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mutate", MUTATIONS)
def test_a_mutated_bundle_is_refused(
    world: LocalSigstore, root_file: Path, mutate: Callable[[Json], None], kind: str, form: Form
) -> None:
    bundle = json.loads(mint(world, kind, form))
    mutate(bundle)
    with pytest.raises((Error, ValueError)):
        verify(json.dumps(bundle).encode(), root_file)


@pytest.mark.parametrize("field", ["integratedTime", "logIndex"])
def test_the_promise_covers_time_and_index(world: LocalSigstore, root_file: Path, field: str) -> None:
    bundle = json.loads(mint(world, "message", Form.REKOR_V1))
    entry(bundle)[field] = str(int(entry(bundle)[field]) + 1)
    with pytest.raises(Error, match="invalid inclusion promise"):
        verify(json.dumps(bundle).encode(), root_file)


@pytest.mark.parametrize("form", REKOR_FORMS)
def test_another_artifact_is_refused(world: LocalSigstore, root_file: Path, form: Form) -> None:
    with pytest.raises(Error, match="message digest mismatch"):
        verify(mint(world, "message", form), root_file, artifact=OTHER)


@pytest.mark.parametrize("form", REKOR_FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_another_identity_or_issuer_is_refused(
    world: LocalSigstore, root_file: Path, kind: str, form: Form
) -> None:
    raw = mint(world, kind, form)
    with pytest.raises(Error, match="SANs do not match"):
        verify(raw, root_file, identity=IDENTITY.san + "0")
    with pytest.raises(Error, match="OIDCIssuer does not match"):
        verify(raw, root_file, issuer=GITHUB_ACTIONS + "/evil")


@pytest.mark.parametrize("delay", [timedelta(seconds=-1), timedelta(seconds=601)])
@pytest.mark.parametrize("form", REKOR_FORMS)
def test_signing_outside_the_certificate_window_is_refused(
    world: LocalSigstore, root_file: Path, form: Form, delay: timedelta
) -> None:
    with pytest.raises(Error, match="not valid at validation time"):
        verify(mint(replace(world, delay=delay), "message", form), root_file)


@pytest.mark.parametrize("part", ["certificate_log", "authority", "rekor_v1", "rekor_v2", "timestamps"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_another_world_is_refused(
    world: LocalSigstore, foreign: LocalSigstore, root_file: Path, kind: str, part: str
) -> None:
    mixed = {
        "certificate_log": replace(world, certificate_log=foreign.certificate_log),
        "authority": replace(world, authority=foreign.authority),
        "rekor_v1": replace(world, rekor_v1=foreign.rekor_v1),
        "rekor_v2": replace(world, rekor_v2=foreign.rekor_v2),
        "timestamps": replace(world, timestamps=foreign.timestamps),
    }[part]
    form = Form.REKOR_V2 if part in {"rekor_v2", "timestamps"} else Form.REKOR_V1
    with pytest.raises(Error):
        verify(mint(mixed, kind, form), root_file)


@pytest.mark.parametrize("form", REKOR_FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_log_entry_of_another_bundle_is_refused(
    world: LocalSigstore, root_file: Path, kind: str, form: Form
) -> None:
    bundle, other = json.loads(mint(world, kind, form)), json.loads(mint(world, kind, form, OTHER))
    bundle["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]
    with pytest.raises(Error, match=r"inconsistent|does not match|do not match"):
        verify(json.dumps(bundle).encode(), root_file)


@pytest.mark.parametrize("form", REKOR_FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_of_another_bundle_is_refused(
    world: LocalSigstore, root_file: Path, kind: str, form: Form
) -> None:
    bundle, other = json.loads(mint(world, kind, form)), json.loads(mint(world, kind, form))
    bundle["verificationMaterial"]["certificate"] = other["verificationMaterial"]["certificate"]
    with pytest.raises(Error):
        verify(json.dumps(bundle).encode(), root_file)


@pytest.mark.parametrize("member", ["payload", "payloadType"])
def test_a_changed_envelope_is_refused(world: LocalSigstore, root_file: Path, member: str) -> None:
    bundle = json.loads(mint(world, "dsse", Form.REKOR_V1))
    other = json.loads(mint(world, "dsse", Form.REKOR_V1, OTHER))
    bundle["dsseEnvelope"][member] = {
        "payload": other["dsseEnvelope"]["payload"],
        "payloadType": "text/plain",
    }[member]
    with pytest.raises(Error, match="DSSE: invalid signature"):
        verify(json.dumps(bundle).encode(), root_file)


@pytest.mark.parametrize("form", REKOR_FORMS)
def test_another_trusted_root_refuses(foreign: LocalSigstore, root_file: Path, form: Form) -> None:
    with pytest.raises(Error):
        verify(mint(foreign, "message", form), root_file)
