"""A commit that cannot be judged at first hears of it where the repository asked for verdicts, and nowhere else."""

from __future__ import annotations

from app.standin.github.faults import Fault, Faults
from app.standin.github.hooks import idle
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, until
from tests.acceptance.tenants import commit


async def test_a_first_evaluation_that_fails_asks_for_a_person_where_the_repository_opted_in(
    everything: Running,
) -> None:
    world = everything.world
    world.app.events = ["pull_request"]
    judged, failing = commit(world.repository, "judged"), commit(world.repository, "failing")
    judged.propose()
    assert await until(lambda: checks(world, judged.repository, judged.sha))
    world.github.part(Faults).inject(Fault.GONE, method="GET", path="/repos/forge/anvil.*", times=None)
    failing.propose()
    await idle(world.github)
    assert await until(lambda: checks(world, failing.repository, failing.sha))
    (run,) = checks(world, failing.repository, failing.sha)
    assert (run.status, run.conclusion) == ("completed", "action_required")
