"""What the first event after a start would wait for: a sandbox worker that has imported, and how evidence is written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from app.config.parsed import ParsedFiles
from app.dispatch.plan import adapter_of
from app.ports.handler import AnyCapability

NOTHING = b"version: 1\n"


async def warm(files: ParsedFiles, capabilities: Iterable[AnyCapability]) -> None:
    """Does these once, beside each other."""
    await asyncio.gather(files.parse(NOTHING), asyncio.to_thread(make_adapters, tuple(capabilities)))


def make_adapters(capabilities: tuple[AnyCapability, ...]) -> None:
    """Those of each capability's evidence and state."""
    for capability in capabilities:
        adapter_of(capability.evidence_type)
        adapter_of(capability.state_type)
