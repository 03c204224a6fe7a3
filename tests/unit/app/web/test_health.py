from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta

import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Response

from app.errors import AccessDenied, TransientError
from app.testing.clock import FrozenClock
from app.web.health import KEPT_S, Check, Health

READY = {"status": "ready", "checks": {"database": True}}


async def passes() -> None:
    """A check that is content."""


def raising(error: Exception) -> Check:
    async def check() -> None:
        raise error

    return check


async def asked(health: Health) -> tuple[int, dict[str, object]]:
    answer = await health.readyz(make_mocked_request("GET", "/readyz"))
    return answer.status, body_of(answer)


def body_of(answer: Response) -> dict[str, object]:
    assert answer.content_type == "application/json"
    assert isinstance(answer.text, str)
    content: dict[str, object] = json.loads(answer.text)
    return content


async def test_a_process_that_answers_lives_whatever_else_is_wrong() -> None:
    health = Health({"database": raising(TransientError("x", "y"))})
    answer = await health.healthz(make_mocked_request("GET", "/healthz"))
    assert (answer.status, body_of(answer)) == (200, {"status": "ok"})


async def test_ready_is_when_every_check_passes() -> None:
    assert await asked(Health({"database": passes})) == (200, READY)


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (TransientError("ledger.unavailable", "the disk is full"), logging.WARNING),
        (AccessDenied("github.credentials", "set HEPHAESTUS_PRIVATE_KEY"), logging.WARNING),
        (ZeroDivisionError("a bug"), logging.ERROR),
    ],
)
async def test_what_is_not_ready_is_named_in_the_answer_and_explained_in_the_log(
    error: Exception, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    health = Health({"database": passes, "credentials": raising(error)})
    with caplog.at_level(logging.WARNING):
        status, body = await asked(health)
    assert (status, body["status"]) == (503, "not ready")
    assert body["checks"] == {"database": True, "credentials": False}
    (record,) = caplog.records
    assert (record.message, record.levelno, record.__dict__["check"]) == ("not_ready", level, "credentials")
    assert str(error) in (record.__dict__["error"] + (record.exc_text or ""))
    assert str(error) not in json.dumps(body)


async def test_a_check_that_takes_too_long_is_not_ready(caplog: pytest.LogCaptureFixture) -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    assert await asked(Health({"engine": hangs}, check_s=0.01)) == (
        503,
        {"status": "not ready", "checks": {"engine": False}},
    )
    assert caplog.records[0].__dict__["error"] == "no answer within 0.01 s"


async def test_a_crowd_that_asks_costs_one_check_in_two_seconds() -> None:
    clock, calls = FrozenClock(), 0

    async def check() -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)

    health = Health({"database": check}, monotonic=clock.monotonic)
    answers = await asyncio.gather(*(asked(health) for _ in range(50)))
    assert answers == [(200, READY)] * 50
    assert calls == 1
    clock.advance(timedelta(seconds=KEPT_S))
    await asked(health)
    assert calls == 2


async def test_recovery_is_seen_after_two_seconds() -> None:
    clock, trouble = FrozenClock(), [TransientError("x", "y")]

    async def check() -> None:
        if trouble:
            raise trouble[0]

    health = Health({"database": check}, monotonic=clock.monotonic)
    assert (await asked(health))[0] == 503
    trouble.clear()
    assert (await asked(health))[0] == 503
    clock.advance(timedelta(seconds=KEPT_S))
    assert (await asked(health))[0] == 200


async def test_what_somebody_should_look_after_is_said_and_changes_no_status() -> None:
    said = ("the trusted root of github was last confirmed 91 days ago",)
    assert await asked(Health({"database": passes}, warnings=lambda: said)) == (
        200,
        {**READY, "warnings": list(said)},
    )
