"""`HEPHAESTUS_MODE=observe`: everything is decided and recorded, nothing is written; what is `off` is not even asked."""

from __future__ import annotations

from pathlib import Path

from app.bootstrap.service import running_service
from app.cli.demo import environment
from app.cli.demo_world import CI, COBERTURA, JUNIT, LOG
from app.domain.delivery import DeliveryState
from app.settings import Settings
from app.standin.github.contract import Contract
from app.standin.github.releases import repository_release
from app.standin.github.runs import PlannedJob
from app.standin.github.server import running
from app.standin.github.workflows import complete_run
from tests.acceptance.conftest import SECRET, NewWorld
from tests.acceptance.process import checks, quiet
from tests.acceptance.tenants import commit


async def test_what_is_observed_is_decided_and_recorded_and_never_written(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    one = commit(world.repository, "topic")
    async with running(world.github) as github:
        modes = {"HEPHAESTUS_MODE": "observe", "HEPHAESTUS_MODE_RELEASE_VERIFICATION": "off"}
        environ = {**environment(world, tmp_path, github.url, SECRET), **modes}
        settings = Settings.load(environ)
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            one.propose()
            one.report({"test-report": {"r.xml": JUNIT}, "coverage": {"c.xml": COBERTURA}})
            jobs = [PlannedJob("test", "failure", log=LOG)]
            complete_run(world.repository, CI, world.policy_sha, jobs, head_branch="main")
            repository_release(world.repository, "v1", {"anvil.bin": b"anvil"}, target=world.policy_sha)
            rows = await quiet(world, settings)
    done = [handler for row in rows for handler in row.handlers]
    assert {
        row.error for row in rows if row.state in {DeliveryState.FAILED, DeliveryState.QUARANTINED}
    } == set()
    assert ("quality_gate", "fail") in {(handler.handler, handler.verdict) for handler in done}
    assert ("remediation", "acted") in {(handler.handler, handler.verdict) for handler in done}
    written = {
        (effect.kind, effect.state)
        for handler in done
        for effect in handler.effects
        if effect.kind != "wake_at"
    }
    assert written == {("publish_check_run", "refused"), ("open_pull_request", "refused")}
    off = "switched off: release_verification (HEPHAESTUS_MODE_RELEASE_VERIFICATION=off)"
    assert {(row.state, row.error) for row in rows if row.event == "release"} == {
        (DeliveryState.IGNORED, off)
    }
    assert checks(world, one.repository, one.sha) == []
    assert len(world.repository.pulls) == 1
    calls = world.github.part(Contract).calls
    assert {
        call.method for call in calls if not call.path.endswith(("/access_tokens", "/installation/token"))
    } == {"GET"}
