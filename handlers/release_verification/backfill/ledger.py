"""What the gate asks the ledger of backfills: which runs signed by an approved plan, and whose bundles are refused for good."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from app.domain.ids import AppKey
from app.domain.release import ExpectedIdentity, Outcome, VerificationOutcome, VerificationRequest
from app.domain.release_codes import ReleaseCode
from app.domain.repo import Repository, Subject, SubjectKind
from app.ports.bundles import BundleVerifier
from app.ports.records import Records
from handlers.release_verification.backfill.models import PREDICATE_TYPE, BackfillState, open_run
from handlers.release_verification.backfill.running import NAME
from handlers.release_verification.bundles import IDENTITY
from handlers.release_verification.identity import backfill_identity
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import BRANCH

STATE: TypeAdapter[BackfillState] = TypeAdapter(BackfillState)
RUN = re.compile(r".*/actions/runs/(\d{1,18})/attempts/\d{1,9}")


async def ledger_of(records: Records, app_key: AppKey, repository: Repository) -> BackfillState | None:
    """What is remembered of the repository's backfill."""
    subject = Subject(app_key, repository.id, SubjectKind.REPOSITORY, str(repository.id))
    kept = await records.states(NAME, (subject,))
    return STATE.validate_json(kept[0][1]) if kept else None


def late_signers(
    state: BackfillState | None,
    section: ReleaseVerification,
    app_key: AppKey,
    repository: Repository,
    branch: str,
) -> tuple[ExpectedIdentity, ...]:
    """Who may have signed after the release: the commits that the policy names, and the runs that the ledger has.

    Those that were revoked are among them: `without_revoked` tells them from strangers, whose signatures speak against a release.
    """
    if section.backfill is None:
        return ()
    found = (
        [backfill_identity(section, app_key, repository, branch, PREDICATE_TYPE)]
        if section.backfill.commits
        else []
    )
    added = state.added if state else ()
    for workflow, at in sorted({(each.workflow, each.branch) for each in added}):
        ours = [each for each in added if (each.workflow, each.branch) == (workflow, at)]
        commits = tuple(sorted({each.signed.commit for each in ours}))
        policy = section.backfill.model_copy(update={"workflow": workflow, "commits": commits})
        strict = section.model_copy(update={"backfill": policy})
        identity = backfill_identity(strict, app_key, repository, at, PREDICATE_TYPE)
        uris = tuple(sorted({each.signed.run_uri for each in ours}))
        found += [identity and replace(identity, one_of=(*identity.one_of, ("run_invocation_uri", uris)))]
    return tuple(each for each in found if each is not None)


@dataclass(frozen=True, slots=True)
class WithoutRevoked:
    """A verifier that refuses what runs of revoked plans signed, whoever else would accept it.

    What names `awaited`, the workflow of a run that goes on, as its signer is undecided until the run is collected.
    """

    verifier: BundleVerifier
    run_ids: frozenset[int]
    awaited: str = ""

    async def verify(self, request: VerificationRequest) -> VerificationOutcome:
        """As the verifier; what it verified of a revoked run is rejected."""
        outcome = await self.verifier.verify(request)
        if outcome.outcome is Outcome.REJECTED and self.awaited:
            return self._undecided(outcome)
        said = RUN.fullmatch(dict(outcome.facts).get("run_invocation_uri", ""))
        if outcome.outcome is not Outcome.VERIFIED or said is None or int(said[1]) not in self.run_ids:
            return outcome
        why = f"the run {said[1]} signed it by a plan that was rolled back"
        return replace(outcome, outcome=Outcome.REJECTED, code=ReleaseCode.REVOKED, reason=why)

    def _undecided(self, outcome: VerificationOutcome) -> VerificationOutcome:
        shown = {check.actual for check in outcome.claims if check.claim == IDENTITY}
        if not any((actual or "").endswith(self.awaited) for actual in shown):
            return outcome
        why = "a run of the backfill goes on, and is not collected yet"
        return replace(outcome, outcome=Outcome.UNSUPPORTED, code=ReleaseCode.PENDING, reason=why)


def without_revoked(verifier: BundleVerifier, state: BackfillState | None) -> BundleVerifier:
    """The verifier, told what is revoked, and which run goes on."""
    run_ids = frozenset(number for each in (state.revoked if state else ()) for number in each.run_ids)
    run = open_run(state)
    awaited = f"/{run.pin.workflow}@{BRANCH}{run.pin.branch}" if run else ""
    return WithoutRevoked(verifier, run_ids, awaited) if run_ids or awaited else verifier
