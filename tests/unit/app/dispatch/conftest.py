from __future__ import annotations

import pytest

from app.adapters.database.ledger import SqlLedger
from app.testing.clock import FrozenClock
from tests.unit.app.dispatch.world import Opinion, World


@pytest.fixture
def world(ledger: SqlLedger, clock: FrozenClock) -> World:
    """One capability, `gate`."""
    return World(ledger, clock, {"gate": Opinion()})
