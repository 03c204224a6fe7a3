"""Receipts of a release that was gathered and decided, and what becomes of them when they are judged again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.adapters.sigstore import SigstoreVerifier, offline_verifier
from app.adapters.sigstore.github_root import pinned
from app.adapters.sigstore.trust import TrustedRoots
from app.domain.ids import Sha256Hex
from app.domain.receipts import Receipt, ReplayedReceipt
from app.domain.release import Grade
from app.domain.release import Outcome as Verdict
from app.errors import InvalidInput
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import Form, LocalSigstore
from app.standin.sigstore.envelope import PublishedRelease
from handlers.release_verification.backfill.models import PREDICATE_TYPE as BACKFILL_TYPE
from handlers.release_verification.receipts import making
from handlers.release_verification.receipts.document import (
    Document,
    bundle_of,
    canonical,
    read,
    with_bundles,
    written,
)
from handlers.release_verification.receipts.making import MOST_ITEMS
from handlers.release_verification.receipts.replaying import replayed
from handlers.release_verification.section import AssetRule, Backfill, ReleaseVerification, Signer
from tests.unit.handlers.release_verification.published import (
    COMMIT,
    IDENTITY,
    NOW,
    OTHER,
    SLSA,
    TOOL,
    Outcome,
    Published,
    attached,
    hexdigest,
    signed,
)

VERSIONS = {"hephaestus": "0.1.0", "sigstore": "4.5.1", "verifier": "sha256:aa"}
STRANGER = replace(IDENTITY, repository="mallory/tool")


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create(NOW)


@pytest.fixture(scope="module")
def foreign() -> LocalSigstore:
    return LocalSigstore.create(NOW)


def attested(sigstore: LocalSigstore, files: dict[str, bytes], form: Form = Form.REKOR_V1) -> bytes:
    """A provenance of these files."""
    subjects = [(name, hexdigest(raw)) for name, raw in files.items()]
    return sigstore.attest(subjects, SLSA, {}, IDENTITY, form)


@pytest.fixture
def verifier(sigstore: LocalSigstore, tmp_path: Path) -> BundleVerifier:
    root = tmp_path / "trusted_root.json"
    root.write_bytes(sigstore.trusted_root_json())
    return offline_verifier(root)


@pytest.fixture
def outcome(verifier: BundleVerifier, tmp_path: Path) -> Outcome:
    return Outcome(verifier, tmp_path)


def exported(receipt: Receipt) -> Document:
    """The receipt as somebody gets it: read from the ledger's bytes, with its bundles, through JSON."""
    document = with_bundles(read(receipt.body), {each.sha256: each.content for each in receipt.attachments})
    return read(canonical(document))


async def receipts(outcome: Outcome, published: Published) -> tuple[Receipt, ...]:
    return (await outcome.of(published)).receipts


async def one(outcome: Outcome, published: Published) -> Receipt:
    (receipt,) = await receipts(outcome, published)
    return receipt


async def again(
    document: Document, verifier: BundleVerifier, artifact: bytes | None = None
) -> ReplayedReceipt:
    digest = None if artifact is None else hexdigest(artifact)
    return await replayed(document, verifier, artifact=digest, versions=VERSIONS)


async def test_a_verified_asset_has_a_receipt_that_says_all_it_rests_on(
    outcome: Outcome, sigstore: LocalSigstore
) -> None:
    receipt = await one(outcome, signed(sigstore))
    document = exported(receipt)
    assert (receipt.outcome, receipt.code, receipt.grade) == ("verified", "VERIFIED", "provenance-verified")
    assert receipt.signer == IDENTITY.san
    assert (document.asset.name, document.asset.sha256) == ("tool", hexdigest(TOOL))
    assert (document.release.tag, document.release.commit, document.release.verdict) == (
        "v1.0.0",
        COMMIT,
        "pass",
    )
    assert document.policy is not None
    assert (document.policy.path, document.policy.blob_sha) == (".github/hephaestus.yml", "b" * 40)
    (item,) = document.evidence
    assert item.source == "tool.sigstore.json"
    assert item.asked.expected.identity == IDENTITY.san
    assert item.trusted_root_sha256 == hexdigest(sigstore.trusted_root_json())
    assert dict(item.facts)
    assert document.versions == VERSIONS
    assert document.decided_at == NOW.isoformat()


async def test_a_receipt_is_canonical_json(outcome: Outcome, sigstore: LocalSigstore) -> None:
    body = (await one(outcome, signed(sigstore))).body
    assert body == written(json.loads(body))
    assert b": " not in body.split(b'"reason"')[0]


async def test_a_receipt_is_judged_again_to_the_same_verdict(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    document = exported(await one(outcome, signed(sigstore)))
    found = await again(document, verifier, TOOL)
    assert found.same is True
    assert found.outcome is Verdict.VERIFIED
    assert found.signers == (IDENTITY.san,)
    assert found.roots[0] == found.roots[1] == (hexdigest(sigstore.trusted_root_json()),)


async def test_a_refusal_is_judged_again_to_the_same_refusal(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    receipt = await one(outcome, signed(sigstore, STRANGER))
    assert (receipt.outcome, receipt.signer) == ("rejected", None)
    found = await again(exported(receipt), verifier)
    assert (found.same, found.outcome) == (True, Verdict.REJECTED)


async def test_an_asset_without_evidence_has_a_receipt_that_says_so(
    outcome: Outcome, verifier: BundleVerifier
) -> None:
    receipt = await one(outcome, Published({"tool": TOOL}))
    assert (receipt.outcome, receipt.code, receipt.attachments) == ("rejected", "UNCOVERED", ())
    assert (await again(exported(receipt), verifier)).same is True


async def test_a_bundle_for_several_assets_is_attached_to_each(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    bundle = attested(sigstore, {"tool": TOOL, "other": OTHER})
    files = {"tool": TOOL, "other": OTHER, "all.intoto.jsonl": bundle}
    found = await receipts(outcome, Published(files))
    assert [each.name for each in found] == ["tool", "other"]
    assert {each.attachments for each in found} == {found[0].attachments}
    assert [(await again(exported(each), verifier)).same for each in found] == [True, True]


async def test_a_release_that_did_not_pass_makes_no_signer_known(
    outcome: Outcome, sigstore: LocalSigstore
) -> None:
    published = signed(sigstore)
    published.files["other"] = OTHER
    found = {each.name: each for each in await receipts(outcome, published)}
    assert found["tool"].outcome == "verified"
    assert found["tool"].signer is None


async def test_the_same_verdict_later_is_the_same_by_its_digest(
    outcome: Outcome, sigstore: LocalSigstore
) -> None:
    published = signed(sigstore)
    first = await one(outcome, published)
    (second,) = (await outcome.of(published, now=NOW.replace(day=2))).receipts
    assert first.body != second.body
    assert first.verdict_sha256 == second.verdict_sha256


async def test_another_verdict_has_another_digest(outcome: Outcome, sigstore: LocalSigstore) -> None:
    first = await one(outcome, signed(sigstore))
    assert first.verdict_sha256 != (await one(outcome, signed(sigstore, STRANGER))).verdict_sha256


async def test_what_is_still_awaited_has_no_receipt(outcome: Outcome) -> None:
    published = Published({"tool": TOOL}, uploads={"tool": "starter"})
    assert await receipts(outcome, published) == ()


async def test_other_bytes_are_not_what_the_receipt_is_about(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    found = await again(exported(await one(outcome, signed(sigstore))), verifier, OTHER)
    assert found.same is False
    assert found.differences == (
        f"the artifact has the SHA-256 {hexdigest(OTHER)}; the receipt is about {hexdigest(TOOL)}",
    )


async def test_under_another_root_it_comes_out_otherwise_and_both_roots_are_told(
    outcome: Outcome, sigstore: LocalSigstore, foreign: LocalSigstore
) -> None:
    document = exported(await one(outcome, signed(sigstore)))
    root = pinned(foreign.trusted_root_json())
    found = await again(document, SigstoreVerifier(lambda: TrustedRoots(root)))
    assert found.same is False
    assert found.roots == ((hexdigest(sigstore.trusted_root_json()),), (root.sha256,))
    assert found.differences[0].startswith("tool.sigstore.json: it was verified VERIFIED, it is rejected ")


async def test_without_githubs_root_what_it_vouched_for_is_undecided(
    sigstore: LocalSigstore, verifier: BundleVerifier, tmp_path: Path
) -> None:
    both = TrustedRoots(pinned(sigstore.trusted_root_json()), pinned(sigstore.github_trusted_root_json()))
    with_both = Outcome(SigstoreVerifier(lambda: both), tmp_path)
    bundle = attested(sigstore, {"tool": TOOL}, Form.GITHUB)
    receipt = await one(with_both, Published({"tool": TOOL, "tool.sigstore.json": bundle}))
    assert receipt.outcome == "verified"
    assert (await again(exported(receipt), SigstoreVerifier(lambda: both))).same is True
    found = await again(exported(receipt), verifier)
    assert found.same is None
    assert "TRUST_ROOT_ABSENT" in found.undecided[0]


async def test_githubs_attestation_of_a_release_is_judged_again(
    sigstore: LocalSigstore, tmp_path: Path
) -> None:
    both = TrustedRoots(pinned(sigstore.trusted_root_json()), pinned(sigstore.github_trusted_root_json()))
    with_both = SigstoreVerifier(lambda: both)
    section = ReleaseVerification.model_validate(
        {"signers": [{}], "assets": [{"files": ["*"], "least": "release-attested"}]}
    )
    released = PublishedRelease(
        repository="octo/tool",
        tag="v1.0.0",
        commit=COMMIT,
        release_id=11,
        repository_id=1001,
        owner_id=2002,
        assets=[("tool", hexdigest(TOOL))],
    )
    published = Published({"tool": TOOL}, immutable=True, section=section)
    published.attested_release = [sigstore.attest_release(released.statement())]
    receipt = await one(Outcome(with_both, tmp_path), published)
    assert (receipt.outcome, receipt.grade, receipt.signer) == ("verified", "release-attested", None)
    document = exported(receipt)
    assert (await again(document, with_both, TOOL)).same is True
    content = json.loads(canonical(document))
    content["repository"]["name"] = "mallory/tool"
    assert (await again(read(written(content)), with_both)).same is False


async def test_what_was_built_from_a_branch_that_nobody_protects_does_not_count(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    section = ReleaseVerification.model_validate({"signers": [{"source_ref": "refs/heads/main"}]})
    from_branch = replace(IDENTITY, ref="refs/heads/main")
    published = replace(signed(sigstore, from_branch), section=section)
    receipt = await one(outcome, published)
    assert receipt.outcome == "rejected"
    (item,) = exported(receipt).evidence
    assert (item.outcome, item.counts) == ("verified", False)
    assert (await again(exported(receipt), verifier)).same is True


async def test_a_receipt_without_its_bundle_is_undecided(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    found = await again(read((await one(outcome, signed(sigstore))).body), verifier)
    assert found.same is None
    assert "is not in the receipt" in found.undecided[0]


Change = Callable[[dict[str, Any]], None]


def of_item(**values: object) -> Change:
    return lambda content: content["evidence"][0].update(values)


def of_asked(**values: object) -> Change:
    return lambda content: content["evidence"][0]["asked"].update(values)


def without_evidence(content: dict[str, Any]) -> None:
    content["evidence"], content["bundles"] = [], {}


def for_other_bytes(content: dict[str, Any]) -> None:
    content["asset"]["sha256"] = hexdigest(OTHER)


def for_other_bytes_everywhere(content: dict[str, Any]) -> None:
    for_other_bytes(content)
    content["evidence"][0]["asked"]["sha256"] = hexdigest(OTHER)


def with_another_bundle(content: dict[str, Any]) -> None:
    (digest,) = content["bundles"]
    content["bundles"][digest] = "AAAA"


FORGERIES: dict[str, Change] = {
    "no evidence": without_evidence,
    "other bytes": for_other_bytes,
    "other bytes everywhere": for_other_bytes_everywhere,
    "another bundle": with_another_bundle,
    "a bundle that is not base64": lambda content: content["bundles"].update(
        dict.fromkeys(content["bundles"], "!")
    ),
    "a better grade": lambda content: content["verdict"].update(grade="release-attested"),
    "another signer": of_item(signer="https://github.com/octo/tool/.github/workflows/other.yml@x"),
    "other facts": of_item(facts=[["build_trigger", "push"], ["run_invocation_uri", "elsewhere"]]),
    "another time": of_item(signed_at="2020-01-01T00:00:00+00:00"),
    "a log that is not there": of_item(transparency=False),
    "evidence that does not count": of_item(counts=False),
    "another kind": of_item(kind="release-attestation"),
    "other claims": of_item(claims=[]),
    "another tag": lambda content: content["release"].update(tag="v2.0.0"),
    "another commit": lambda content: content["release"].update(commit="2" * 40),
    "another asset": lambda content: content["asset"].update(name="other"),
    "another question": of_asked(artifact_name="other"),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_receipt_that_somebody_changed_is_not_the_same(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier, name: str
) -> None:
    content = json.loads(canonical(exported(await one(outcome, signed(sigstore)))))
    FORGERIES[name](content)
    found = await again(read(written(content)), verifier)
    assert found.same is False


async def test_a_refusal_that_somebody_called_verified_is_not_the_same(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    content = json.loads(canonical(exported(await one(outcome, signed(sigstore, STRANGER)))))
    content["verdict"].update(outcome="verified", code="VERIFIED", grade="provenance-verified")
    assert (await again(read(written(content)), verifier)).same is False


async def test_another_version_of_a_program_is_told(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    document = exported(await one(outcome, signed(sigstore)))
    found = await replayed(document, verifier, versions={**VERSIONS, "sigstore": "5.0"})
    assert found.same is True
    assert ("sigstore", "4.5.1", "5.0") in found.versions


async def test_an_asset_of_a_signed_list_names_the_list(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    listed = f"{hexdigest(TOOL)}  tool\n".encode()
    rules = {"signers": [{"workflow": ".github/workflows/release.yml"}]}
    section = ReleaseVerification.model_validate(
        {**rules, "assets": [{"files": ["tool"], "least": "checksum-only"}]}
    )
    files = {
        "tool": TOOL,
        "SHA256SUMS": listed,
        "SHA256SUMS.sigstore.json": attested(sigstore, {"SHA256SUMS": listed}),
    }
    found = {each.name: each for each in await receipts(outcome, Published(files, section=section))}
    assert (found["tool"].outcome, found["tool"].grade) == ("verified", "checksum-only")
    (told,) = exported(found["tool"]).lists
    assert (told.file, told.says, told.sha256) == ("SHA256SUMS", hexdigest(TOOL), hexdigest(listed))
    result = await again(exported(found["tool"]), verifier)
    assert result.same is None
    assert result.differences == ()
    assert "its signature verifies; look whether the list itself" in result.undecided[0]


async def test_a_receipt_tells_of_so_many_bundles_and_counts_the_others(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    strangers = [sigstore.sign_artifact(TOOL, STRANGER) for _ in range(MOST_ITEMS + 2)]
    files = {"tool": TOOL, "tool.sigstore.jsonl": b"\n".join(strangers)}
    document = exported(await one(outcome, Published(files)))
    assert (len(document.evidence), document.left_out) == (MOST_ITEMS, 2)
    assert document.verdict.rests_on == 0
    assert (await again(document, verifier)).same is True


async def test_a_receipt_that_strangers_would_make_too_large_leaves_their_bundles_out(
    outcome: Outcome, sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MAX_BODY_BYTES", 100)
    refused = exported(await one(outcome, signed(sigstore, STRANGER)))
    assert (refused.evidence, refused.left_out) == ((), 1)
    verified = exported(await one(outcome, signed(sigstore)))
    assert (len(verified.evidence), verified.left_out) == (1, 0)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b'{"kind":"hephaestus/gate-verdict"}', b'{"a":1,"a":2}', b"\xff", b"NaN"],
)
def test_what_is_no_receipt_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(raw)
    assert refused.value.code == "receipt.unreadable"


async def test_a_key_that_is_not_known_is_refused(outcome: Outcome, sigstore: LocalSigstore) -> None:
    content = json.loads((await one(outcome, signed(sigstore))).body)
    content["approved_by"] = "everybody"
    with pytest.raises(InvalidInput, match="approved_by"):
        read(written(content))


async def test_a_bundle_that_is_not_there_is_none(outcome: Outcome, sigstore: LocalSigstore) -> None:
    document = read((await one(outcome, signed(sigstore))).body)
    assert bundle_of(document, Sha256Hex("a" * 64)) is None


async def test_what_was_backfilled_into_one_release_says_nothing_of_another(
    outcome: Outcome, sigstore: LocalSigstore, verifier: BundleVerifier
) -> None:
    commit, workflow = "5" * 40, ".github/workflows/sigstore-backfill.yml"
    late = replace(IDENTITY, workflow=workflow, ref="refs/heads/main", sha=commit, event="workflow_dispatch")
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], BACKFILL_TYPE, attached(), late)
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]})
    published.section = ReleaseVerification(
        signers=(Signer(workflow=".github/workflows/release.yml"),),
        assets=(AssetRule(files=("*",), least=Grade.BACKFILLED),),
        backfill=Backfill(commits=(commit,)),
    )
    document = exported(await one(outcome, published))
    assert (await again(document, verifier)).same
    content = json.loads(canonical(document))
    content["evidence"] = [item for item in content["evidence"] if item["counts"]]
    content["verdict"]["rests_on"] = 0
    for part, value in (("id", 999), ("commit", "9" * 40)):
        forged = json.loads(json.dumps(content))
        forged["release"][part] = value
        said = await again(read(json.dumps(forged).encode()), verifier)
        assert not said.same
        assert any("the receipt is about" in each for each in said.differences), part
