from __future__ import annotations

from datetime import UTC, datetime

from app.bootstrap.replaying import repetition
from app.domain.delivery import OWN_IDS, Source, delivery_of
from app.domain.ids import AppKey, DeliveryId

NOW = datetime(2026, 11, 23, tzinfo=UTC)
GIVEN = delivery_of(AppKey("h/1"), DeliveryId("72d3162e"), Source.GITHUB, "check_run", b"{}", NOW)


def test_a_repetition_has_the_bytes_of_the_delivery_and_an_id_that_nobody_outside_can_have() -> None:
    again = repetition(GIVEN)
    assert (again.app_key, again.event, again.body) == (GIVEN.app_key, GIVEN.event, GIVEN.body)
    assert (again.source, again.id.startswith(OWN_IDS)) == (Source.OPERATOR, True)


def test_every_repetition_is_a_row_of_its_own() -> None:
    assert repetition(GIVEN).id != repetition(GIVEN).id
