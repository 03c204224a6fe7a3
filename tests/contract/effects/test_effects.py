from __future__ import annotations

from dataclasses import replace

import pytest

from app.dispatch.effects import Applied, Outcome
from app.domain.effects import FileChange
from app.domain.ids import CommitSha
from tests.contract.effects.conftest import through_a_cut
from tests.contract.github.conftest import Client
from tests.unit.app.dispatch.effects.samples import check, note, pull

BRANCH = "hephaestus/runner-1f"


def result(outcome: Outcome) -> dict[str, int | str]:
    assert isinstance(outcome, Applied), outcome
    return outcome.result


async def head(client: Client) -> CommitSha:
    return (await client.reader.default_branch()).sha


@pytest.mark.parametrize("request_number", range(1, 5))
async def test_a_check_run_survives_a_cut_after_any_request(client: Client, request_number: int) -> None:
    sha = await head(client)
    effect = replace(check(120), repository=client.repository, head_sha=sha)
    told = result(await through_a_cut(client, effect, request_number))
    (run,) = await client.reader.check_runs(sha)
    writer = client.writer(checks="write")
    assert await writer.find_check_run(sha, effect.name, str(told["external_id"])) == (run.id, 120)
    assert (run.status, run.conclusion) == ("completed", "success")


@pytest.mark.parametrize("request_number", range(1, 5))
async def test_a_check_run_that_grows_survives_a_cut_after_any_request(
    client: Client, request_number: int
) -> None:
    sha = await head(client)
    first, second = (replace(check(n), repository=client.repository, head_sha=sha) for n in (10, 70))
    before = result(await through_a_cut(client, first, 99))
    told = result(await through_a_cut(client, second, request_number, before))
    (run,) = await client.reader.check_runs(sha)
    writer = client.writer(checks="write")
    assert await writer.find_check_run(sha, second.name, str(told["external_id"])) == (run.id, 70)


@pytest.mark.parametrize("mode", ["100644", "100755"])
@pytest.mark.parametrize("request_number", range(1, 9))
async def test_a_pull_request_survives_a_cut_after_any_request(
    client: Client, request_number: int, mode: str
) -> None:
    sha = await head(client)
    change = FileChange("tools/run.sh", b"#!/bin/sh\n", mode)
    effect = replace(pull(change), repository=client.repository, base_sha=sha)
    told = result(await through_a_cut(client, effect, request_number))
    (opened,) = await client.writer(contents="write", pull_requests="write").open_pulls(BRANCH)
    assert (opened.number, opened.head_sha) == (told["pull_number"], told["commit_sha"])
    assert set(opened.labels) == {"dependencies", "ci"}
    comparison = await client.reader.compare(sha, opened.head_sha)
    assert comparison.ahead_by == 1
    assert [changed.path for changed in comparison.files] == ["tools/run.sh"]


async def test_an_open_pull_request_follows_its_base(client: Client) -> None:
    sha = await head(client)
    effect = replace(pull(FileChange("a.txt", b"a\n")), repository=client.repository, base_sha=sha)
    before = result(await through_a_cut(client, effect, 99))
    writer = client.writer(contents="write", pull_requests="write")
    moved = await writer.commit_verified("main", sha, "More", "", (FileChange("b.txt", b"b\n"),))
    told = result(await through_a_cut(client, replace(effect, base_sha=moved), 99, before))
    (opened,) = await writer.open_pulls(BRANCH)
    assert (opened.number, opened.head_sha) == (before["pull_number"], told["commit_sha"])
    assert (await client.reader.compare(moved, opened.head_sha)).ahead_by == 1


@pytest.mark.parametrize("request_number", range(1, 3))
async def test_a_comment_survives_a_cut_after_any_request(client: Client, request_number: int) -> None:
    sha = await head(client)
    effect = replace(pull(FileChange("a.txt", b"a\n")), repository=client.repository, base_sha=sha)
    number = int(result(await through_a_cut(client, effect, 99))["pull_number"])
    said = replace(note(), repository=client.repository, number=number)
    await through_a_cut(client, said, request_number)
    (found,) = await client.writer(issues="write", pull_requests="write").comments(number)
    assert said.body in found.body
