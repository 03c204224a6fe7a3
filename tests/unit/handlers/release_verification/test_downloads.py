"""An unchanged release is verified again without a download; whatever may have changed is downloaded again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from app.adapters.sigstore import offline_verifier
from app.domain.decision import Decision, Verdict
from app.domain.ids import InstallationId
from app.domain.release import VerificationOutcome, VerificationRequest
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import LocalSigstore
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification import downloads
from handlers.release_verification.memory import Memory
from handlers.release_verification.models import ReleaseState
from handlers.release_verification.section import Limits, ReleaseVerification, Signer
from tests.unit.handlers.release_verification.published import (
    COMMIT,
    IDENTITY,
    NOW,
    OTHER,
    REPOSITORY,
    SLSA,
    TOOL,
    Published,
    codes,
    gathered,
    hexdigest,
    signed,
)

STATE = TypeAdapter(ReleaseState)
EVIDENCE = TypeAdapter(RELEASE_VERIFICATION.evidence_type)
ALL = ["tool.sigstore.json", "tool"]


class Counting:
    """The real verifier, and how often it was asked."""

    def __init__(self, verifier: BundleVerifier) -> None:
        self._verifier = verifier
        self.asked = 0

    async def verify(self, request: VerificationRequest) -> VerificationOutcome:
        self.asked += 1
        return await self._verifier.verify(request)


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create(NOW - timedelta(minutes=5))


@pytest.fixture
def verifier(sigstore: LocalSigstore, tmp_path: Path) -> Counting:
    return Counting(trusting(sigstore, tmp_path))


def trusting(sigstore: LocalSigstore, folder: Path) -> BundleVerifier:
    path = folder / "trusted_root.json"
    path.write_bytes(sigstore.trusted_root_json())
    return offline_verifier(path)


async def first(published: Published, verifier: BundleVerifier, folder: Path) -> ReleaseState:
    """The state after the first evaluation, as the ledger gives it back."""
    state = RELEASE_VERIFICATION.decide(await gathered(published, verifier, folder)).next_state
    assert state is not None
    published.downloaded.clear()
    return STATE.validate_json(STATE.dump_json(state))


async def again(
    published: Published, verifier: BundleVerifier, folder: Path, state: ReleaseState
) -> Decision[ReleaseState]:
    """The decision once everything is read: what was verified is told to be open before other bytes are."""
    decision = RELEASE_VERIFICATION.decide(await gathered(published, verifier, folder, state=state))
    if decision.verdict is not Verdict.WAITING:
        return decision
    assert published.downloaded == []
    return await again(published, verifier, folder, decision.next_state or state)


async def test_an_unchanged_release_is_verified_again_without_a_download(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    published = signed(sigstore)
    state = await first(published, verifier, tmp_path)
    decision = await again(published, verifier, tmp_path, state)
    assert (decision.verdict, published.downloaded, verifier.asked) == (Verdict.PASS, [], 2)
    assert decision.next_state == state


async def test_attestations_are_listed_again_and_their_bundles_are_known(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY)
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]})
    state = await first(published, verifier, tmp_path)
    decision = await again(published, verifier, tmp_path, state)
    assert (decision.verdict, published.downloaded, published.listed) == (Verdict.PASS, [], 2)


async def test_an_attestation_that_github_lists_no_more_covers_nothing(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY)
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]})
    state = await first(published, verifier, tmp_path)
    published.attested.clear()
    decision = await again(published, verifier, tmp_path, state)
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["UNCOVERED"])
    assert decision.next_state is not None
    assert decision.next_state.memory is not None
    assert decision.next_state.memory.bundles == ()


def new_id(published: Published) -> None:
    published.first_id = 50


def new_time(published: Published) -> None:
    published.updated_at += timedelta(seconds=1)


def no_digest(published: Published) -> None:
    published.recorded = dict.fromkeys(published.files)


def new_bytes(published: Published) -> None:
    published.files["tool"] = b"x" * len(TOOL)


def longer_bytes_under_the_old_digest(published: Published) -> None:
    published.recorded["tool"] = hexdigest(TOOL)
    published.files["tool"] = TOOL + b"!"


CHANGES: list[tuple[Callable[[Published], None], list[str], Verdict]] = [
    (new_id, ALL, Verdict.PASS),
    (new_time, ALL, Verdict.PASS),
    (no_digest, ALL, Verdict.PASS),
    (new_bytes, ["tool"], Verdict.FAIL),
    (longer_bytes_under_the_old_digest, ["tool"], Verdict.FAIL),
]


@pytest.mark.parametrize(("change", "downloaded", "verdict"), CHANGES)
async def test_what_github_calls_otherwise_is_downloaded_again(
    sigstore: LocalSigstore,
    verifier: Counting,
    tmp_path: Path,
    change: Callable[[Published], None],
    downloaded: list[str],
    verdict: Verdict,
) -> None:
    published = signed(sigstore)
    state = await first(published, verifier, tmp_path)
    change(published)
    decision = await again(published, verifier, tmp_path, state)
    assert sorted(published.downloaded) == sorted(downloaded)
    assert decision.verdict is verdict


async def test_what_github_calls_by_a_wrong_or_no_digest_is_not_remembered(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    published = signed(sigstore)
    published.recorded = {"tool": hexdigest(OTHER), "tool.sigstore.json": None}
    state = await first(published, verifier, tmp_path)
    assert state.memory == Memory(REPOSITORY.installation_id)
    assert codes(await again(published, verifier, tmp_path, state)) == ["TAMPERED"]
    assert published.downloaded == ALL


async def test_remembered_bytes_are_judged_by_the_policy_of_now(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    published = signed(sigstore)
    state = await first(published, verifier, tmp_path)
    published.section = ReleaseVerification(signers=(Signer(workflow=".github/workflows/other.yml"),))
    decision = await again(published, verifier, tmp_path, state)
    assert (decision.verdict, codes(decision), published.downloaded) == (Verdict.FAIL, ["IDENTITY"], [])


async def test_remembered_bytes_are_judged_by_the_trusted_root_of_now(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    published = signed(sigstore)
    state = await first(published, verifier, tmp_path)
    elsewhere = trusting(LocalSigstore.create(NOW - timedelta(minutes=5)), tmp_path)
    decision = await again(published, elsewhere, tmp_path, state)
    assert (decision.verdict, published.downloaded) == (Verdict.FAIL, [])


async def test_a_smaller_limit_holds_for_what_is_known_too(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    large = b"x" * (1024 * 1024 + 1)
    bundle = sigstore.sign_artifact(large, IDENTITY)
    published = Published({"tool": large, "tool.sigstore.json": bundle})
    state = await first(published, verifier, tmp_path)
    published.section = ReleaseVerification(limits=Limits(asset_mib=1))
    assert codes(await again(published, verifier, tmp_path, state)) == ["TOO_LARGE"]
    assert published.downloaded == []


async def test_another_installation_downloads_for_itself(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    published = signed(sigstore)
    state = await first(published, verifier, tmp_path)
    moved = replace(REPOSITORY, installation_id=InstallationId(6))
    evidence = await gathered(published, verifier, tmp_path, state=state, repository=moved)
    assert published.downloaded == ALL
    assert evidence.memory is not None
    assert evidence.memory.installation_id == 6


async def test_what_only_looks_like_a_bundle_is_downloaded_once(verifier: Counting, tmp_path: Path) -> None:
    published = Published({"notes.sigstore.json": b"not a bundle"})
    evidence = await gathered(published, verifier, tmp_path)
    assert published.downloaded == ["notes.sigstore.json"]
    assert evidence.assets[0].sha256 == hexdigest(b"not a bundle")


async def test_bundles_beyond_the_bound_are_downloaded_each_time(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attested = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY)
    published = Published({"tool": TOOL, "tool.sigstore.json": b"{}"}, {hexdigest(TOOL): [attested]})
    monkeypatch.setattr(downloads, "MAX_KEPT_BYTES", 2)
    state = await first(published, verifier, tmp_path)
    assert state.memory is not None
    assert sum(len(asset.content or b"") for asset in state.memory.assets) == 2
    decision = await again(published, verifier, tmp_path, state)
    assert published.downloaded == ["0.json.sn"]
    assert codes(decision) == ["UNCOVERED"]


async def test_the_stored_evidence_does_not_repeat_the_bytes_that_the_state_remembers(
    sigstore: LocalSigstore, verifier: Counting, tmp_path: Path
) -> None:
    evidence = await gathered(signed(sigstore), verifier, tmp_path)
    decision = RELEASE_VERIFICATION.decide(evidence)
    assert decision.next_state is not None
    assert decision.next_state.memory is not None
    assert decision.next_state.memory.assets
    assert "memory" not in EVIDENCE.dump_python(evidence, mode="json")


def test_a_state_without_its_bytes_is_read() -> None:
    state = ReleaseState(NOW, COMMIT, "v1.0.0")
    assert STATE.validate_json(STATE.dump_json(state, exclude={"memory"})) == state
