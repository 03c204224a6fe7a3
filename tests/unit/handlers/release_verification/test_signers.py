"""A workflow that never signed a verified release before waits for a person, who is asked for by a button."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from app.adapters.sigstore import offline_verifier
from app.domain.decision import Decision, Verdict
from app.domain.effects import CheckConclusion
from app.domain.events import Actor, ButtonClicked, Event, WokenUp
from app.domain.receipts import VerifiedSigner
from app.domain.repo import SubjectKind
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import LocalSigstore
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification.gathering import click
from handlers.release_verification.models import ReleaseState
from handlers.release_verification.section import ReleaseVerification, Signer
from tests.unit.handlers.release_verification.published import (
    APP,
    COMMIT,
    IDENTITY,
    NOW,
    REPOSITORY,
    SUBJECT,
    Published,
    check_of,
    codes,
    gathered,
    signed,
)

NAME = "hephaestus/release-verification (v1.0.0)"
KEEPER, WRITER = Actor(1, "keeper", is_bot=False), Actor(2, "writer", is_bot=False)
ANY = ReleaseVerification(informational=False)
STATE = TypeAdapter(ReleaseState)


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create(NOW - timedelta(minutes=5))


@pytest.fixture(scope="module")
def verifier(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> BundleVerifier:
    path = tmp_path_factory.mktemp("root") / "trusted_root.json"
    path.write_bytes(sigstore.trusted_root_json())
    return offline_verifier(path)


@pytest.fixture
def published(sigstore: LocalSigstore) -> Published:
    roles = {KEEPER.id: "maintain", WRITER.id: "write"}
    return replace(signed(sigstore), section=ANY, known_signers=(), roles=roles)


async def decided(
    published: Published,
    verifier: BundleVerifier,
    folder: Path,
    *events: Event,
    state: ReleaseState | None = None,
) -> Decision[ReleaseState]:
    evidence = await gathered(published, verifier, folder, events=events, state=state)
    return RELEASE_VERIFICATION.decide(evidence)


def pressed(decision: Decision[ReleaseState], actor: Actor) -> WokenUp:
    (button,) = check_of(decision).buttons
    return WokenUp(REPOSITORY, "release_verification", SUBJECT, click(button.identifier, actor))


async def test_a_workflow_that_is_new_waits_for_a_person(
    published: Published, verifier: BundleVerifier, tmp_path: Path
) -> None:
    decision = await decided(published, verifier, tmp_path)
    check = check_of(decision)
    assert (decision.verdict, codes(decision)) == (Verdict.ACTION_REQUIRED, ["NEW_SIGNER"])
    assert check.conclusion is CheckConclusion.ACTION_REQUIRED
    assert [button.label for button in check.buttons] == ["Accept signer"]


async def test_one_that_signed_a_verified_release_before_does_not(
    published: Published, verifier: BundleVerifier, tmp_path: Path
) -> None:
    before = IDENTITY.san.replace("v1.0.0", "v0.9.0")
    published.known_signers = (VerifiedSigner(before, 7, "v0.9.0"),)
    assert (await decided(published, verifier, tmp_path)).verdict is Verdict.PASS


async def test_what_the_same_release_counted_as_verified_makes_nobody_known(
    published: Published, verifier: BundleVerifier, tmp_path: Path
) -> None:
    published.known_signers = (VerifiedSigner(IDENTITY.san, int(SUBJECT.ident), "v1.0.0"),)
    assert (await decided(published, verifier, tmp_path)).verdict is Verdict.ACTION_REQUIRED


async def test_whom_the_policy_names_exactly_needs_nobody(
    published: Published, verifier: BundleVerifier, tmp_path: Path
) -> None:
    published.section = ReleaseVerification(signers=(Signer(workflow=".github/workflows/release.yml"),))
    assert (await decided(published, verifier, tmp_path)).verdict is Verdict.PASS


async def test_a_maintainer_accepts_it_for_good(
    published: Published, verifier: BundleVerifier, tmp_path: Path
) -> None:
    asked = await decided(published, verifier, tmp_path)
    accepted = await decided(published, verifier, tmp_path, pressed(asked, KEEPER), state=asked.next_state)
    assert accepted.verdict is Verdict.PASS
    assert accepted.next_state is not None
    (one,) = accepted.next_state.accepted
    assert (one.by, one.by_id, one.signer) == ("keeper", 1, IDENTITY.san.partition("@")[0])
    kept = STATE.validate_json(STATE.dump_json(accepted.next_state))
    assert (await decided(published, verifier, tmp_path, state=kept)).verdict is Verdict.PASS


async def test_who_may_only_write_may_not_accept_and_reads_why(
    published: Published, verifier: BundleVerifier, tmp_path: Path
) -> None:
    asked = await decided(published, verifier, tmp_path)
    refused = await decided(published, verifier, tmp_path, pressed(asked, WRITER), state=asked.next_state)
    assert refused.verdict is Verdict.ACTION_REQUIRED
    assert "writer may not accept a signer" in check_of(refused).summary


async def test_a_press_counts_only_for_whom_it_was_shown(
    sigstore: LocalSigstore, published: Published, verifier: BundleVerifier, tmp_path: Path
) -> None:
    press = pressed(await decided(published, verifier, tmp_path), KEEPER)
    other = signed(sigstore, replace(IDENTITY, workflow=".github/workflows/evil.yml"))
    published.files = other.files
    assert (await decided(published, verifier, tmp_path, press)).verdict is Verdict.ACTION_REQUIRED


async def test_a_press_concerns_the_commit_of_the_check_run() -> None:
    event = ButtonClicked(REPOSITORY, COMMIT, 7, 5, NAME, "", "signer-1", KEEPER)
    (target,) = RELEASE_VERIFICATION.targets(APP, event)
    assert (target.subject.kind, target.subject.ident) == (SubjectKind.SHA, COMMIT)
    for foreign in (replace(event, app_id=8), replace(event, check_name="hephaestus/gate")):
        assert RELEASE_VERIFICATION.targets(APP, foreign) == ()
