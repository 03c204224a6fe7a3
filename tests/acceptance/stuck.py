"""`python -m tests.acceptance.stuck ROLE`: the service with one capability more, which never ends where `STUCK` is set.

Of a pull request from a branch `parse` the reading of bytes hangs, of one from a branch `decide` the decision.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.cli.root import main
from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import CheckConclusion, CheckStatus, Effect, PublishCheckRun
from app.domain.events import Event, PullRequestChanged
from app.domain.ids import AppKey, CommitSha
from app.domain.repo import Repository, Subject, SubjectKind, Target
from app.ports.handler import Lane, Reading
from handlers.builtin import CAPABILITIES

NAME = "stuck"
FOR_EVER_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What was gathered; `hangs_s` is how long the decision takes."""

    repository: Repository
    sha: CommitSha
    hangs_s: float


@dataclass(frozen=True, slots=True)
class Nothing:
    """It remembers nothing."""


class Stuck:
    """The capability."""

    name = NAME
    lane = Lane.GATE
    time_limit = timedelta(minutes=10)
    evidence_type = Seen
    state_type = Nothing

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        if not isinstance(event, PullRequestChanged):
            return ()
        subject = Subject(app_key, event.repository.id, SubjectKind.SHA, event.head_sha)
        return (Target(subject, event.repository),)

    async def gather(self, reading: Reading[Nothing]) -> Seen:
        names = {each.head_ref for each in reading.events if isinstance(each, PullRequestChanged)}
        hanging = names & {"parse", "decide"} if os.environ.get("STUCK") else set()
        if "parse" in hanging:
            await reading.compute.run(time.sleep, FOR_EVER_S)
        hangs_s = FOR_EVER_S if "decide" in hanging else 0.0
        return Seen(reading.repository, reading.subject.sha, hangs_s)

    def decide(self, evidence: Seen) -> Decision[Nothing]:
        time.sleep(evidence.hangs_s)
        check = PublishCheckRun(
            evidence.repository,
            evidence.sha,
            NAME,
            CheckStatus.COMPLETED,
            CheckConclusion.SUCCESS,
            "It ended",
            "",
        )
        return Decision(Verdict.PASS, (Reason("ok", "it ended"),), (check,))

    def reopening(self, target: Target, state: Nothing, events: tuple[Event, ...]) -> tuple[Effect, ...]:  # noqa: ARG002 (the port's shape)
        return ()

    def retrying(
        self,
        target: Target,  # noqa: ARG002 (the port's shape)
        state: Nothing | None,  # noqa: ARG002 (likewise)
        reason: Reason,  # noqa: ARG002 (likewise)
        at: datetime,  # noqa: ARG002 (likewise)
    ) -> tuple[Effect, ...]:
        return ()

    def give_up(self, target: Target, state: Nothing | None, reason: Reason) -> tuple[Effect, ...]:  # noqa: ARG002 (the port's shape)
        return ()


if __name__ == "__main__":
    CAPABILITIES[NAME] = Stuck()
    main()
