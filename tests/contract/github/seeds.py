"""What GitHub Actions left behind in the stand-in: a run that failed, with logs and an artifact."""

from __future__ import annotations

from app.standin.github.actions import PlannedJob, WorkflowRun, complete_run
from tests.contract.standin.conftest import World

CI = ".github/workflows/ci.yml"


def failed_run(world: World, log: bytes = b"##[error]boom\n") -> WorkflowRun:
    """A run on the head of main with the jobs `lint` (success) and `test` (failure, with this log)."""
    jobs = (PlannedJob("lint"), PlannedJob("test", "failure", log))
    artifacts = {"reports": {"junit.xml": b"<testsuite/>"}}
    return complete_run(world.anvil, CI, world.anvil.git.resolve("main") or "", jobs, artifacts)
