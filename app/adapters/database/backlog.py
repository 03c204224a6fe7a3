"""What was received and is not parsed yet. Functions of an open transaction.

A body may have 26 MiB, and shrinks to a tenth of it or not at all: how many are read at once is bounded by their bytes, too.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, select

from app.adapters.database.conversion import as_delivery
from app.adapters.database.evaluations import QUEUED, evaluation
from app.adapters.database.inbox import delivery_table
from app.domain.delivery import Delivery, DeliveryState

IS_RECEIVED = delivery_table.c.state == DeliveryState.RECEIVED
SIZES = (
    select(delivery_table.c.seq, func.length(delivery_table.c.body).label("stored"))
    .where(IS_RECEIVED)
    .order_by(delivery_table.c.seq)
    .limit(bindparam("most"))
)
"""Neither database reads a body to tell its length."""
BODIES = (
    select(delivery_table)
    .where(IS_RECEIVED, delivery_table.c.seq <= bindparam("last"))
    .order_by(delivery_table.c.seq)
)
COUNT = select(func.count()).select_from(
    select(delivery_table.c.seq).where(IS_RECEIVED).limit(bindparam("most")).subquery()
)
ALL = select(func.count()).select_from(delivery_table).where(IS_RECEIVED)
QUEUED_ALL = select(func.count()).select_from(evaluation).where(evaluation.c.state == QUEUED)


def count(connection: Connection, most: int) -> int:
    """How many there are, counted no further than to `most`."""
    waiting: int = connection.execute(COUNT, {"most": most}).scalar_one()
    return waiting


def depth(connection: Connection) -> int:
    """How many deliveries and evaluations wait."""
    waiting: int = connection.execute(ALL).scalar_one()
    queued: int = connection.execute(QUEUED_ALL).scalar_one()
    return waiting + queued


def oldest(connection: Connection, most: int, size_bytes: int) -> list[Delivery]:
    """The oldest deliveries: no more than so many, and none after the one with which their bodies reach `size_bytes`.

    So with fewer deliveries and fewer bytes there are no others.
    """
    last = last_within(
        connection, most, 2 * size_bytes
    )  # what does not shrink takes a little more than its bytes
    if last is None:
        return []
    found: list[Delivery] = []
    with connection.execute(BODIES, {"last": last}) as rows:
        for row in rows:  # each is unpacked when its turn comes
            found.append(as_delivery(row))
            size_bytes -= len(found[-1].body)
            if size_bytes <= 0 or len(found) == most:
                break
    return found


def last_within(connection: Connection, most: int, stored_bytes: int) -> int | None:
    """The number of the last delivery before which fewer bytes are stored; None where nothing waits."""
    last: int | None = None
    for row in connection.execute(SIZES, {"most": most}).all():
        if stored_bytes <= 0:
            break
        last = row.seq
        stored_bytes -= row.stored
    return last
