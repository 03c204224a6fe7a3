"""From a release at GitHub to evidence and a decision, with real signatures and the real verifier."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.adapters.sigstore import offline_verifier
from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion, CheckStatus, WakeAt
from app.domain.events import ReleaseChanged, WokenUp
from app.domain.receipts import VerifiedSigner
from app.errors import InvalidInput, TransientError
from app.ports.bundles import BundleVerifier
from app.ports.policies import ConfigError
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification.memory import Memory
from handlers.release_verification.models import ReleaseState
from handlers.release_verification.section import ReleaseVerification, Signer
from tests.unit.handlers.release_verification.published import (
    APP,
    COMMIT,
    IDENTITY,
    NOW,
    OTHER,
    REPOSITORY,
    SLSA,
    SUBJECT,
    TOOL,
    Outcome,
    Published,
    check_of,
    codes,
    hexdigest,
    signed,
)


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create(NOW - timedelta(minutes=5))


@pytest.fixture(scope="module")
def verifier(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> BundleVerifier:
    path = tmp_path_factory.mktemp("root") / "trusted_root.json"
    path.write_bytes(sigstore.trusted_root_json())
    return offline_verifier(path)


@pytest.fixture
def outcome(verifier: BundleVerifier, tmp_path: Path) -> Outcome:
    return Outcome(verifier, tmp_path)


async def test_a_signed_asset_passes_on_the_tags_commit(sigstore: LocalSigstore, outcome: Outcome) -> None:
    decision = await outcome.of(signed(sigstore))
    check = check_of(decision)
    assert decision.verdict is Verdict.PASS
    assert (check.head_sha, check.name) == (COMMIT, "hephaestus/release-verification (v1.0.0)")
    assert (check.status, check.conclusion) == (CheckStatus.COMPLETED, CheckConclusion.SUCCESS)
    assert check.title == "1 asset verified"
    (watch,) = [effect for effect in decision.effects if effect is not check]
    assert isinstance(watch, WakeAt)
    assert (watch.what, watch.at) == ("watch", NOW + timedelta(minutes=10))


async def test_one_attestation_covers_many_assets_by_digest(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    subjects = [("tool", hexdigest(TOOL)), ("dist/other", hexdigest(OTHER))]
    bundle = sigstore.attest(subjects, SLSA, {}, IDENTITY)
    files = {"tool": TOOL, "other": OTHER, "any-name.intoto.jsonl": bundle + b"\n"}
    decision = await outcome.of(Published(files))
    assert decision.verdict is Verdict.PASS
    assert check_of(decision).title == "2 assets verified"


async def test_an_attestation_at_github_covers_an_asset(sigstore: LocalSigstore, outcome: Outcome) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY, Form.REKOR_V2)
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [b"{}", bundle]})
    assert (await outcome.of(published)).verdict is Verdict.PASS


async def test_a_changed_asset_is_refused_as_tampered(sigstore: LocalSigstore, outcome: Outcome) -> None:
    published = signed(sigstore)
    published.files["tool"] = TOOL + b"!"
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["TAMPERED"])
    check = check_of(decision)
    assert check.conclusion is CheckConclusion.FAILURE
    assert check.title == "1 of 1 asset refused: tool (TAMPERED)"
    assert hexdigest(TOOL) in check.text
    assert hexdigest(TOOL + b"!") in check.text
    assert [effect.what for effect in decision.effects if isinstance(effect, WakeAt)] == ["watch"]


async def test_an_asset_without_a_signature_is_named_and_looked_at_again(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    published = signed(sigstore)
    published.files["extra"] = OTHER
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["UNCOVERED"])
    assert check_of(decision).title == "1 of 2 assets refused: extra (UNCOVERED)"
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert (wake.subject, wake.at) == (SUBJECT, NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        (replace(IDENTITY, ref="refs/heads/main"), "IDENTITY"),
        (replace(IDENTITY, workflow=".github/workflows/ci.yml"), "IDENTITY"),
        (replace(IDENTITY, repository="evil/tool"), "IDENTITY"),
        (replace(IDENTITY, sha="2" * 40), "TAG_MOVED"),
        (replace(IDENTITY, repository_id=666), "SOURCE_REPO"),
        (replace(IDENTITY, owner_id=666), "SOURCE_REPO"),
        (replace(IDENTITY, issuer="https://token.example"), "ISSUER"),
    ],
)
async def test_another_signer_is_refused_with_the_claim(
    sigstore: LocalSigstore, outcome: Outcome, identity: GitHubIdentity, code: str
) -> None:
    decision = await outcome.of(signed(sigstore, identity))
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, [code])
    assert "❌" in check_of(decision).text


async def test_another_repository_calling_the_same_reusable_workflow_is_refused(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    builder = "octo/shared/.github/workflows/build.yml@refs/tags/v2"
    section = ReleaseVerification(signers=(Signer(workflow=builder),))
    good = replace(IDENTITY, signer_workflow=builder)
    evil = replace(good, repository="evil/tool", repository_id=666)
    accepted = await outcome.of(replace(signed(sigstore, good), section=section))
    refused = await outcome.of(replace(signed(sigstore, evil), section=section))
    assert accepted.verdict is Verdict.PASS
    assert (refused.verdict, codes(refused)) == (Verdict.FAIL, ["SOURCE_REPO"])


async def test_any_one_of_several_signers_is_enough(sigstore: LocalSigstore, outcome: Outcome) -> None:
    section = ReleaseVerification(signers=(Signer(workflow=".github/workflows/old.yml"), Signer()))
    assert (await outcome.of(replace(signed(sigstore), section=section))).verdict is Verdict.PASS


async def test_a_policy_cannot_replace_what_ties_a_signature_to_the_tag(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    with pytest.raises(ValidationError, match="always the commit of the tag"):
        Signer(claims={"source_repository_digest": "2" * 40})
    moved = signed(sigstore, replace(IDENTITY, sha="2" * 40))
    assert (await outcome.of(replace(moved, section=ReleaseVerification()))).verdict is Verdict.FAIL


async def test_a_signed_file_under_another_name_is_refused(sigstore: LocalSigstore, outcome: Outcome) -> None:
    bundle = sigstore.attest([("tool-1.0", hexdigest(TOOL))], SLSA, {}, IDENTITY)
    published = Published({"tool-2.0": TOOL, "tool-2.0.sigstore.json": bundle})
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["SUBJECT_MISMATCH"])
    waived = replace(published, section=ReleaseVerification(match_names=False))
    assert (await outcome.of(waived)).verdict is Verdict.PASS


async def test_a_file_that_only_looks_like_a_bundle_needs_a_signature(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    published = signed(sigstore)
    published.files["evil.sigstore.json"] = b"#!/bin/sh"
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["UNCOVERED"])


async def test_githubs_own_form_is_undecided_never_tampered(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY, Form.GITHUB)
    decision = await outcome.of(Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]}))
    assert (decision.verdict, codes(decision)) == (
        Verdict.INCONCLUSIVE,
        ["TRUST_ROOT_ABSENT"],
    )
    assert check_of(decision).conclusion is CheckConclusion.FAILURE


async def test_a_verified_bundle_counts_beside_an_undecided_one(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    subjects = [("tool", hexdigest(TOOL))]
    bundles = [sigstore.attest(subjects, SLSA, {}, IDENTITY, form) for form in (Form.GITHUB, Form.REKOR_V1)]
    assert (await outcome.of(Published({"tool": TOOL}, {hexdigest(TOOL): bundles}))).verdict is Verdict.PASS


async def test_no_assets_is_pending_and_never_a_pass(outcome: Outcome) -> None:
    decision = await outcome.of(Published())
    assert (decision.verdict, codes(decision)) == (Verdict.WAITING, ["PENDING"])
    assert check_of(decision).status is CheckStatus.IN_PROGRESS
    state = decision.next_state
    assert state is not None
    assert replace(state, watch=None) == ReleaseState(
        NOW, COMMIT, "v1.0.0", Memory(REPOSITORY.installation_id)
    )
    late = await outcome.of(Published(), now=NOW + timedelta(minutes=30), since=NOW)
    assert late.verdict is Verdict.MISSING
    assert check_of(late).conclusion is CheckConclusion.FAILURE
    assert [effect.what for effect in late.effects if isinstance(effect, WakeAt)] == ["watch"]


async def test_exempt_assets_alone_are_no_pass(outcome: Outcome) -> None:
    published = Published({"notes.txt": b"x"}, section=ReleaseVerification(exempt=("*.txt",)))
    decision = await outcome.of(published, now=NOW + timedelta(hours=1), since=NOW)
    assert decision.verdict is Verdict.MISSING


async def test_an_exempt_asset_is_not_downloaded(sigstore: LocalSigstore, outcome: Outcome) -> None:
    published = signed(sigstore)
    published.files["notes.txt"] = b"x"
    published.broken["notes.txt"] = InvalidInput("download.too_large", "never asked for")
    published.section = ReleaseVerification(exempt=("notes.txt",))
    decision = await outcome.of(published)
    assert decision.verdict is Verdict.PASS
    assert "exempt" in check_of(decision).summary


async def test_an_unfinished_upload_is_waited_for(sigstore: LocalSigstore, outcome: Outcome) -> None:
    published = signed(sigstore)
    published.files["late"] = b""
    published.uploads["late"] = "starter"
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (Verdict.WAITING, ["PENDING"])
    assert [effect.kind for effect in decision.effects] == ["publish_check_run", "wake_at"]


async def test_bytes_that_differ_from_githubs_digest_are_tampered(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    published = signed(sigstore)
    published.recorded["tool"] = hexdigest(OTHER)
    assert codes(await outcome.of(published)) == ["TAMPERED"]


@pytest.mark.parametrize(
    ("error", "verdict", "code"),
    [
        (InvalidInput("download.too_large", "more than 2048 MiB"), Verdict.INCONCLUSIVE, "TOO_LARGE"),
        (InvalidInput("download.size_mismatch", "cut short"), Verdict.FAIL, "TAMPERED"),
    ],
)
async def test_bytes_that_cannot_be_had_are_no_pass(
    sigstore: LocalSigstore, outcome: Outcome, error: InvalidInput, verdict: Verdict, code: str
) -> None:
    published = signed(sigstore)
    published.broken["tool"] = error
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (verdict, [code])


async def test_an_outage_is_left_to_the_runner_to_retry(sigstore: LocalSigstore, outcome: Outcome) -> None:
    published = signed(sigstore)
    published.broken = dict.fromkeys(published.files, TransientError("github.outage", "502"))
    with pytest.raises(TransientError):
        await outcome.of(published)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"section": None}, Verdict.NOT_CONFIGURED),
        ({"exists": False}, Verdict.NOT_APPLICABLE),
        ({"draft": True}, Verdict.NOT_APPLICABLE),
    ],
)
async def test_what_is_not_to_be_judged_gets_no_check(
    sigstore: LocalSigstore, outcome: Outcome, change: dict[str, object], verdict: Verdict
) -> None:
    decision = await outcome.of(replace(signed(sigstore), **change))  # type: ignore[arg-type] # one field a case
    assert (decision.verdict, decision.effects) == (verdict, ())


async def test_a_release_without_its_tag_is_waited_for(outcome: Outcome) -> None:
    decision = await outcome.of(Published(commit=None))
    assert decision.verdict is Verdict.MISSING
    assert [effect.kind for effect in decision.effects] == ["wake_at"]


async def test_an_invalid_configuration_needs_a_person(sigstore: LocalSigstore, outcome: Outcome) -> None:
    errors = (ConfigError(3, 5, "release_verification.signers", "unknown key"),)
    with_last_good = await outcome.of(replace(signed(sigstore), errors=errors))
    without = await outcome.of(replace(signed(sigstore), errors=errors, section=None))
    for decision in (with_last_good, without):
        check = check_of(decision)
        assert decision.verdict is Verdict.ACTION_REQUIRED
        assert check.conclusion is CheckConclusion.ACTION_REQUIRED
        assert (check.annotations[0].path, check.annotations[0].start_line) == (".github/hephaestus.yml", 3)


async def test_pauses_grow_up_to_the_deadline(outcome: Outcome) -> None:
    async def pause(minutes: int) -> timedelta:
        now = NOW + timedelta(minutes=minutes)
        decision = await outcome.of(Published(), now=now, since=NOW)
        (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
        return wake.at - now

    assert [await pause(minutes) for minutes in (0, 3, 12, 28)] == [
        timedelta(minutes=1),
        timedelta(minutes=3),
        timedelta(minutes=10),
        timedelta(minutes=2),
    ]


def test_releases_and_own_timers_concern_a_release() -> None:
    event = ReleaseChanged(REPOSITORY, "published", 11, "v1.0.0")
    for action in ("published", "edited", "unpublished", "deleted"):
        targets = RELEASE_VERIFICATION.targets(APP, replace(event, action=action))
        assert [target.subject for target in targets] == [SUBJECT]
    assert RELEASE_VERIFICATION.targets(APP, replace(event, action="starred")) == ()
    woken = WokenUp(REPOSITORY, "release_verification", SUBJECT, "look again")
    assert [target.subject for target in RELEASE_VERIFICATION.targets(APP, woken)] == [SUBJECT]
    assert RELEASE_VERIFICATION.targets(APP, replace(woken, capability="quality_gate")) == ()


@pytest.mark.parametrize(
    "section",
    [
        {"signers": []},
        {"signers": [{"workflow": "release.yml"}]},
        {"signers": [{"workflow": ".github/workflows/.*"}]},
        {"signers": [{"workflow": "octo/shared/.github/workflows/build.yml"}]},
        {"exempt": ["*"]},
        {"unknown": 1},
        {"signers": [{"claims": {"Not A Name": "x"}}]},
    ],
)
def test_a_loose_or_unknown_policy_is_refused(section: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"validation error"):
        ReleaseVerification.model_validate_json(json.dumps(section))


async def test_the_default_policy_is_any_workflow_of_this_repository_at_the_tag(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    ship = replace(IDENTITY, workflow=".github/workflows/ship.yaml")
    published = replace(signed(sigstore, ship), known_signers=(VerifiedSigner(ship.san, 1, "v0.9.0"),))
    published.section = ReleaseVerification()
    assert (await outcome.of(published)).verdict is Verdict.PASS
    for other in (replace(IDENTITY, repository="evil/tool"), replace(IDENTITY, ref="refs/heads/main")):
        refused = replace(signed(sigstore, other), section=ReleaseVerification())
        assert (await outcome.of(refused)).verdict is Verdict.FAIL
