"""Injected faults, seen by a client that knows nothing of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import aiohttp
import pytest

from app.standin.github.faults import CONTROL_PATH, Fault, Faults

if TYPE_CHECKING:
    from tests.contract.standin.conftest import World

BASE = "/repos/forge/anvil"


def check(world: World) -> dict[str, object]:
    return {"name": "gate", "head_sha": world.anvil.git.resolve("main")}


async def test_nothing_goes_wrong_until_a_rule_is_added(world: World) -> None:
    assert (await world.call("GET", BASE)).status == 200
    assert world.github.part(Faults).rules == []


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        (Fault.BAD_CREDENTIALS, 401, "Bad credentials"),
        (Fault.SECONDARY_LIMIT, 403, "secondary rate limit"),
        (Fault.TOO_MANY_REQUESTS, 429, "secondary rate limit"),
        (Fault.CONFLICT, 409, "Git Repository is empty."),
        (Fault.GONE, 410, "Gone"),
        (Fault.NOT_FOUND, 404, "Not Found"),
    ],
)
async def test_a_fault_answers_as_github_would_and_only_once(
    world: World, fault: Fault, status: int, word: str
) -> None:
    rule = world.github.part(Faults).inject(fault, path=BASE, seconds=7)
    reply = await world.call("GET", BASE)
    assert reply.status == status
    assert word in reply.body["message"]
    assert reply.headers.get("Retry-After") == ("7" if status in {403, 429} else None)
    assert (await world.call("GET", BASE)).status == 200
    assert (rule.seen, rule.hits) == (2, 1)


async def test_a_bad_gateway_is_a_page_and_not_json(world: World) -> None:
    world.github.part(Faults).inject(Fault.BAD_GATEWAY)
    reply = await world.call("GET", BASE)
    assert reply.status == 502
    assert reply.headers["Content-Type"].startswith("text/html")


async def test_a_rule_takes_the_nth_request_of_its_method_and_path(world: World) -> None:
    world.github.part(Faults).inject(
        Fault.CONFLICT, method="get", path=f"{BASE}/(pulls|issues)", nth=2, times=2
    )
    paths = [BASE, f"{BASE}/pulls", f"{BASE}/issues", f"{BASE}/pulls", f"{BASE}/pulls"]
    assert [(await world.call("GET", path)).status for path in paths] == [200, 200, 409, 409, 200]


async def test_a_slow_answer_is_the_right_one_late(world: World) -> None:
    world.github.part(Faults).inject(Fault.SLOW, path=BASE, seconds=0.2)
    started = time.monotonic()
    assert (await world.call("GET", BASE)).status == 200
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(
    ("fault", "happened"), [(Fault.CUT_BEFORE, 0), (Fault.CUT_AFTER, 1), (Fault.CUT_BODY, 1)]
)
async def test_a_cut_connection_leaves_open_whether_it_happened(
    world: World, fault: Fault, happened: int
) -> None:
    token = await world.token()
    world.github.part(Faults).inject(fault, method="POST", path=f"{BASE}/check-runs")
    with pytest.raises(aiohttp.ClientError):
        await world.call("POST", f"{BASE}/check-runs", token=token, json=check(world))
    assert len(world.anvil.check_runs) == happened


async def test_a_bad_gateway_may_hide_that_it_happened(world: World) -> None:
    token = await world.token()
    world.github.part(Faults).inject(Fault.BAD_GATEWAY_AFTER, method="POST", path=f"{BASE}/check-runs")
    reply = await world.call("POST", f"{BASE}/check-runs", token=token, json=check(world))
    assert (reply.status, len(world.anvil.check_runs)) == (502, 1)


async def test_the_control_route_is_closed_unless_switched_on(world: World) -> None:
    asked = {"fault": "gone", "path": BASE}
    assert (await world.call("POST", CONTROL_PATH, json=asked)).status == 404
    world.github.part(Faults).control = True
    assert (await world.call("POST", CONTROL_PATH, json=asked)).status == 201
    assert (await world.call("GET", BASE)).status == 410
    await world.call("POST", CONTROL_PATH, json={**asked, "times": None})
    assert (await world.call("POST", CONTROL_PATH, json={"clear": True})).status == 204
    assert (await world.call("GET", BASE)).status == 200


@pytest.mark.parametrize(
    "asked", [{}, [], {"fault": "unheard of"}, {"fault": "gone", "path": "("}, {"fault": "gone", "x": 1}]
)
async def test_a_rule_that_is_none_is_refused_with_the_reason(world: World, asked: object) -> None:
    world.github.part(Faults).control = True
    reply = await world.call("POST", CONTROL_PATH, json=asked)
    assert reply.status == 422
    assert "bad_gateway" in reply.body["message"]
