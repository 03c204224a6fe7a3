"""Many organisations that have the App installed, each with a repository of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.cli.demo_world import CI, POLICY, World
from app.standin.github.repository import Repository
from app.standin.github.runs import PlannedJob
from app.standin.github.workflows import complete_run

WORKFLOW = "name: CI\non: [push, pull_request]\njobs: {}\n"


@dataclass(frozen=True)
class Commit:
    """A commit on a branch of its own, which nobody has proposed yet."""

    repository: Repository
    branch: str
    sha: str

    def propose(self, base: str | None = None) -> None:
        self.repository.open_pull(f"Merge {self.branch}", self.branch, base=base)

    def report(self, artifacts: Mapping[str, Mapping[str, bytes]], conclusion: str = "failure") -> None:
        """Its CI ends, and leaves these artifacts."""
        jobs = [PlannedJob("test", conclusion)]
        complete_run(
            self.repository, CI, self.sha, jobs, artifacts, event="pull_request", head_branch=self.branch
        )


def tenant(world: World, name: str, policy: str = POLICY) -> Repository:
    """A repository of an organisation of that name, with the App installed."""
    files: dict[str, bytes | str] = {
        ".github/hephaestus.yml": policy,
        CI: WORKFLOW,
        "a.txt": "a\n",
        "anvil/strike.py": "# what the coverage reports name\n",
        "tests/test_t.py": "# what the test reports name\n",
    }
    repository = world.github.add_repository(f"{name}/work", files)
    world.github.add_installation(world.app, name)
    return repository


def commit(repository: Repository, branch: str) -> Commit:
    """A new commit; tells nobody but those who hear of pushes."""
    return Commit(repository, branch, repository.commit(branch, {"a.txt": f"{branch}\n"}, f"Change {branch}"))


def junit(failures: int) -> bytes:
    """A report of tests all of which fail, each at a line of its own."""
    cases = "".join(
        f'<testcase classname="t" name="test_{n}" file="tests/test_t.py" line="{n + 1}" time="0.001">'
        f'<failure message="no {n}">tests/test_t.py:{n + 2}: AssertionError</failure></testcase>'
        for n in range(failures)
    )
    return f'<testsuite name="t" tests="{failures}" failures="{failures}" errors="0" skipped="0">{cases}</testsuite>'.encode()
