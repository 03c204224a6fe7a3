"""Route: an event becomes (capability, subject) pairs, in the order of the table. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.events import ButtonClicked, CheckRerequested, Event
from app.domain.ids import AppKey
from app.ports.handler import AnyCapability, Lane
from app.ports.ledger import Routed


def route(app_key: AppKey, event: Event, capabilities: Mapping[str, AnyCapability]) -> tuple[Routed, ...]:
    """Whom an event concerns; what a person asked for goes first."""
    interactive = isinstance(event, ButtonClicked | CheckRerequested)
    return tuple(
        Routed(name, Lane.INTERACTIVE if interactive else capability.lane, target)
        for name, capability in capabilities.items()
        for target in capability.targets(app_key, event)
    )
