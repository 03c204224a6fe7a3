"""What a service logs while it works: a line for every hop, and nothing that must stay secret, even at level debug."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.demo_scenes import SCENES, Stage
from app.standin.github.deliveries import Hooks
from app.standin.github.faults import Fault, Faults
from app.standin.github.server import running
from app.telemetry.logs import JsonFormatter
from tests.acceptance.conftest import SECRET, NewWorld, Running
from tests.acceptance.process import serving, until
from tests.acceptance.tenants import commit

HOPS = {"dispatched", "routed", "gathered", "decided", "planned", "applied", "evaluated"}
EXCERPT = 60
LONGER_THAN_ITS_GRACE_S = 32
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
SIGNATURE = re.compile(r"sha(1|256)=[0-9a-f]{40}")


class Lines(logging.Handler):
    """Lines as an operator would keep them."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def told(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def logged() -> Iterator[Lines]:
    """Everything that is logged, at level debug."""
    root, handler = logging.getLogger(), Lines()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(before)
    root.removeHandler(handler)


@pytest.mark.slow
async def test_every_hop_has_its_line_and_no_payload_token_or_signature_is_in_any(
    logged: Lines, everything: Running
) -> None:
    world = everything.world
    stage = Stage(world, everything.github_url)
    for scene in SCENES.values():
        assert all([line.ok async for line in scene(stage)])
    told = logged.told()

    assert {str(line["event"]) for line in told} >= HOPS
    for line in told:
        if line["event"] in HOPS:
            assert line["delivery_id"], line
        if line["event"] in HOPS - {"dispatched"}:
            assert (line["repo"], bool(line["capability"])) == ("forge/anvil", True), line
        if line["event"] in {"decided", "planned", "evaluated"}:
            assert line["verdict"], line

    text = "\n".join(logged.lines)
    sent = world.github.part(Hooks).deliveries
    assert sent
    assert world.github.tokens
    for token in world.github.tokens:
        assert token not in text
    key_lines = [line for line in world.app.private_key_pem.splitlines() if not line.startswith("-----")]
    assert not [line for line in key_lines if line in text]
    assert SECRET not in text
    assert JWT.search(text) is None
    assert SIGNATURE.search(text) is None
    for delivery in sent:
        body = delivery.sent.body.decode()
        # As it is, and as a JSON string inside a line would have it.
        for start in range(0, len(body) - EXCERPT, EXCERPT):
            part = body[start : start + EXCERPT]
            assert part not in text
            assert json.dumps(part)[1:-1] not in text


@pytest.mark.slow
async def test_every_line_after_the_start_is_json_also_where_work_is_cut_short(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    never = world.github.part(Faults).inject(
        Fault.SLOW, path="/repos/.*", times=None, seconds=LONGER_THAN_ITS_GRACE_S
    )
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await serve.start(HEPHAESTUS_LOG_FORMAT="json", HEPHAESTUS_LOG_LEVEL="debug")
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        commit(world.repository, "topic").propose()
        assert await until(lambda: never.hits)
        code, _ = await serve.terminate()
    assert code == 0
    _, _, told = serve.log.partition("hephaestus listens at")
    lines = told.splitlines()[1:]
    assert lines
    assert [line for line in lines if not is_object(line)] == []


def is_object(line: str) -> bool:
    """Whether a line of a log is one JSON object."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
