"""The App's own administration, with its JWT."""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.adapters.github.exchange import Answer, Outgoing, outgoing
from app.adapters.github.models import read
from app.adapters.github.models.app import AppBody, DeliveryBody
from app.adapters.github.pagination import items
from app.adapters.github.tokens import TokenBroker
from app.ports.app_admin import AppIdentity, HookDelivery


class Administration:
    """`AppAdmin` over the REST API."""

    def __init__(self, tokens: TokenBroker) -> None:
        self._tokens = tokens

    async def call(self, request: Outgoing) -> Answer:
        """A successful answer to a request with the JWT."""
        return await self._tokens.as_app(request)

    async def identity(self) -> AppIdentity:
        """As `AppAdmin`."""
        return read(AppBody, (await self.call(outgoing("GET", "/app", {}))).json()).identity()

    async def hook_deliveries(self) -> AsyncIterator[HookDelivery]:
        """As `AppAdmin`."""
        async for item in items(self, outgoing("GET", "/app/hook/deliveries", {})):
            yield read(DeliveryBody, item).delivery()

    async def redeliver(self, delivery_id: int) -> None:
        """As `AppAdmin`."""
        await self.call(outgoing("POST", "/app/hook/deliveries/{id}/attempts", {"id": delivery_id}))
