"""`/metrics`: the counters of this process, and how much waits in the ledger."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable

from aiohttp import web

from app.errors import HephaestusError
from app.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)
DEPTH_S = 2.0


def metrics_page(
    metrics: Metrics, depth: Callable[[], Awaitable[int]], *, depth_s: float = DEPTH_S
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler. Where the ledger does not tell its `depth` in time, that is no number (NaN), and the rest is as ever."""

    async def page(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(depth_s):
                waiting: float = await depth()
        except (HephaestusError, TimeoutError) as exc:
            logger.warning("depth_unknown", extra={"error": str(exc) or f"no answer within {depth_s:g} s"})
            waiting = math.nan
        metrics.queue_depth(waiting)
        return web.Response(body=metrics.render(), headers={"Content-Type": metrics.content_type})

    return page
