"""A release that passed is looked at again: what changed turns its check run red, and what did not costs next to nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from app.adapters.sigstore import offline_verifier
from app.domain.decision import Decision, Verdict
from app.domain.effects import CheckStatus, PublishCheckRun, WakeAt
from app.domain.events import Event, ReleaseChanged, WokenUp
from app.domain.ids import CommitSha
from app.errors import TransientError
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import LocalSigstore
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification.models import ReleaseState
from handlers.release_verification.section import AssetRule, ReleaseVerification, Signer
from handlers.release_verification.section.values import Kind
from tests.unit.handlers.release_verification.published import (
    COMMIT,
    IDENTITY,
    NOW,
    OTHER,
    REPOSITORY,
    SLSA,
    SUBJECT,
    TOOL,
    Published,
    check_of,
    codes,
    gathered,
    hexdigest,
    signed,
)

STATE = TypeAdapter(ReleaseState)
LOOK = WokenUp(REPOSITORY, "release_verification", SUBJECT, "watch")
EDITED = ReleaseChanged(REPOSITORY, "edited", 11, "v1.0.0")
ELSEWHERE = CommitSha("2" * 40)


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create(NOW - timedelta(minutes=5))


@pytest.fixture(scope="module")
def verifier(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> BundleVerifier:
    path = tmp_path_factory.mktemp("root") / "trusted_root.json"
    path.write_bytes(sigstore.trusted_root_json())
    return offline_verifier(path)


@dataclass
class Watched:
    """A release over time, with the state as the ledger gives it back each time."""

    published: Published
    verifier: BundleVerifier
    folder: Path
    now: datetime = NOW
    state: ReleaseState | None = None
    said: list[Decision[ReleaseState]] = field(default_factory=list)

    async def look(self, *events: Event, after: timedelta = timedelta(hours=1)) -> Decision[ReleaseState]:
        """The decision of an evaluation for these events, so much later."""
        self.now += after
        evidence = await gathered(
            self.published, self.verifier, self.folder, now=self.now, state=self.state, events=events
        )
        decision = RELEASE_VERIFICATION.decide(evidence)
        self.state = decision.next_state and STATE.validate_json(STATE.dump_json(decision.next_state))
        self.said.append(decision)
        return decision

    async def settled(self, *events: Event) -> Decision[ReleaseState]:
        """The decision once nothing is left to read."""
        decision = await self.look(*events)
        while "go on" in wakes(decision):
            decision = await self.look(after=timedelta(seconds=1))
        return decision


@pytest.fixture
def watched(sigstore: LocalSigstore, verifier: BundleVerifier, tmp_path: Path) -> Watched:
    return Watched(signed(sigstore), verifier, tmp_path)


def wakes(decision: Decision[ReleaseState]) -> list[str]:
    return [effect.what for effect in decision.effects if isinstance(effect, WakeAt)]


def red_check(decision: Decision[ReleaseState]) -> str:
    """All that the last check run of a red decision says."""
    checks = [effect for effect in decision.effects if isinstance(effect, PublishCheckRun)]
    assert decision.verdict is Verdict.FAIL
    return f"{checks[-1].title}\n{checks[-1].summary}\n{checks[-1].text}"


async def test_where_github_shows_the_same_nothing_else_is_read_and_nothing_is_written(
    watched: Watched,
) -> None:
    await watched.look(EDITED)
    watched.published.downloaded.clear()
    watched.published.listed = 0
    decision = await watched.look(LOOK)
    assert (decision.verdict, wakes(decision)) == (Verdict.PASS, ["watch"])
    assert [effect.kind for effect in decision.effects] == ["wake_at"]
    assert (watched.published.downloaded, watched.published.listed) == ([], 0)
    assert codes(decision) == ["release.unchanged"]


async def test_the_looks_come_later_and_later_and_then_daily(watched: Watched) -> None:
    await watched.look(EDITED)
    pauses = []
    for _ in range(10):
        (wake,) = [effect for effect in watched.said[-1].effects if isinstance(effect, WakeAt)]
        pauses.append(wake.at - watched.now)
        await watched.look(LOOK, after=pauses[-1])
    assert pauses[:4] == [timedelta(minutes=minutes) for minutes in (10, 10, 20, 40)]
    assert pauses[-1] == timedelta(days=1)


async def test_evidence_is_looked_for_anew_after_a_week(sigstore: LocalSigstore, watched: Watched) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY)
    watched.published = Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]})
    await watched.look(EDITED)
    watched.published.attested.clear()
    assert (await watched.look(LOOK)).verdict is Verdict.PASS
    said = red_check(await watched.look(LOOK, after=timedelta(days=7)))
    assert "UNCOVERED" in said
    assert "attestation 1, which counts no longer" in said


async def test_what_did_not_pass_is_looked_at_as_a_whole_each_time(
    sigstore: LocalSigstore, watched: Watched
) -> None:
    watched.published = Published({"tool": TOOL})
    assert (await watched.look(EDITED)).verdict is Verdict.FAIL
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY)
    watched.published.attested = {hexdigest(TOOL): [bundle]}
    assert (await watched.look(LOOK)).verdict is Verdict.PASS


async def test_an_event_of_github_is_never_taken_for_nothing_new(watched: Watched) -> None:
    await watched.look(EDITED)
    decision = await watched.look(EDITED)
    assert check_of(decision).title == "1 asset verified"


async def test_a_replaced_asset_is_open_at_once_and_then_red_with_what_was_there_before(
    watched: Watched,
) -> None:
    await watched.look(EDITED)
    watched.published.files["tool"], watched.published.first_id = OTHER, 50
    opened = await watched.look(LOOK)
    assert (check_of(opened).status, wakes(opened)) == (CheckStatus.IN_PROGRESS, ["go on"])
    assert check_of(opened).title == "Reading: 2 assets left"
    said = red_check(await watched.look(LOOK, after=timedelta(seconds=1)))
    assert "tool (REPLACED_AFTER_VERDICT)" in said
    assert f"sha256:{hexdigest(TOOL)}" in said
    assert f"sha256:{hexdigest(OTHER)}" in said
    assert "2026-11-01 13:00:00 UTC" in said


async def test_the_same_bytes_uploaded_again_are_not_called_replaced(watched: Watched) -> None:
    await watched.look(EDITED)
    bundle = next(name for name in watched.published.files if name.endswith(".sigstore.json"))
    del watched.published.files[bundle]
    watched.published.first_id = 50
    said = red_check(await watched.settled(LOOK))
    assert "tool (UNCOVERED)" in said
    assert "REPLACED_AFTER_VERDICT" not in said


async def test_what_is_red_for_being_replaced_stays_so(watched: Watched) -> None:
    await watched.look(EDITED)
    watched.published.files["tool"] = OTHER
    first = await watched.settled(LOOK)
    again = await watched.settled(EDITED)
    assert red_check(again) == red_check(first)


async def test_deleting_an_asset_first_does_not_make_its_successor_a_new_one(watched: Watched) -> None:
    await watched.look(EDITED)
    del watched.published.files["tool"]
    assert (await watched.settled(EDITED)).verdict is not Verdict.PASS
    watched.published.files["tool"] = OTHER
    assert "REPLACED_AFTER_VERDICT" in red_check(await watched.settled(EDITED))


async def test_the_bytes_of_before_are_good_again(watched: Watched) -> None:
    await watched.look(EDITED)
    watched.published.files["tool"] = OTHER
    await watched.settled(LOOK)
    watched.published.files["tool"] = TOOL
    assert (await watched.settled(EDITED)).verdict is Verdict.PASS


async def test_an_asset_that_is_replaced_by_a_signed_one_passes_and_says_so_from_then_on(
    sigstore: LocalSigstore, watched: Watched
) -> None:
    await watched.look(EDITED)
    watched.published.files = {
        "tool": OTHER,
        "tool.sigstore.json": sigstore.sign_artifact(OTHER, IDENTITY),
    }
    decision = await watched.settled(LOOK)
    assert decision.verdict is Verdict.PASS
    assert f"sha256:{hexdigest(TOOL)} before" in check_of(decision).summary.replace("&#8203;", "")
    later = await watched.settled(EDITED)
    assert check_of(later).summary == check_of(decision).summary


async def test_a_bundle_that_is_gone_leaves_its_asset_uncovered(watched: Watched) -> None:
    await watched.look(EDITED)
    del watched.published.files["tool.sigstore.json"]
    said = red_check(await watched.settled(LOOK))
    assert "tool (UNCOVERED)" in said
    assert "counts no longer" in said


async def test_an_asset_that_is_added_is_named_as_such(watched: Watched) -> None:
    await watched.look(EDITED)
    watched.published.files["extra"] = OTHER
    said = red_check(await watched.settled(LOOK))
    assert "extra (UNCOVERED)" in said
    assert "added after the release was verified" in said


async def test_an_asset_that_is_gone_is_noted_and_no_failure_of_the_others(
    sigstore: LocalSigstore, watched: Watched
) -> None:
    both = sigstore.attest([("tool", hexdigest(TOOL)), ("other", hexdigest(OTHER))], SLSA, {}, IDENTITY)
    watched.published = Published({"tool": TOOL, "other": OTHER, "all.sigstore.json": both})
    await watched.look(EDITED)
    del watched.published.files["other"]
    decision = await watched.settled(LOOK)
    assert decision.verdict is Verdict.PASS
    assert "is not there any more" in check_of(decision).summary


async def test_a_tag_that_moved_is_red_on_its_new_commit_and_says_from_where(watched: Watched) -> None:
    await watched.look(EDITED)
    watched.published.commit = ELSEWHERE
    decision = await watched.settled(LOOK)
    assert codes(decision) == ["TAG_MOVED", "TAG_MOVED"]
    said = red_check(decision)
    assert "The tag was moved after the release was verified" in said
    assert COMMIT in said
    assert ELSEWHERE in said


async def test_a_moved_tag_is_red_too_where_no_asset_knows_of_commits(watched: Watched) -> None:
    watched.published.section = ReleaseVerification(
        signers=(Signer(workflow=".github/workflows/release.yml"),), no_assets="pass"
    )
    watched.published.files = {}
    await watched.look(EDITED)
    assert (await watched.look(EDITED)).verdict is Verdict.PASS
    watched.published.commit = ELSEWHERE
    assert codes(await watched.settled(LOOK))[0] == "TAG_MOVED"


async def test_a_release_made_anew_on_another_commit_passes_with_evidence_of_that_commit(
    sigstore: LocalSigstore, watched: Watched
) -> None:
    await watched.look(EDITED)
    watched.published.commit = ELSEWHERE
    there = replace(IDENTITY, sha=ELSEWHERE)
    watched.published.files["tool.sigstore.json"] = sigstore.sign_artifact(TOOL, there)
    decision = await watched.settled(EDITED)
    assert decision.verdict is Verdict.PASS
    assert "All evidence is of the new commit" in check_of(decision).summary


async def test_a_policy_that_asks_for_more_is_no_change_of_the_asset(watched: Watched) -> None:
    await watched.look(EDITED)
    watched.published.section = ReleaseVerification(
        signers=(Signer(workflow=".github/workflows/release.yml"),),
        assets=(AssetRule(files=("*",), needs=(Kind.PROVENANCE, Kind.RELEASE_ATTESTATION)),),
    )
    assert codes(await watched.settled(LOOK)) == ["UNCOVERED"]


async def test_the_watch_can_be_switched_off(watched: Watched) -> None:
    watched.published.section = ReleaseVerification(
        signers=(Signer(workflow=".github/workflows/release.yml"),), watch="off"
    )
    assert wakes(await watched.look(EDITED)) == []


async def test_what_a_sitting_read_is_not_read_again_where_github_gave_out_in_between(
    watched: Watched,
) -> None:
    watched.published.broken["tool"] = TransientError("github.unavailable", "502")
    opened = await watched.look(EDITED)
    assert (opened.verdict, wakes(opened)) == (Verdict.WAITING, ["go on"])
    assert check_of(opened).status is CheckStatus.IN_PROGRESS
    with pytest.raises(TransientError):
        await watched.look(after=timedelta(seconds=5))
    watched.published.broken.clear()
    assert (await watched.look(after=timedelta(seconds=5))).verdict is Verdict.PASS
    assert watched.published.downloaded == ["tool.sigstore.json", "tool"]


async def test_what_github_gives_no_digest_of_is_kept_from_one_sitting_to_the_next_only(
    watched: Watched,
) -> None:
    watched.published.recorded = dict.fromkeys(watched.published.files)
    watched.published.broken["tool"] = TransientError("github.unavailable", "502")
    await watched.look(EDITED)
    watched.published.broken.clear()
    assert (await watched.look()).verdict is Verdict.PASS
    assert watched.published.downloaded == ["tool.sigstore.json", "tool"]
    await watched.look(EDITED)
    assert sorted(watched.published.downloaded[2:]) == ["tool", "tool.sigstore.json"]


async def test_evidence_that_cannot_be_listed_ends_a_sitting_that_read_something_and_fails_the_next(
    watched: Watched,
) -> None:
    watched.published.files = {"tool": TOOL}
    watched.published.unlisted = TransientError("github.unavailable", "502", NOW + timedelta(hours=3))
    opened = await watched.look(EDITED)
    (wake,) = [effect for effect in opened.effects if isinstance(effect, WakeAt)]
    assert (wake.what, wake.at) == ("go on", NOW + timedelta(hours=3))
    with pytest.raises(TransientError):
        await watched.look(after=timedelta(hours=2))
