"""The gate takes what a run of the ledger signed, and refuses what is revoked, through the real verifier."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.adapters.sigstore import offline_verifier
from app.domain.ids import CommitSha, Sha256Hex
from app.domain.release import Outcome, VerificationOutcome, VerificationRequest
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import GitHubIdentity, LocalSigstore
from handlers.release_verification.backfill.ledger import late_signers, without_revoked
from handlers.release_verification.backfill.models import (
    PREDICATE_TYPE,
    Added,
    Answer,
    BackfillState,
    Level,
    PlannedItem,
    Revoked,
    Run,
    Signed,
)
from handlers.release_verification.bundles import BundleJudge, Found
from handlers.release_verification.identity import attached_to
from handlers.release_verification.pairing import Candidate
from handlers.release_verification.section import Backfill, ReleaseVerification
from tests.unit.handlers.release_verification.backfill.items import COMMIT, HEAD, NOW, PIN, REPOSITORY
from tests.unit.handlers.release_verification.backfill.test_deciding import APP
from tests.unit.handlers.release_verification.published import TOOL, attached, hexdigest

RUN = GitHubIdentity(
    repository="octo/tool",
    sha=HEAD,
    ref="refs/heads/main",
    workflow=PIN.workflow,
    event="workflow_dispatch",
    run_id=77,
)
URI = "https://github.com/octo/tool/actions/runs/77/attempts/1"
SECTION = ReleaseVerification(backfill=Backfill())
DIGEST = Sha256Hex(hexdigest(TOOL))
ITEM = PlannedItem(11, "v1", CommitSha(COMMIT), 5, "tool", 8, DIGEST, None, None, Level.E1)
SIGNED = Signed(DIGEST, URI, HEAD, Sha256Hex("d" * 64), None, NOW, ())
ADDED = Added("plan", 77, "main", PIN.workflow, ITEM, SIGNED, 31, NOW)
KNOWN = BackfillState(Answer("run", is_done=True, text="", at=NOW), added=(ADDED,))
REVOKED = replace(KNOWN, revoked=(Revoked("plan", (77,), "keeper", "root", NOW),))
GOING_ON = replace(KNOWN, added=(), runs=(Run("plan", DIGEST, PIN, "plan-1", (ITEM,), "key", NOW),))


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create()


@pytest.fixture(scope="module")
def verifier(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> BundleVerifier:
    path = tmp_path_factory.mktemp("trust") / "trusted_root.json"
    path.write_bytes(sigstore.trusted_root_json())
    return offline_verifier(path)


async def judged(
    verifier: BundleVerifier,
    sigstore: LocalSigstore,
    state: BackfillState | None,
    signer: GitHubIdentity = RUN,
) -> VerificationOutcome | None:
    """The last verdict for the late signers; None where there are none."""
    bundle = sigstore.attest([("tool", DIGEST)], PREDICATE_TYPE, {}, signer)
    outcome = None
    for expected in late_signers(state, SECTION, APP, REPOSITORY, "main"):
        asked = VerificationRequest(bundle, DIGEST, expected)
        outcome = await without_revoked(verifier, state).verify(asked)
    return outcome


async def test_what_a_run_of_the_ledger_signed_is_verified(
    verifier: BundleVerifier, sigstore: LocalSigstore
) -> None:
    outcome = await judged(verifier, sigstore, KNOWN)
    assert outcome is not None
    assert outcome.outcome is Outcome.VERIFIED, outcome.reason


@pytest.mark.parametrize(
    "signer",
    [
        replace(RUN, run_id=78),
        replace(RUN, sha="8" * 40),
        replace(RUN, event="push"),
        replace(RUN, ref="refs/heads/topic"),
        replace(RUN, repository_id=1002),
        replace(RUN, attempt=2),
    ],
)
async def test_another_run_of_the_same_workflow_is_not(
    verifier: BundleVerifier, sigstore: LocalSigstore, signer: GitHubIdentity
) -> None:
    outcome = await judged(verifier, sigstore, KNOWN, signer)
    assert outcome is not None
    assert outcome.outcome is Outcome.REJECTED


async def test_what_is_revoked_is_refused_by_that_name(
    verifier: BundleVerifier, sigstore: LocalSigstore
) -> None:
    outcome = await judged(verifier, sigstore, REVOKED)
    assert outcome is not None
    assert (outcome.outcome, outcome.code) == (Outcome.REJECTED, "REVOKED")


async def test_a_run_that_is_not_collected_yet_is_undecided_and_no_stranger(
    verifier: BundleVerifier, sigstore: LocalSigstore
) -> None:
    bundle = sigstore.attest([("tool", DIGEST)], PREDICATE_TYPE, {}, RUN)
    stranger = sigstore.attest([("tool", DIGEST)], PREDICATE_TYPE, {}, replace(RUN, ref="refs/heads/topic"))
    (expected,) = late_signers(KNOWN, SECTION, APP, REPOSITORY, "main")
    expected = replace(
        expected, identity="https://github.com/octo/tool/.github/workflows/release.yml@refs/tags/v1"
    )
    told = without_revoked(verifier, GOING_ON)
    outcomes = [await told.verify(VerificationRequest(raw, DIGEST, expected)) for raw in (bundle, stranger)]
    assert [(each.outcome, each.code) for each in outcomes] == [
        (Outcome.UNSUPPORTED, "PENDING"),
        (Outcome.REJECTED, "IDENTITY"),
    ]


async def test_a_run_that_goes_on_hides_nothing_that_was_collected_before(
    verifier: BundleVerifier, sigstore: LocalSigstore
) -> None:
    bundle = sigstore.attest([("tool", DIGEST)], PREDICATE_TYPE, attached(), RUN)
    state = replace(GOING_ON, added=(ADDED,))
    late = attached_to(late_signers(state, SECTION, APP, REPOSITORY, "main"), 11, CommitSha(COMMIT))
    builder = replace(
        late[0], identity="https://github.com/octo/tool/.github/workflows/release.yml@refs/tags/v1"
    )
    judge = BundleJudge(without_revoked(verifier, state), match_names=False)
    found = Found("attestation 1", None, Candidate(bundle, ()))
    tried = await judge.judge(found, (builder, *late), "tool", DIGEST)
    assert [each.code for each in tried] == ["PENDING", "VERIFIED"]


def test_nobody_signs_late_where_the_policy_does_not_say_so(verifier: BundleVerifier) -> None:
    assert late_signers(KNOWN, ReleaseVerification(), APP, REPOSITORY, "main") == ()
    assert late_signers(None, SECTION, APP, REPOSITORY, "main") == ()
    assert without_revoked(verifier, None) is verifier


def test_the_commits_that_the_policy_names_need_no_ledger() -> None:
    section = ReleaseVerification(backfill=Backfill(commits=(HEAD,)))
    (expected,) = late_signers(None, section, APP, REPOSITORY, "main")
    assert expected.one_of == (("build_signer_digest", (HEAD,)),)
