"""The App's own administration, with its JWT: deliveries, installations, set-up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.ids import DeliveryId, InstallationId


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """What GitHub says about the App (`GET /app`)."""

    id: int
    slug: str
    name: str
    permissions: tuple[tuple[str, str], ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """One attempt of GitHub to deliver a webhook; several attempts share a guid. `ok` means our answer was 2xx."""

    id: int
    guid: DeliveryId
    delivered_at: datetime
    redelivery: bool
    ok: bool
    status_code: int
    event: str
    action: str | None
    installation_id: InstallationId | None


class AppAdmin(Protocol):
    """Reads and mends what concerns the App as a whole; raises as `GitHubReader` does."""

    async def identity(self) -> AppIdentity:
        """The App, which proves that id, key and clock are right."""
        ...

    def hook_deliveries(self) -> AsyncIterator[HookDelivery]:
        """Attempts, newest first, as far back as GitHub keeps them, however many; stop iterating to stop paging."""
        ...

    async def redeliver(self, delivery_id: int) -> None:
        """Asks GitHub to deliver that attempt's payload again, under its old guid."""
        ...
