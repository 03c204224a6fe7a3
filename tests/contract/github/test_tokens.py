from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from app.errors import AccessDenied, NotFound, TransientError
from app.standin.github.faults import Fault, Faults
from tests.contract.github.conftest import Client


def mints(client: Client) -> int:
    return sum(one.route.endswith("/access_tokens") for one in client.seen)


async def test_one_token_is_minted_for_all_who_ask_at_once(client: Client) -> None:
    reader = client.reader
    await asyncio.gather(*(reader.branch(f"b{number}") for number in range(8)))
    assert mints(client) == 1


async def test_a_token_is_renewed_before_it_expires(client: Client) -> None:
    await client.reader.default_branch()
    client.world.clock.offset = timedelta(minutes=56)
    await client.reader.default_branch()
    assert mints(client) == 2
    assert 401 not in client.statuses


async def test_a_fresh_token_that_github_does_not_know_yet_is_offered_again(client: Client) -> None:
    client.world.github.settings.token_replication_delay = timedelta(seconds=0.6)
    await client.reader.default_branch()
    assert 401 in client.statuses
    assert mints(client) == 1


async def test_an_old_token_that_was_revoked_is_replaced_once(client: Client) -> None:
    await client.reader.default_branch()
    client.world.clock.offset = timedelta(minutes=1)
    client.world.github.part(Faults).inject(Fault.BAD_CREDENTIALS, path="/repos/.*")
    await client.reader.branch("other")
    assert mints(client) == 2


async def test_a_token_that_is_always_refused_is_a_no(client: Client) -> None:
    await client.reader.default_branch()
    client.world.clock.offset = timedelta(minutes=1)
    client.world.github.part(Faults).inject(Fault.BAD_CREDENTIALS, path="/repos/.*", times=None)
    with pytest.raises(AccessDenied, match=r"github\.unauthorized"):
        await client.reader.branch("other")


async def test_the_tokens_reach_one_repository_alone(client: Client) -> None:
    other = client.world.github.add_repository("forge/other", {"a": "b"})
    await client.reader.default_branch()
    (token,) = client.world.github.tokens.values()
    assert token.repository_ids == {client.world.anvil.id}
    assert other.id not in token.repository_ids
    assert set(token.permissions.values()) == {"read"}


async def test_reading_goes_on_with_what_was_granted(client: Client) -> None:
    del client.world.installation.permissions["attestations"]
    assert (await client.reader.default_branch()).name == "main"
    assert "attestations" not in next(iter(client.world.github.tokens.values())).permissions


async def test_a_suspended_installation_is_a_no_without_waiting(client: Client) -> None:
    client.world.installation.suspended_at = client.world.clock()
    with pytest.raises(AccessDenied, match=r"github\.suspended"):
        await client.reader.default_branch()
    assert len(client.seen) == 1


async def test_a_limit_on_the_apps_own_requests_holds_all_of_them_back_until_the_time_named(
    client: Client,
) -> None:
    rule = client.world.github.part(Faults).inject(Fault.SECONDARY_LIMIT, path="/app/.*", seconds=300)
    with pytest.raises(TransientError, match="secondary_limit") as refused:
        await client.reader.default_branch()
    for again in (
        client.reader.default_branch(),
        client.writer(contents="write").branch_head("main"),
        client.github.admin().identity(),
    ):
        with pytest.raises(TransientError, match="paced") as held:
            await again
        assert held.value.retry_at == refused.value.retry_at
    assert (rule.hits, len(client.seen)) == (1, 1)
    client.world.clock.offset = timedelta(seconds=305)
    assert (await client.reader.default_branch()).name == "main"


async def test_a_limit_on_the_apps_own_requests_stops_no_token_that_is_there(client: Client) -> None:
    await client.reader.default_branch()
    client.world.github.part(Faults).inject(Fault.SECONDARY_LIMIT, path="/app", seconds=300)
    with pytest.raises(TransientError, match="secondary_limit"):
        await client.github.admin().identity()
    assert (await client.reader.default_branch()).name == "main"


async def test_closing_has_github_forget_every_token(client: Client) -> None:
    await client.reader.default_branch()
    await client.writer(contents="write").branch_head("main")
    assert len(client.world.github.tokens) == 2
    await client.github.aclose()
    assert client.world.github.tokens == {}


async def test_closing_does_not_wait_for_a_github_that_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.adapters.github.REVOKING_S", 0.2)
    await client.reader.default_branch()
    rule = client.world.github.part(Faults).inject(Fault.SLOW, path="/installation/token", seconds=3)
    await client.github.aclose()
    assert rule.hits == 1
    assert client.world.github.tokens != {}


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.CUT_BEFORE, Fault.BAD_CREDENTIALS])
async def test_closing_never_fails(client: Client, fault: Fault) -> None:
    await client.reader.default_branch()
    rule = client.world.github.part(Faults).inject(fault, path="/installation/token")
    await client.github.aclose()
    assert rule.hits == 1


async def test_a_repository_that_is_not_there_is_not_found(client: Client) -> None:
    client.world.github.part(Faults).inject(Fault.NOT_FOUND, path="/repos/.*")
    with pytest.raises(NotFound):
        await client.reader.default_branch()
