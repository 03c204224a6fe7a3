"""A run counts only as exactly what was approved: its file, its commit, its invocation, and the planned digests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import pytest

from app.adapters.sigstore import offline_verifier
from app.domain.ci import Job, RunAnnotation, WorkflowRun
from app.domain.ids import RepositoryId, Sha256Hex
from app.domain.pulls import FileContent
from app.domain.release import Attestation, AttestationList
from app.domain.repo import Subject
from app.errors import NotFound
from app.ports.artifacts import Downloads
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from app.ports.policies import Policies
from app.ports.records import EffectOutcome, Records
from app.standin.sigstore import GitHubIdentity, LocalSigstore
from app.standin.sigstore.canonical import JsonValue
from handlers.release_verification.backfill.collecting import facts_of
from handlers.release_verification.backfill.models import (
    PREDICATE_TYPE,
    BackfillState,
    Level,
    PlannedItem,
    Progress,
    Run,
    RunFacts,
)
from handlers.release_verification.section import Backfill, ReleaseVerification
from tests.unit.handlers.release_verification.backfill.items import COMMIT, HEAD, NOW, PIN, REPOSITORY
from tests.unit.handlers.release_verification.backfill.test_deciding import APP, SUBJECT

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTION = ReleaseVerification(backfill=Backfill())
DIGEST, OTHER = Sha256Hex("a" * 64), Sha256Hex("e" * 64)
ITEM = PlannedItem(11, "v1", COMMIT, 5, "tool", 8, DIGEST, None, None, Level.E1)
RUN = Run("plan", DIGEST, PIN, "plan-1", (ITEM,), "key", NOW)
FOUND = WorkflowRun(
    id=77,
    attempt=1,
    name="Sigstore backfill",
    path=PIN.workflow,
    trigger="workflow_dispatch",
    status="completed",
    conclusion="success",
    head_sha=HEAD,
    head_branch="main",
    head_repository_id=REPOSITORY.id,
    check_suite_id=1,
    created_at=NOW,
)
SIGNER = GitHubIdentity(
    repository="octo/tool",
    sha=HEAD,
    ref="refs/heads/main",
    workflow=PIN.workflow,
    event="workflow_dispatch",
    run_id=77,
)
STARTED = EffectOutcome(is_applied=True, result={"run_id": 77})


@dataclass
class Told:
    """What GitHub and the ledger answer."""

    outcome: EffectOutcome | None = STARTED
    found: WorkflowRun | None = FOUND
    blob: str | None = PIN.blob_sha
    bundles: Sequence[bytes] = ()
    notes: Sequence[str] = ("attestation 31",)
    gone: set[bytes] = field(default_factory=set)

    async def effect_outcome(self, subject: Subject, key: str) -> EffectOutcome | None:
        assert (subject, key) == (SUBJECT, RUN.effect)
        return self.outcome

    async def workflow_run(self, run_id: int) -> WorkflowRun | None:
        assert run_id == FOUND.id
        return self.found

    async def file(self, path: str, ref: str) -> FileContent | None:
        assert (path, ref) == (PIN.workflow, HEAD)
        return None if self.blob is None else FileContent(path, self.blob, b"")

    async def attestations_of(
        self, subjects: tuple[str, ...], *, predicate_type: str, limit: int
    ) -> dict[str, AttestationList]:
        assert (predicate_type, limit) == (PREDICATE_TYPE, 30)
        listed = AttestationList(tuple(Attestation(raw, None) for raw in self.bundles))
        return {subject: listed for subject in subjects if self.bundles}

    async def bundle(self, attestation: Attestation, max_bytes: int) -> bytes:
        raw = attestation.bundle or b""
        if raw in self.gone:
            raise NotFound("github.not_found", "the bundle is gone")
        assert len(raw) <= max_bytes
        return raw

    async def jobs(self, run_id: int, attempt: int) -> tuple[Job, ...]:
        return (Job(1, run_id, attempt, "attest", "completed", "success", (), check_run_id=9),)

    async def run_annotations(self, check_run_id: int) -> tuple[RunAnnotation, ...]:
        assert check_run_id == 9
        return tuple(
            RunAnnotation(".github", 1, "notice", "hephaestus-backfill", note) for note in self.notes
        )


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create()


@pytest.fixture(scope="module")
def verifier(sigstore: LocalSigstore, tmp_path_factory: pytest.TempPathFactory) -> BundleVerifier:
    path = tmp_path_factory.mktemp("trust") / "trusted_root.json"
    path.write_bytes(sigstore.trusted_root_json())
    return offline_verifier(path)


@pytest.fixture
def attested(sigstore: LocalSigstore) -> bytes:
    return signed(sigstore, SIGNER)


def signed(
    sigstore: LocalSigstore,
    signer: GitHubIdentity,
    *digests: str,
    kind: str = PREDICATE_TYPE,
    commit: str = COMMIT,
) -> bytes:
    """An attestation of these digests, by default of the planned one."""
    subjects = [("tool", digest) for digest in digests or (DIGEST,)]
    assets: list[JsonValue] = [
        {"release_id": 11, "tag_commit": commit, "sha256": digest} for _, digest in subjects
    ]
    return sigstore.attest(subjects, kind, {"assets": assets}, signer)


async def facts(told: Told, verifier: BundleVerifier, section: ReleaseVerification = SECTION) -> RunFacts:
    reading: Reading[BackfillState] = Reading(
        app_key=APP,
        own_app_id=7,
        subject=SUBJECT,
        repository=REPOSITORY,
        events=(),
        state=None,
        now=NOW,
        github=cast("GitHubReader", told),
        downloads=cast("Downloads", told),
        policies=cast("Policies", None),
        bundles=verifier,
        compute=cast("Compute", None),
        records=cast("Records", told),
    )
    return await facts_of(reading, section, RUN)


async def test_what_the_approved_run_attested_is_collected(verifier: BundleVerifier, attested: bytes) -> None:
    found = await facts(Told(bundles=(attested,)), verifier)
    (one,) = found.signed
    assert (found.progress, found.run_id, found.attestation_id, found.problems) == (
        Progress.ENDED,
        77,
        31,
        (),
    )
    assert (one.sha256, one.commit) == (DIGEST, HEAD)
    assert one.run_uri == "https://github.com/octo/tool/actions/runs/77/attempts/1"
    assert "log_index" in dict(one.facts)


@pytest.mark.parametrize(
    ("told", "progress"),
    [
        (Told(outcome=None), Progress.WAITING),
        (Told(found=replace(FOUND, status="in_progress")), Progress.WAITING),
        (Told(outcome=EffectOutcome(is_applied=False, reason="workflow_changed: no")), Progress.LOST),
        (Told(found=None), Progress.LOST),
        (Told(found=replace(FOUND, path=".github/workflows/ci.yml")), Progress.LOST),
        (Told(found=replace(FOUND, trigger="push")), Progress.LOST),
        (Told(found=replace(FOUND, head_branch="topic")), Progress.LOST),
        (Told(found=replace(FOUND, head_repository_id=RepositoryId(1002))), Progress.LOST),
        (Told(blob="c" * 40), Progress.LOST),
        (Told(blob=None), Progress.LOST),
    ],
)
async def test_another_run_than_the_approved_one_is_lost_whatever_it_attested(
    told: Told, progress: Progress, verifier: BundleVerifier, attested: bytes
) -> None:
    found = await facts(replace(told, bundles=(attested,)), verifier)
    assert (found.progress, found.signed) == (progress, ())


@pytest.mark.parametrize(
    "signer",
    [
        replace(SIGNER, run_id=78),
        replace(SIGNER, attempt=2),
        replace(SIGNER, sha="8" * 40),
        replace(SIGNER, ref="refs/heads/topic"),
        replace(SIGNER, event="push"),
        replace(SIGNER, workflow=".github/workflows/other.yml"),
        replace(SIGNER, repository="octo/fork"),
        replace(SIGNER, repository_id=1002),
        replace(SIGNER, owner_id=3003),
    ],
)
async def test_what_another_signed_does_not_count(
    signer: GitHubIdentity, verifier: BundleVerifier, sigstore: LocalSigstore
) -> None:
    found = await facts(Told(bundles=(signed(sigstore, signer),)), verifier)
    assert (found.signed, len(found.problems)) == ((), 1)


async def test_an_attestation_of_more_than_was_planned_or_of_another_kind_does_not_count(
    verifier: BundleVerifier, sigstore: LocalSigstore
) -> None:
    more = signed(sigstore, SIGNER, DIGEST, OTHER)
    provenance = signed(sigstore, SIGNER, kind="https://slsa.dev/provenance/v1")
    found = await facts(Told(bundles=(more, provenance)), verifier)
    assert found.signed == ()
    found = await facts(Told(bundles=(more,)), verifier)
    assert "1 digests that were not planned" in found.problems[0]


async def test_an_attestation_that_tells_of_another_release_does_not_count(
    verifier: BundleVerifier, sigstore: LocalSigstore
) -> None:
    found = await facts(Told(bundles=(signed(sigstore, SIGNER, commit=HEAD),)), verifier)
    assert found.signed == ()
    assert COMMIT in found.problems[0]


async def test_a_good_attestation_is_found_among_bad_ones(
    verifier: BundleVerifier, sigstore: LocalSigstore, attested: bytes
) -> None:
    gone = signed(sigstore, SIGNER)
    found = await facts(Told(bundles=(gone, b"{}", attested), gone={gone}), verifier)
    assert len(found.signed) == 1


async def test_a_run_that_failed_says_so_and_its_attestation_may_have_no_number(
    verifier: BundleVerifier, attested: bytes
) -> None:
    told = Told(found=replace(FOUND, conclusion="failure"), bundles=(attested,), notes=("attestation x",))
    found = await facts(told, verifier)
    assert (found.why, len(found.signed), found.attestation_id) == ("it ended: failure", 1, None)


async def test_nothing_is_collected_for_a_policy_without_a_backfill(
    verifier: BundleVerifier, attested: bytes
) -> None:
    found = await facts(Told(bundles=(attested,)), verifier, ReleaseVerification())
    assert (found.signed, found.why) == ((), "release_verification.backfill is gone from the policy")
