from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from app.domain.delivery import Source, delivery_of
from app.domain.ids import AppKey, DeliveryId


def test_a_delivery_of_our_own_carries_the_digest_of_its_body() -> None:
    made = delivery_of(
        AppKey("h/1"), DeliveryId("timer:1"), Source.TIMER, "wake", b"{}", datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert made.body_sha256 == hashlib.sha256(b"{}").hexdigest()
    assert (made.source, made.hook_id, made.target_id, made.traceparent) == (Source.TIMER, "", "", "")
