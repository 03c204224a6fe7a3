"""The App itself and the deliveries of its webhook as GitHub writes them."""

from __future__ import annotations

from pydantic import AwareDatetime

from app.adapters.github.models import Lenient
from app.domain.ids import DeliveryId, InstallationId
from app.ports.app_admin import AppIdentity, HookDelivery

OK_STATUSES = range(200, 300)


class AppBody(Lenient):
    """`integration`."""

    id: int
    slug: str = ""
    name: str
    permissions: dict[str, str]
    events: tuple[str, ...]

    def identity(self) -> AppIdentity:
        """The App."""
        return AppIdentity(
            self.id, self.slug, self.name, tuple(sorted(self.permissions.items())), self.events
        )


class DeliveryBody(Lenient):
    """`hook-delivery-item`; `status_code` is 0 where no connection came about."""

    id: int
    guid: str
    delivered_at: AwareDatetime
    redelivery: bool
    status_code: int
    event: str
    action: str | None = None
    installation_id: int | None = None

    def delivery(self) -> HookDelivery:
        """The attempt."""
        installation = None if self.installation_id is None else InstallationId(self.installation_id)
        return HookDelivery(
            id=self.id,
            guid=DeliveryId(self.guid),
            delivered_at=self.delivered_at,
            redelivery=self.redelivery,
            ok=self.status_code in OK_STATUSES,
            status_code=self.status_code,
            event=self.event,
            action=self.action,
            installation_id=installation,
        )
