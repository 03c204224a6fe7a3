"""The loop that every part of upkeep runs in: trouble is waited out, since a loop that ended would not be missed for days."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from app.errors import HephaestusError, LeaseLost

logger = logging.getLogger(__name__)


async def repeat(name: str, turn: Callable[[], Awaitable[object]], every_s: float) -> None:
    """Calls `turn` at once and then with pauses of `every_s`, until it is cancelled or the lease is lost."""
    while True:
        try:
            await turn()
        except LeaseLost:
            raise
        except HephaestusError as exc:
            logger.warning("upkeep_waits", extra={"loop": name, "error": str(exc)})
        except Exception:
            logger.exception("upkeep_failed", extra={"loop": name})
        await asyncio.sleep(every_s)
