"""Many events about one commit are few evaluations, and the last of these saw the last event."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing

from app.standin.github import checks as standin
from app.standin.github.hooks import idle
from app.standin.github.state import ACTIONS_APP_ID
from tests.acceptance.conftest import Running
from tests.acceptance.process import deliveries
from tests.acceptance.tenants import commit

EVENTS = 50


async def test_fifty_events_in_two_seconds_are_three_evaluations_at_most(everything: Running) -> None:
    world = everything.world
    world.app.events = ["check_run"]
    one = commit(world.repository, "topic")
    actions, begin = world.github.apps[ACTIONS_APP_ID], time.monotonic()
    for number in range(EVENTS):
        body = {"name": f"job {number}", "head_sha": one.sha, "status": "completed", "conclusion": "success"}
        run = standin.add_run(world.repository, actions, body)
        standin.tell(world.repository, run, "completed", world.repository.owner)
        await asyncio.sleep(0.02)
    await idle(world.github)
    took = time.monotonic() - begin
    sent = [each for each in deliveries(world, "check_run") if each.sent.body.count(b'"job ')]
    assert len(sent) == EVENTS
    assert all(each.is_success for each in sent)
    evaluations = await covering(everything)
    assert len({identity for identity, _ in evaluations}) <= 3, f"{EVENTS} events in {took:.1f} s"
    covered = {guid for _, guid in evaluations}
    assert {each.sent.guid for each in sent} <= covered
    newest = max({identity for identity, _ in evaluations}, key=lambda each: int(each.rpartition("|")[2]))
    last = last_received(everything)
    assert (newest, last) in evaluations


async def covering(everything: Running) -> list[tuple[str, str]]:
    """(evaluation, delivery that it covers) once none is left to do."""
    query = """
        select e.id, d.guid, e.state from evaluation e
        join coverage c on c.evaluation_id = e.id join delivery d on d.seq = c.delivery_seq
        where e.capability = 'quality_gate' and e.state != 'superseded'
    """
    async with asyncio.timeout(30):
        while True:
            found = read(everything, query)
            if found and all(state == "done" for _, _, state in found):
                return [(identity, guid) for identity, guid, _ in found]
            await asyncio.sleep(0.05)


def last_received(everything: Running) -> str:
    query = "select guid from delivery where event = 'check_run' and action = 'completed' order by seq desc limit 1"
    return str(read(everything, query)[0][0])


def read(everything: Running, query: str) -> list[tuple[str, ...]]:
    path = everything.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(query).fetchall()
