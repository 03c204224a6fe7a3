from __future__ import annotations

import pytest

from app.domain.events import Actor
from app.domain.ids import CommitSha
from app.errors import InvalidInput
from app.standin.github import gitdata, trees
from app.standin.github.pushes import person
from tests.contract.github.conftest import Client

ABSENT = CommitSha("0" * 40)


async def test_the_default_branch_comes_with_its_head(client: Client) -> None:
    branch = await client.reader.default_branch()
    assert (branch.name, branch.sha) == ("main", client.world.anvil.git.ref("refs/heads/main"))


async def test_protected_branches_are_listed_and_no_others(client: Client) -> None:
    anvil = client.world.anvil
    head = anvil.git.ref("refs/heads/main") or ""
    for name in ("feature", "stable"):
        anvil.git.set_ref(f"refs/heads/{name}", head, None)
    anvil.required_checks = {"stable": [("ci", None)], "main": [("ci", None)]}
    assert [branch.name for branch in await client.reader.protected_branches(10)] == ["main", "stable"]
    assert len(await client.reader.protected_branches(1)) == 1


async def test_what_does_not_exist_is_none(client: Client) -> None:
    reader = client.reader
    assert await reader.branch("absent") is None
    assert await reader.file("absent.py", "main") is None
    assert await reader.commit(ABSENT) is None
    assert await reader.tree(ABSENT) is None
    assert await reader.tag("v1") is None
    assert await reader.pull(99) is None
    assert await reader.pulls_of_commit(ABSENT) == ()


async def test_a_file_is_read_with_its_bytes_and_a_directory_is_no_file(client: Client) -> None:
    found = await client.reader.file("anvil/strike.py", "main")
    assert found is not None
    assert found.content.startswith(b"import os\n")
    assert await client.reader.file("anvil", "main") is None


async def test_a_tree_lists_files_of_all_folders_and_links_sorted_but_no_submodules(client: Client) -> None:
    anvil = client.world.anvil
    git, head = anvil.git, anvil.git.resolve("main") or ""
    link, other = (trees.SYMLINK, git.add_blob(b"README.md")), (trees.SUBMODULE, head)
    changed = git.edit_tree(git.tree_of(head), {"anvil/link": link, "vendor/lib": other})
    sha = CommitSha(git.add_commit(changed, [head], "Add", person(anvil, anvil.owner)))
    found = await client.reader.tree(sha)
    assert found == (
        ".github/workflows/ci.yml",
        "README.md",
        "anvil/__init__.py",
        "anvil/link",
        "anvil/strike.py",
    )


async def test_only_the_modes_of_a_tree_tell_a_link_or_a_program_from_a_file(client: Client) -> None:
    anvil = client.world.anvil
    git, head = anvil.git, anvil.git.resolve("main") or ""
    link, program = (
        (trees.SYMLINK, git.add_blob(b"README.md")),
        (trees.EXECUTABLE, git.add_blob(b"#!/bin/sh\n")),
    )
    changed = git.edit_tree(git.tree_of(head), {"link": link, "run.sh": program})
    sha = CommitSha(git.add_commit(changed, [head], "Add", person(anvil, anvil.owner)))
    modes = await client.reader.modes(sha)
    assert modes is not None
    assert (modes["link"], modes["run.sh"], modes["README.md"]) == ("120000", "100755", "100644")
    followed = await client.reader.file("link", sha)
    assert followed is not None
    assert (followed.content, followed.mode) == (b"# Anvil\n", "100644")


async def test_a_tree_is_asked_for_once(client: Client) -> None:
    head = (await client.reader.default_branch()).sha
    first = await client.reader.tree(head)
    client.seen.clear()
    assert (await client.reader.tree(head), client.statuses) == (first, [])


async def test_part_of_a_tree_is_never_taken_for_all(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitdata, "TREE_LIMIT", 3)
    head = (await client.reader.default_branch()).sha
    assert (await client.reader.tree(head), await client.reader.modes(head)) == (None, None)


@pytest.mark.parametrize("path", ["../secrets", "anvil/../../x", "", "/etc/passwd"])
async def test_a_path_that_leaves_the_repository_is_never_asked_for(client: Client, path: str) -> None:
    with pytest.raises(InvalidInput, match=r"github\.path"):
        await client.reader.file(path, "main")
    assert client.seen == []


async def test_commits_come_newest_first_and_at_most_as_many_as_asked(client: Client) -> None:
    head = (await client.reader.default_branch()).sha
    found = await client.reader.commits("main", 1)
    assert [one.sha for one in found] == [head]


async def test_a_comparison_names_the_merge_base(client: Client) -> None:
    head = (await client.reader.default_branch()).sha
    found = await client.reader.compare(head, head)
    assert (found.merge_base_sha, found.ahead_by, found.files, found.complete) == (head, 0, (), True)


async def test_the_permission_of_a_stranger_is_none_or_read(client: Client) -> None:
    nobody = Actor(1, "nobody-at-all", is_bot=False)
    assert await client.reader.permission(nobody) in {"none", "read"}


async def test_a_permission_belongs_to_an_account_and_not_to_its_name(client: Client) -> None:
    owner = client.world.github.repositories[client.repository.id].owner
    assert await client.reader.permission(Actor(owner.id, owner.login, is_bot=False)) == "admin"
    assert await client.reader.permission(Actor(owner.id + 1, owner.login, is_bot=False)) == "none"
