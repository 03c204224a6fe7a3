from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from app.adapters.github.exchange import CacheMode
from app.domain.effects import FileChange
from app.errors import Conflict, TransientError
from app.standin.github.faults import Fault, Faults
from app.standin.github.limits import Limits
from app.standin.github.pushes import person
from tests.contract.github.conftest import Client


def break_(
    client: Client, fault: Fault, *, times: int | None = 1, method: str = "", seconds: float = 60
) -> None:
    client.world.github.part(Faults).inject(
        fault, path="/repos/.*|/graphql", times=times, method=method, seconds=seconds
    )


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.CUT_BEFORE, Fault.CUT_BODY])
async def test_a_read_is_repeated_while_github_is_unwell(client: Client, fault: Fault) -> None:
    break_(client, fault, times=2)
    assert (await client.reader.default_branch()).name == "main"


async def test_a_read_gives_up_after_three_times(client: Client) -> None:
    break_(client, Fault.BAD_GATEWAY, times=None)
    with pytest.raises(TransientError, match=r"github\.unavailable"):
        await client.reader.default_branch()
    assert client.statuses == [502, 502, 502]


@pytest.mark.parametrize(
    "fault", [Fault.BAD_GATEWAY_AFTER, Fault.CUT_AFTER, Fault.CUT_BEFORE, Fault.BAD_GATEWAY]
)
async def test_a_write_is_never_repeated_by_itself(client: Client, fault: Fault) -> None:
    sha = (await client.reader.default_branch()).sha
    break_(client, fault, method="POST")
    with pytest.raises(TransientError):
        await client.writer(contents="write").create_branch("fix/one", sha)
    posts = [one for one in client.seen if one.method == "POST" and one.route.endswith("/git/refs")]
    assert len(posts) == 1


async def test_a_secondary_limit_blocks_the_installation_until_the_time_named(client: Client) -> None:
    break_(client, Fault.SECONDARY_LIMIT, seconds=90)
    with pytest.raises(TransientError, match="secondary_limit") as caught:
        await client.reader.default_branch()
    assert caught.value.retry_at is not None
    sent = len(client.seen)
    with pytest.raises(TransientError, match="paced"):
        await client.reader.default_branch()
    assert len(client.seen) == sent
    client.world.clock.offset = timedelta(seconds=95)
    assert (await client.reader.default_branch()).name == "main"


async def test_an_exhausted_graphql_hour_stops_graphql_until_its_reset_and_nothing_else(
    client: Client,
) -> None:
    head = (await client.reader.default_branch()).sha
    world, writer = client.world, client.writer(contents="write")
    limits, key = world.github.part(Limits), f"installation:{world.installation.id}"
    limits.exhaust(key, "graphql", world.clock())
    reset_at = limits.window(key, "graphql", world.clock()).reset_at.replace(microsecond=0)
    with pytest.raises(TransientError, match="primary_limit") as caught:
        await writer.commit_verified("main", head, "Add", "", (FileChange("n", b"1"),))
    assert caught.value.retry_at == reset_at
    with pytest.raises(TransientError, match=r"headroom|paced") as again:
        await writer.commit_verified("main", head, "Add", "", (FileChange("n", b"1"),))
    assert again.value.retry_at == reset_at
    await writer.create_branch("fix/one", head)
    assert (await client.reader.default_branch()).name == "main"


async def test_a_conflict_is_told_as_one(client: Client) -> None:
    break_(client, Fault.CONFLICT)
    with pytest.raises(Conflict):
        await client.reader.commits("main", 1)


async def test_an_unchanged_answer_is_asked_for_conditionally_and_is_free(client: Client) -> None:
    first = await client.reader.default_branch()
    client.seen.clear()
    assert await client.reader.default_branch() == first
    assert client.statuses == [304, 304]
    assert {one.cache for one in client.seen} == {CacheMode.HIT}


async def test_a_branch_stays_where_it_was_for_one_evaluation(client: Client) -> None:
    reader = client.reader
    first = await reader.default_branch()
    assert await reader.default_branch() == await reader.branch(first.name) == first
    assert client.statuses == [200, 200]


async def test_what_a_sha_names_is_asked_for_once(client: Client) -> None:
    reader, sha = client.reader, (await client.reader.default_branch()).sha
    await reader.commit(sha)
    client.seen.clear()
    assert (await reader.commit(sha)) is not None
    assert client.statuses == []
    assert [(one.cache, one.status, one.route) for one in client.seen] == [
        (CacheMode.KEPT, 200, "/repos/{owner}/{repo}/commits/{ref}")
    ]


async def test_a_change_is_seen_at_once(client: Client) -> None:
    writer = client.writer(contents="write")
    sha = (await client.reader.default_branch()).sha
    assert await client.reader.branch("new") is None
    await writer.create_branch("new", sha)
    found = await client.reader.branch("new")
    assert found is not None
    assert found.sha == sha


async def test_lists_are_read_to_the_last_page(client: Client) -> None:
    anvil = client.world.anvil
    git, writer = anvil.git, person(anvil, anvil.owner)
    head = git.resolve("main") or ""
    tree = git.tree_of(head) or ""
    for number in range(105):
        head = git.add_commit(tree, [head], f"Commit {number}", writer)
    found = await client.reader.commits(head, 106)
    assert len(found) == 106
    assert found[0].sha == head


async def test_closing_forgets_bodies_and_tokens(client: Client) -> None:
    await client.reader.default_branch()
    await client.github.aclose()
    client.seen.clear()
    await client.reader.default_branch()
    assert [one.status for one in client.seen] == [201, 200, 200]


async def test_eight_writes_at_once_pass_without_being_paced(client: Client) -> None:
    sha = (await client.reader.default_branch()).sha
    writer = client.writer(contents="write")
    await asyncio.gather(*(writer.create_branch(f"fix/{number}", sha) for number in range(8)))
    assert client.statuses.count(201) == 8
