"""A real process with traces switched on by the environment: what it writes to the ledger, the log and the disk."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.cli.demo_scenes import Stage, quality_gate
from app.standin.github.hooks import idle
from app.standin.github.server import running
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import Serve, serving, until


def lines(serve: Serve, event: str) -> list[dict[str, str]]:
    """The log's JSON lines of one event; spans on the console are JSON of many lines."""
    found = [json.loads(line) for line in serve.log.splitlines() if line.startswith('{"')]
    return [line for line in found if line["event"] == event]


def open_to_others(folder: Path) -> list[str]:
    """Files and folders that other users may read."""
    return [str(path) for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]


@pytest.mark.slow
async def test_receipt_ledger_log_and_spans_name_one_trace_and_files_are_private(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    async with (
        running(world.github) as github,
        serving(world, tmp_path, github.url, OTEL_TRACES_EXPORTER="console") as serve,
    ):
        await idle(world.github)
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        stage = Stage(world, github.url)
        assert all([line.ok async for line in quality_gate(stage)])
        assert await until(lambda: any(line["verdict"] == "fail" for line in lines(serve, "evaluated")))
        assert open_to_others(tmp_path / "data") == []
        code, _ = await serve.terminate()
    assert code == 0, serve.log
    kept = dict(serve.rows("SELECT guid, traceparent FROM delivery WHERE source = 'github'"))
    for line in lines(serve, "evaluated"):
        if line["delivery_id"] in kept:
            assert line["trace_id"] == kept[line["delivery_id"]][3:35]
    traced = set(re.findall(r'"trace_id": "0x([0-9a-f]{32})"', serve.log))
    assert {traceparent[3:35] for traceparent in kept.values()} <= traced
