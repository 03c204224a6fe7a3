from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp.test_utils import make_mocked_request

from app.errors import TransientError
from app.telemetry.metrics import Metrics
from app.web.numbers import metrics_page


async def three() -> int:
    return 3


async def away() -> int:
    raise TransientError("ledger.unavailable", "no database")


async def silent() -> int:
    await asyncio.Event().wait()
    return 0


async def page_of(depth: Callable[[], Awaitable[int]]) -> str:
    """The page of a process that has refused one request."""
    metrics = Metrics()
    metrics.refused("signature")
    answer = await metrics_page(metrics, depth, depth_s=0.05)(make_mocked_request("GET", "/metrics"))
    assert (answer.status, answer.headers["Content-Type"]) == (200, Metrics.content_type)
    assert isinstance(answer.body, bytes)
    return answer.body.decode()


async def test_the_page_tells_how_much_waits() -> None:
    assert "hephaestus_queue_depth 3.0" in await page_of(three)


@pytest.mark.parametrize("depth", [away, silent])
async def test_without_the_database_the_page_tells_the_rest(depth: Callable[[], Awaitable[int]]) -> None:
    page = await page_of(depth)
    assert 'hephaestus_deliveries_refused_total{reason="signature"} 1.0' in page
    assert "hephaestus_queue_depth NaN" in page
