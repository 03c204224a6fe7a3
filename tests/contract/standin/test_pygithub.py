"""A client that we did not write drives the stand-in: PyGithub, in a thread beside the server's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import pytest
from github import Auth, Github, GithubException, GithubIntegration, InputGitTreeElement
from github.Repository import Repository

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

Found = TypeVar("Found")


async def with_anvil(world: World, work: Callable[[Repository], Found]) -> Found:
    """What the work finds with an App's client of forge/anvil."""

    def drive() -> Found:
        auth = Auth.AppAuth(world.app.id, world.pem).get_installation_auth(world.installation.id)
        with Github(base_url=world.server.url, auth=auth, retry=None, seconds_between_writes=0) as client:
            return work(client.get_repo("forge/anvil"))

    found = await asyncio.to_thread(drive)
    # What this client sends is not ours to judge (its bare lists of labels, for one); what it is answered is.
    world.forgive_requests()
    return found


async def test_the_app_finds_its_installation(world: World) -> None:
    def drive() -> tuple[str, int]:
        with GithubIntegration(
            auth=Auth.AppAuth(world.app.id, world.pem), base_url=world.server.url
        ) as client:
            return client.get_app().slug, client.get_repo_installation("forge", "anvil").id

    assert await asyncio.to_thread(drive) == ("hephaestus", world.installation.id)


async def test_contents_are_read_and_written(world: World) -> None:
    def work(anvil: Repository) -> bytes:
        anvil.create_file("notes.md", "Add notes", "first\n", branch="main")
        found = anvil.get_contents("notes.md")
        assert not isinstance(found, list)
        anvil.update_file("notes.md", "Change notes", "second\n", found.sha, branch="main")
        again = anvil.get_contents("notes.md", ref="main")
        assert not isinstance(again, list)
        return again.decoded_content

    assert await with_anvil(world, work) == b"second\n"


async def test_a_branch_a_commit_and_a_pull_request(world: World) -> None:
    def work(anvil: Repository) -> tuple[int, list[str], bool | None]:
        head = anvil.get_git_ref("heads/main").object.sha
        blob = anvil.create_git_blob("fixed\n", "utf-8")
        element = InputGitTreeElement("fix.txt", "100644", "blob", sha=blob.sha)
        tree = anvil.create_git_tree([element], anvil.get_git_tree(head))
        commit = anvil.create_git_commit("Fix", tree, [anvil.get_git_commit(head)])
        anvil.create_git_ref("refs/heads/fix/one", commit.sha)
        pull = anvil.create_pull("main", "fix/one", title="Fix", body="By a client that is not ours")
        pull.add_to_labels("remediation")
        pull.create_issue_comment("Done.")
        assert anvil.compare("main", "fix/one").ahead_by == 1
        return pull.number, [f.filename for f in pull.get_files()], anvil.get_pull(pull.number).mergeable

    assert await with_anvil(world, work) == (1, ["fix.txt"], True)
    assert [c.body for c in world.anvil.comments.values()] == ["Done."]


async def test_a_check_run_with_annotations(world: World) -> None:
    def work(anvil: Repository) -> tuple[str, list[str], int]:
        sha = anvil.get_branch("main").commit.sha
        run = anvil.create_check_run("gate", sha, status="in_progress")
        note = {
            "path": "anvil/strike.py", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "unused"
        }  # fmt: skip
        output = {"title": "1 finding", "summary": "One.", "annotations": [note]}
        run.edit(status="completed", conclusion="failure", output=output)
        listed = anvil.get_commit(sha).get_check_runs()
        return run.conclusion, [a.message for a in run.get_annotations()], listed.totalCount

    assert await with_anvil(world, work) == ("failure", ["unused"], 1)


async def test_errors_are_read_as_github_sends_them(world: World) -> None:
    def work(anvil: Repository) -> None:
        anvil.get_contents("absent.yml")

    with pytest.raises(GithubException) as caught:
        await with_anvil(world, work)
    assert caught.value.status == 404
    assert caught.value.data["message"] == "Not Found"
