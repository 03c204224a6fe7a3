"""Our client of the stand-in GitHub, with a power cut at a request of choice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from app.dispatch.apply import permissions_for
from app.dispatch.effects import GitHubEffect, Outcome, apply
from app.ports.github_writer import GitHubWriter
from app.testing.progress import MemoryProgress
from tests.contract.github.conftest import Client, app_keys, client, world

__all__ = ["app_keys", "client", "world"]


class PowerCut(Exception):
    """Ends the process in the middle of an effect."""


class Cutting:
    """The real writer; the power goes right after GitHub has answered its `request`th method, counted from 1."""

    def __init__(self, writer: GitHubWriter, request: int) -> None:
        self._writer = writer
        self._left = request

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        method = getattr(self._writer, name)

        async def call(*args: object, **options: object) -> object:
            answer = await method(*args, **options)
            self._left -= 1
            if self._left == 0:
                raise PowerCut
            return answer

        return call


async def through_a_cut(
    client: Client, effect: GitHubEffect, request: int, previous: dict[str, int | str] | None = None
) -> Outcome:
    """Applies the effect, and again if the power went."""
    writer = client.github.writer(client.repository, permissions_for(effect))
    row = MemoryProgress(previous)

    async def attempt(through: GitHubWriter, row: MemoryProgress) -> Outcome:
        return await apply(
            effect, through, row, details_url="https://bot.example/1", app_id=client.world.app.id
        )

    try:
        return await attempt(cast("GitHubWriter", Cutting(writer, request)), row)
    except PowerCut:
        return await attempt(writer, row.restarted())
