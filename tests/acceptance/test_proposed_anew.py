"""A commit that passed for one base does not arrive green at another: its check is open before it is judged again."""

from __future__ import annotations

from app.cli.demo_world import COBERTURA, POLICY
from tests.acceptance.conftest import Running
from tests.acceptance.process import quiet
from tests.acceptance.tenants import commit

REPORTS = {"coverage": {"coverage.xml": COBERTURA}}
COVERAGE = "version: 1\nquality_gate:\n  gates:\n    coverage: {total: '>= 0%'}\n"


async def test_a_green_commit_is_open_first_where_it_is_proposed_to_another_base(everything: Running) -> None:
    repository = everything.world.repository
    repository.commit("lax", {"a.txt": "lax\n"}, "Another base")
    repository.commit("main", {".github/hephaestus.yml": COVERAGE}, "Ask for little")
    one = commit(repository, "topic")
    one.propose("lax")
    one.report(REPORTS, "success")
    await quiet(everything.world, everything.settings)
    before = said(everything, one.sha)
    assert before[-1] == "success"
    repository.commit("main", {".github/hephaestus.yml": POLICY}, "Ask for more")
    one.propose("main")
    await quiet(everything.world, everything.settings)
    assert said(everything, one.sha)[len(before) :] == ["in_progress", "failure"]


def said(everything: Running, sha: str) -> list[str]:
    """What our check said of a commit, in order, as GitHub told it."""
    runs = (
        event.payload["check_run"] for event in everything.world.github.events if event.name == "check_run"
    )
    mine = everything.world.app.id
    return [
        run["conclusion"] or run["status"]
        for run in runs
        if run["app"]["id"] == mine and run["head_sha"] == sha
    ]
