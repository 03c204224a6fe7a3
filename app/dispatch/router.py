"""Route: an event becomes (capability, subject) pairs, in the order of the table. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.events import LEFT_OPEN, ButtonClicked, CheckRerequested, CommentCreated, Event, WokenUp
from app.domain.ids import AppKey
from app.domain.modes import Mode, Modes
from app.ports.handler import AnyCapability, Lane
from app.ports.ledger import Routed


@dataclass(frozen=True, slots=True)
class Unasked:
    """A capability that did not say whether an event concerns it, and why not."""

    capability: str
    error: Exception

    def __str__(self) -> str:
        return f"{type(self.error).__name__} in {self.capability}"


@dataclass(frozen=True, slots=True)
class Routing:
    """Whom an event concerns; a fault of one capability is told beside what the others said.

    `off` names, with the setting, the capabilities that it would concern and that are switched off.
    """

    pairs: tuple[Routed, ...] = ()
    unasked: tuple[Unasked, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def problem(self) -> str | None:
        """In words for the ledger, which of the capabilities could not be asked."""
        if not self.unasked:
            return None
        return (
            f"not everyone could be asked: {', '.join(str(each) for each in self.unasked)} [internal.error]"
        )

    @property
    def note(self) -> str | None:
        """In words for the ledger, who was not asked because the operator does not want it."""
        return f"switched off: {', '.join(self.off)}" if self.off else None


def route(app_key: AppKey, event: Event, capabilities: Mapping[str, AnyCapability], modes: Modes) -> Routing:
    """Whom an event concerns; what a person asked for goes first, what a sweep found goes last."""
    off: list[str] = []
    pairs: list[Routed] = []
    unasked: list[Unasked] = []
    for name, capability in capabilities.items():
        try:
            targets = capability.targets(app_key, event)
        except Exception as exc:  # noqa: BLE001 (whatever it is, it is this capability's alone)
            if modes.of(name) is not Mode.OFF:
                unasked.append(Unasked(name, exc))
            continue
        if modes.of(name) is Mode.OFF:
            off += [f"{name} ({modes.why(name)})"] if targets else []
            continue
        pairs += [Routed(name, lane_of(event, capability), target) for target in targets]
    return Routing(tuple(pairs), tuple(unasked), tuple(off))


def lane_of(event: Event, capability: AnyCapability) -> Lane:
    """Where an evaluation queues because of this event."""
    if isinstance(event, ButtonClicked | CheckRerequested | CommentCreated):
        return Lane.INTERACTIVE
    if isinstance(event, WokenUp) and event.what == LEFT_OPEN:
        return Lane.SWEEP
    return capability.lane
