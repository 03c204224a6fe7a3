"""The check suites of workflows: by them a check that GitHub Actions made is known as that of a workflow file. Reads only."""

from __future__ import annotations

from app.domain.ci import WorkflowRun
from app.ports.github_reader import GitHubReader
from handlers.quality_gate.evidence.people import Acceptance
from handlers.quality_gate.evidence.runs import Suite
from handlers.quality_gate.gathering.trusting import TrustReader
from handlers.quality_gate.section import QualityGate

COMPLETED = "completed"


def suites_of(runs: tuple[WorkflowRun, ...]) -> tuple[int, ...]:
    """The ids of the suites of these runs, ascending: only GitHub Actions has checks in them."""
    return tuple(sorted({run.check_suite_id for run in runs if run.check_suite_id is not None}))


async def read_suites(
    github: GitHubReader,
    runs: tuple[WorkflowRun, ...],
    section: QualityGate,
    trust: TrustReader,
    acceptances: tuple[Acceptance, ...],
) -> tuple[Suite, ...]:
    """The suites of the newest runs of workflows whose checks the policy asks for, in their order."""
    gate = section.gates.checks
    wanted = {each.workflow for each in gate.require} if gate is not None else set()
    return tuple(
        [
            Suite(
                run.check_suite_id,
                run.path,
                run.id,
                run.attempt,
                await trust.of(run, None),
                any((run.id, run.attempt) in each.runs for each in acceptances),
                await _ended_jobs(github, run),
            )
            for run in runs
            if run.path in wanted and run.check_suite_id is not None
        ]
    )


async def _ended_jobs(github: GitHubReader, run: WorkflowRun) -> tuple[tuple[str, str | None], ...] | None:
    """See `Suite.ended_jobs`: GitHub shows the checks of the attempt before until a job of this one takes their place."""
    if run.attempt == 1 or run.status == COMPLETED:
        return None
    jobs = await github.jobs(run.id, run.attempt)
    return tuple((job.name, job.conclusion) for job in jobs if job.status == COMPLETED)
