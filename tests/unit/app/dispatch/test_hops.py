"""One id leads through the log from receipt to record, also while no spans are made."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace

from opentelemetry.sdk.trace import TracerProvider

from app.dispatch.hops import trace_id_of
from app.domain.delivery import Source, delivery_of
from app.domain.ids import AppKey, DeliveryId
from app.telemetry import traces
from app.telemetry.logs import fields_of
from tests.unit.app.dispatch.world import KEY, SHA, World, payload

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Lines(logging.Handler):
    """What each line is about, noted while it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.trace_ids: dict[str, set[object]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.trace_ids.setdefault(record.getMessage(), set()).add(fields_of(record).get("trace_id"))


async def trace_ids(world: World, traceparent: str = "") -> dict[str, set[object]]:
    """The trace ids of each hop's lines, for one delivery."""
    one = delivery_of(KEY, DeliveryId("1"), Source.GITHUB, "check_run", BODY, world.clock.now())
    await world.ledger.accept(replace(one, traceparent=traceparent))
    root, lines = logging.getLogger("app"), Lines()
    root.addHandler(lines)
    level = root.level
    root.setLevel(logging.INFO)
    await world.run()
    root.setLevel(level)
    root.removeHandler(lines)
    return lines.trace_ids


BODY = json.dumps(
    {"action": "completed", "check_run": {"id": 1, "name": "ci", "head_sha": SHA}} | payload()
).encode()
HOPS = {"dispatched", "routed", "gathered", "decided", "planned", "applied", "evaluated"}


async def test_without_spans_every_hop_has_the_same_id(world: World) -> None:
    found = await trace_ids(world)
    assert set(found) == HOPS
    (one,) = set.union(*found.values())
    assert re.fullmatch(r"[0-9a-f]{32}", str(one))


async def test_a_traceparent_that_came_with_the_delivery_is_kept(world: World) -> None:
    found = await trace_ids(world, f"00-{TRACE}-b7ad6b7169203331-01")
    assert set.union(*found.values()) == {TRACE}


def test_two_apps_with_the_same_delivery_have_an_id_each(world: World) -> None:
    ids = {
        trace_id_of(delivery_of(AppKey(app), DeliveryId("1"), Source.GITHUB, "push", b"", world.clock.now()))
        for app in ("a", "b")
    }
    assert len(ids) == 2


async def test_while_spans_are_made_the_id_is_theirs(world: World) -> None:
    with traces.recording(TracerProvider().get_tracer("test")):
        found = await trace_ids(world)
    without = trace_id_of(
        delivery_of(KEY, DeliveryId("1"), Source.GITHUB, "check_run", BODY, world.clock.now())
    )
    assert without not in set.union(*found.values())
