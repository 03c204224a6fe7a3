from __future__ import annotations

from datetime import timedelta

import pytest

from app.bootstrap.service import credentials_of
from app.errors import PermanentError, TransientError
from app.standin.github.faults import Fault, Faults
from app.standin.github.hooks import idle, sending
from tests.contract.github.conftest import Client


async def test_the_app_says_what_it_may_do(client: Client) -> None:
    identity = await client.github.admin().identity()
    assert identity.id == client.world.app.id
    assert ("checks", "write") in identity.permissions
    assert "push" in identity.events


async def test_a_wrong_clock_is_corrected_by_githubs(client: Client) -> None:
    broker = client.github._tokens
    broker._skew = timedelta(hours=-3)
    assert (await client.github.admin().identity()).id == client.world.app.id
    assert abs(broker._skew) < timedelta(seconds=5)
    assert [one.status for one in client.seen] == [401, 200]


async def test_another_apps_key_is_a_no(client: Client) -> None:
    client.github._tokens._app_id += 1
    with pytest.raises(PermanentError, match=r"github\."):
        await client.github.admin().identity()


async def test_a_limit_says_nothing_against_the_credentials_and_is_not_asked_about(client: Client) -> None:
    rule = client.world.github.part(Faults).inject(Fault.SECONDARY_LIMIT, path="/app", times=None)
    check = credentials_of(client.github.admin())
    await check()
    await check()
    assert rule.hits == 1


async def test_credentials_are_not_in_order_while_github_is_away(client: Client) -> None:
    client.world.github.part(Faults).inject(Fault.BAD_GATEWAY, path="/app")
    with pytest.raises(TransientError, match="unavailable"):
        await credentials_of(client.github.admin())()


async def test_failed_deliveries_are_listed_and_asked_for_again(client: Client) -> None:
    world = client.world
    world.app.webhook_url, world.app.webhook_secret = "http://127.0.0.1:9/hook", "secret"
    sha, admin = (await client.reader.default_branch()).sha, client.github.admin()
    async with sending(world.github):
        await client.writer(contents="write").create_branch("pushed", sha)
        await idle(world.github)
        first = [one async for one in admin.hook_deliveries()]
        await admin.redeliver(first[0].id)
        await idle(world.github)
    again = [one async for one in admin.hook_deliveries()]
    assert not any(one.ok for one in again)
    assert len(again) == len(first) + 1
    assert (again[0].guid, again[0].redelivery) == (first[0].guid, True)
