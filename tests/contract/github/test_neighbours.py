"""Policy files of the owner's other repositories, each with a token for that repository alone."""

from __future__ import annotations

from datetime import timedelta

from app.adapters.github.exchange import CacheMode
from app.adapters.github.neighbours import ASKED_AGAIN
from app.ports.policies import NeighbourFile
from app.standin.github import installs
from tests.contract.github.conftest import Client


async def policy(client: Client, name: str = ".github") -> NeighbourFile | None:
    return await client.github.neighbours(client.repository).policy(name)


async def test_the_file_is_read_at_the_default_branch_and_its_commit_named(client: Client) -> None:
    world = client.world
    shared = world.github.add_repository("forge/.github", {"hephaestus.yml": "version: 1\n"}, private=True)
    found = await policy(client)
    assert found is not None
    assert (found.content, found.source.repository, found.source.path) == (
        b"version: 1\n",
        "forge/.github",
        "hephaestus.yml",
    )
    assert found.source.commit == shared.git.resolve("main")
    newest = shared.commit("main", {"hephaestus.yml": "version: 1 # new\n"}, "Change")
    again = await policy(client)
    assert again is not None
    assert again.source.commit == newest


async def test_an_unchanged_file_costs_one_conditional_request(client: Client) -> None:
    client.world.github.add_repository("forge/.github", {"hephaestus.yml": "version: 1\n"})
    await policy(client)
    client.seen.clear()
    await policy(client)
    assert client.statuses == [304]


async def test_a_repository_without_the_file_costs_one_conditional_request(client: Client) -> None:
    client.world.github.add_repository("forge/.github", {"README.md": "# forge\n"})
    assert await policy(client) is None
    client.seen.clear()
    assert await policy(client) is None
    assert client.statuses == [304]


async def test_a_repository_that_is_not_there_is_asked_for_again_after_ten_minutes(client: Client) -> None:
    assert await policy(client) is None
    client.seen.clear()
    assert await policy(client) is None
    assert [one for one in client.seen if one.cache is not CacheMode.KEPT] == []
    client.world.github.add_repository("forge/.github", {"hephaestus.yml": "version: 1\n"})
    client.world.clock.offset += ASKED_AGAIN + timedelta(seconds=1)
    assert await policy(client) is not None


async def test_a_repository_that_the_app_is_not_installed_on_is_not_there(client: Client) -> None:
    world = client.world
    world.github.add_repository("forge/.github", {"hephaestus.yml": "version: 1\n"}, private=True)
    installs.select(world.github, world.installation, [world.anvil], world.anvil.owner)
    assert await policy(client) is None
    assert await client.github.neighbours(client.repository).visibility(".github") is None


async def test_an_empty_repository_has_no_file(client: Client) -> None:
    client.world.github.add_repository("forge/.github")
    assert await policy(client) is None


async def test_who_may_read_a_repository_is_told(client: Client) -> None:
    client.world.github.add_repository("forge/hidden", {"a": "a\n"}, private=True)
    neighbours = client.github.neighbours(client.repository)
    assert await neighbours.visibility("hidden") == "private"
    assert await neighbours.visibility("anvil") == "public"
