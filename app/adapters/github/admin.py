"""The App's own administration, with its JWT."""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.adapters.github.exchange import Answer, Outgoing, outgoing
from app.adapters.github.models import read
from app.adapters.github.models.app import AppBody, DeliveryBody
from app.adapters.github.pagination import items
from app.adapters.github.tokens import TokenBroker
from app.errors import AccessDenied, PermanentError
from app.ports.app_admin import AppIdentity, HookDelivery

NOT_A_PAIR = (
    "the App's id and private key (HEPHAESTUS_APP_ID and HEPHAESTUS_PRIVATE_KEY, or both in HEPHAESTUS_APPS_FILE) do not "
    "belong together at this GitHub: compare both with the settings page of the App, and make a new private key there if "
    "need be"
)


class Administration:
    """`AppAdmin` over the REST API."""

    def __init__(self, tokens: TokenBroker) -> None:
        self._tokens = tokens

    async def call(self, request: Outgoing) -> Answer:
        """A successful answer to a request with the JWT."""
        return await self._tokens.as_app(request)

    async def identity(self) -> AppIdentity:
        """As `AppAdmin`."""
        try:
            answer = await self.call(outgoing("GET", "/app", {}))
        except PermanentError as exc:
            raise AccessDenied(exc.code, f"{exc.message}; {NOT_A_PAIR}") from exc
        return read(AppBody, answer.json()).identity()

    async def hook_deliveries(self) -> AsyncIterator[HookDelivery]:
        """As `AppAdmin`."""
        async for item in items(self, outgoing("GET", "/app/hook/deliveries", {}), pages=None):
            yield read(DeliveryBody, item).delivery()

    async def redeliver(self, delivery_id: int) -> None:
        """As `AppAdmin`."""
        await self.call(outgoing("POST", "/app/hook/deliveries/{id}/attempts", {"id": delivery_id}))
