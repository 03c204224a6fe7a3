"""Answers that a well-behaved GitHub does not give, or gives to somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from app.adapters.github import transport
from app.domain.effects import FileChange
from app.domain.ids import CommitSha, InstallationId
from app.errors import AccessDenied, PermanentError, TransientError
from app.ports.handler import Lane
from tests.contract.github.servers import OURS, scripted

SHA = CommitSha("a" * 40)
CHANGE = (FileChange("n", b"1"),)


def branch(name: str, **more: object) -> dict[str, Any]:
    return {"name": name, "commit": {"sha": SHA}, "protected": False, **more}


async def test_one_tenants_body_is_never_given_to_another(app_keys: tuple[str, Any], tmp_path: Path) -> None:
    """Both ask for one address, and GitHub gives both bodies the same validator."""
    theirs = replace(OURS, installation_id=InstallationId(8))

    async def answer(request: web.Request) -> web.Response:
        protected = request.headers["Authorization"] == "Bearer token-8"
        if request.headers.get("If-None-Match") == '"same"':
            return web.Response(status=304)
        return web.json_response(branch("main", protected=protected), headers={"ETag": '"same"'})

    async with scripted(answer, app_keys[0], tmp_path) as world:
        seen = [(await world.github.reader(one).branch("main")) for one in (OURS, theirs, OURS, theirs)]
    assert [one is not None and one.protected for one in seen] == [False, True, False, True]
    assert len(world.asked) == 4


async def test_a_fresh_token_whose_permissions_are_not_known_yet_is_offered_again(
    app_keys: tuple[str, Any], tmp_path: Path
) -> None:
    async def answer(_: web.Request) -> web.Response:
        if len(world.asked) <= 2:
            return web.json_response({"message": "Resource not accessible by integration"}, status=403)
        return web.json_response(branch("main"))

    async with scripted(answer, app_keys[0], tmp_path) as world:
        assert await world.github.reader(OURS).branch("main") is not None
    assert len(world.asked) == 3


async def test_what_an_older_token_may_not_do_is_a_no_at_once(
    app_keys: tuple[str, Any], tmp_path: Path
) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/main"):
            return web.json_response(branch("main"))
        return web.json_response({"message": "Resource not accessible by integration"}, status=403)

    async with scripted(answer, app_keys[0], tmp_path) as world:
        await world.github.reader(OURS).branch("main")
        world.clock.offset += timedelta(minutes=1)
        with pytest.raises(AccessDenied, match=r"github\.permission"):
            await world.github.reader(OURS).branch("other")
    assert len(world.asked) == 2


async def test_a_proxys_page_in_place_of_json_is_asked_for_again_and_not_kept(
    app_keys: tuple[str, Any], tmp_path: Path
) -> None:
    async def answer(_: web.Request) -> web.Response:
        if len(world.asked) <= 2:
            return web.Response(text="<html>", content_type="text/html", headers={"ETag": '"page"'})
        return web.json_response(branch("main"))

    async with scripted(answer, app_keys[0], tmp_path) as world:
        assert await world.github.reader(OURS).branch("main") is not None
    assert len(world.asked) == 3


async def test_an_answer_without_end_is_refused(
    app_keys: tuple[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_LIMIT", 10_000)

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(branch("main", filler="x" * 10_000))

    async with scripted(answer, app_keys[0], tmp_path) as world:
        with pytest.raises(PermanentError, match=r"github\.too_large"):
            await world.github.reader(OURS).branch("main")


async def test_a_limit_that_graphql_tells_of_in_an_answer_of_200_is_remembered(
    app_keys: tuple[str, Any], tmp_path: Path
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"errors": [{"type": "RATE_LIMITED", "message": "wait"}]})

    async with scripted(answer, app_keys[0], tmp_path) as world:
        writer = world.github.writer(OURS, {"contents": "write"}, Lane.GATE)
        with pytest.raises(TransientError, match="primary_limit"):
            await writer.commit_verified("main", SHA, "Add", "", CHANGE)
        with pytest.raises(TransientError, match="paced"):
            await writer.commit_verified("main", SHA, "Add", "", CHANGE)
    assert len(world.asked) == 1


async def test_a_check_run_of_another_app_is_not_taken_for_ours(
    app_keys: tuple[str, Any], tmp_path: Path
) -> None:
    def run(ident: int, app_id: int) -> dict[str, Any]:
        return {
            "id": ident,
            "name": "gate",
            "head_sha": SHA,
            "status": "completed",
            "conclusion": "success",
            "external_id": "digest",
            "app": {"id": app_id, "slug": "a"},
            "output": {"annotations_count": 0},
        }

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"total_count": 2, "check_runs": [run(5, 1), run(6, 2)]})

    async with scripted(answer, app_keys[0], tmp_path) as world:
        found = await world.github.writer(OURS, {"checks": "write"}, Lane.GATE).find_check_run(
            SHA, "gate", "digest"
        )
    assert found == (5, 0)
