"""Whoever proposes a change cannot choose the policy that judges it."""

from __future__ import annotations

from app.cli.demo_world import COBERTURA, JUNIT, POLICY
from app.standin.github.pulling import close
from tests.acceptance.conftest import Running
from tests.acceptance.process import quiet
from tests.acceptance.tenants import Commit, commit

CONFIG = ".github/hephaestus.yml"
LAX = "version: 1\nquality_gate:\n  gates:\n    coverage: {total: '>= 0%'}\n"
REPORTS = {"test-report": {"report.xml": JUNIT}, "coverage": {"coverage.xml": COBERTURA}}


async def test_a_commit_proposed_to_a_lax_branch_first_is_not_green_at_main(everything: Running) -> None:
    repository = everything.world.repository
    repository.commit("lax", {CONFIG: LAX}, "Ask for nothing")
    attack = Commit(repository, "attack", repository.commit("attack", {"a.txt": "a\n"}, "Attack"))
    attack.propose("lax")
    attack.report(REPORTS)
    await quiet(everything.world, everything.settings)
    attack.propose("main")
    await quiet(everything.world, everything.settings)
    assert conclusions(everything, attack) - {None} == {"failure"}


async def test_a_pull_request_that_edits_the_policy_is_judged_by_the_old_one(everything: Running) -> None:
    repository = everything.world.repository
    edited = repository.commit("edit", {CONFIG: LAX}, "Ask for nothing")
    edit = Commit(repository, "edit", edited)
    edit.propose()
    edit.report(REPORTS)
    await quiet(everything.world, everything.settings)
    assert conclusions(everything, edit) - {None} == {"failure"}


async def test_what_an_edited_policy_would_say_is_shown_beside_the_verdict(everything: Running) -> None:
    world = everything.world
    before = commit(world.repository, "before")
    before.propose()
    before.report(REPORTS, "success")
    await quiet(world, everything.settings)
    (pull,) = world.repository.pulls.values()
    close(world.repository, pull, world.repository.owner)
    await quiet(world, everything.settings)
    lax = POLICY.replace("    tests: {from: tests, min_tests: 3}\n", "").replace("85%", "10%")
    edited = world.repository.commit("edit", {CONFIG: lax}, "Ask for less")
    edit = Commit(world.repository, "edit", edited)
    edit.propose()
    edit.report(REPORTS, "success")
    await quiet(world, everything.settings)
    said = [
        event.payload["check_run"]["output"]["summary"]
        for event in world.github.events
        if event.name == "check_run" and event.payload["check_run"]["head_sha"] == edit.sha
    ]
    assert "With this pull request's policy the verdict would be: **pass**." in said[-1]
    assert "and let pass 1 that was blocked." in said[-1]


async def test_a_policy_counts_from_the_moment_that_the_default_branch_has_it(everything: Running) -> None:
    repository = everything.world.repository
    repository.commit("main", {CONFIG: POLICY.replace("min_tests: 3", "min_tests: 1")}, "Ask for less")
    repository.commit("main", {CONFIG: LAX}, "Ask for nothing")
    one = commit(repository, "topic")
    one.propose()
    one.report({"coverage": {"coverage.xml": COBERTURA}}, "success")
    await quiet(everything.world, everything.settings)
    assert conclusions(everything, one) - {None} == {"success"}


async def test_a_repository_cannot_fall_below_its_organisations_floor(everything: Running) -> None:
    world = everything.world
    floor = "version: 1\nquality_gate:\n  minimum:\n    tests: {min_tests: 9}\n"
    world.github.add_repository("forge/.github", {"hephaestus.yml": floor}, private=True)
    world.repository.commit("main", {CONFIG: LAX}, "Ask for nothing")
    one = commit(world.repository, "topic")
    one.propose()
    one.report({"coverage": {"coverage.xml": COBERTURA}}, "success")
    await quiet(world, everything.settings)
    # Without the floor it passes, as the test above shows.
    assert conclusions(everything, one) - {None} == {"failure"}


def conclusions(everything: Running, one: Commit) -> set[str | None]:
    """Everything that our check ever said of the commit, as GitHub told it."""
    mine = everything.world.app.id
    return {
        event.payload["check_run"]["conclusion"]
        for event in everything.world.github.events
        if event.name == "check_run"
        and event.payload["check_run"]["app"]["id"] == mine
        and event.payload["check_run"]["head_sha"] == one.sha
    }
