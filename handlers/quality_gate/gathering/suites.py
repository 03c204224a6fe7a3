"""The check suites of workflows: by them a check that GitHub Actions made is known as that of a workflow file. Reads only."""

from __future__ import annotations

from app.domain.ci import WorkflowRun
from handlers.quality_gate.evidence.people import Acceptance
from handlers.quality_gate.evidence.runs import Suite
from handlers.quality_gate.gathering.trusting import TrustReader
from handlers.quality_gate.section import QualityGate


def suites_of(runs: tuple[WorkflowRun, ...]) -> tuple[int, ...]:
    """The ids of the suites of these runs, ascending: only GitHub Actions has checks in them."""
    return tuple(sorted({run.check_suite_id for run in runs if run.check_suite_id is not None}))


async def read_suites(
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
            )
            for run in runs
            if run.path in wanted and run.check_suite_id is not None
        ]
    )
