"""Group commit: whatever is accepted at once is answered one by one, rightly, and bounded."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, update

from app.adapters.database.connection import Database
from app.adapters.database.inbox import GroupCommit, delivery_table
from app.adapters.database.ledger import SqlLedger
from app.domain.delivery import Acceptance, Delivery, DeliveryState, Source, delivery_of
from app.domain.ids import AppKey, DeliveryId
from app.errors import TransientError
from app.testing.clock import FrozenClock

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def delivery(guid: str, app_key: str = "api.github.com/1", body: bytes = b"{}") -> Delivery:
    return delivery_of(AppKey(app_key), DeliveryId(guid), Source.GITHUB, "push", body, NOW)


async def count(database: Database) -> int:
    return await database.write(
        lambda connection: connection.execute(select(func.count()).select_from(delivery_table)).scalar_one()
    )


async def test_new_known_failed_and_repeated_ones_are_told_apart_in_one_commit(database: Database) -> None:
    inbox = GroupCommit(database)
    await asyncio.gather(inbox.accept(delivery("known")), inbox.accept(delivery("failed")))
    failed = update(delivery_table).where(delivery_table.c.guid == "failed")
    await database.write(lambda connection: connection.execute(failed.values(state=DeliveryState.FAILED)))
    guids = ["known", "new", "failed", "new", "failed", "other"]
    assert await asyncio.gather(*(inbox.accept(delivery(guid)) for guid in guids)) == [
        Acceptance.DUPLICATE,
        Acceptance.ACCEPTED,
        Acceptance.RESUMED,
        Acceptance.DUPLICATE,
        Acceptance.DUPLICATE,
        Acceptance.ACCEPTED,
    ]
    assert await count(database) == 4


async def test_the_same_guid_of_two_apps_is_two_deliveries(database: Database) -> None:
    inbox = GroupCommit(database)
    both = await asyncio.gather(inbox.accept(delivery("1", "a")), inbox.accept(delivery("1", "b")))
    assert [*both] == [Acceptance.ACCEPTED, Acceptance.ACCEPTED]


async def test_two_processes_that_accept_the_same_deliveries_store_each_once(
    database: Database, database_url: str
) -> None:
    other = Database(database_url)
    inboxes = (GroupCommit(database), GroupCommit(other))
    answers = await asyncio.gather(*(inbox.accept(delivery(str(n))) for n in range(50) for inbox in inboxes))
    await other.close()
    assert answers.count(Acceptance.ACCEPTED) == answers.count(Acceptance.DUPLICATE) == 50
    assert await count(database) == 50


async def test_more_than_may_wait_are_turned_away_and_room_comes_back(database: Database) -> None:
    inbox = GroupCommit(database, max_waiting=3)
    answers = await asyncio.gather(
        *(inbox.accept(delivery(str(n))) for n in range(5)), return_exceptions=True
    )
    assert answers[:3] == [Acceptance.ACCEPTED] * 3
    assert [getattr(answer, "code", None) for answer in answers[3:]] == ["ledger.full"] * 2
    assert await inbox.accept(delivery("3")) is Acceptance.ACCEPTED


async def test_more_than_may_wait_to_be_parsed_are_turned_away_and_room_comes_back(
    database: Database,
) -> None:
    ledger = SqlLedger(database, FrozenClock(), max_waiting=3)
    await ledger.count_waiting()
    for guid in ("0", "1", "1", "2"):  # what is known takes no room
        await ledger.accept(delivery(guid))
    with pytest.raises(TransientError, match=r"ledger\.full"):
        await ledger.accept(delivery("refused"))
    await ledger.ignore(delivery("0"), None, None, "parsed")
    assert await ledger.accept(delivery("refused")) is Acceptance.ACCEPTED
    with pytest.raises(TransientError):
        await ledger.accept(delivery("one more"))


async def test_what_waited_before_and_what_others_parse_is_counted(database: Database) -> None:
    ledger, other = (SqlLedger(database, FrozenClock(), max_waiting=2) for _ in range(2))
    for guid in ("0", "1", "2"):
        await other.accept(delivery(guid))
    await ledger.count_waiting()
    with pytest.raises(TransientError):
        await ledger.accept(delivery("3"))
    for guid in ("0", "1"):
        await other.quarantine(delivery(guid), "parsed")
    await ledger.count_waiting()
    assert await ledger.accept(delivery("3")) is Acceptance.ACCEPTED


async def test_who_never_counted_refuses_nothing_for_what_others_left(database: Database) -> None:
    ledger = SqlLedger(database, FrozenClock(), max_waiting=1)
    for guid in ("0", "1", "2"):
        assert await ledger.accept(delivery(guid)) is Acceptance.ACCEPTED


async def test_a_timer_that_fires_takes_room_and_is_never_refused(database: Database) -> None:
    ledger = SqlLedger(database, FrozenClock(), max_waiting=1)
    await ledger.count_waiting()
    for key in ("a", "b"):
        await ledger.set_timer(key, AppKey("k"), b"{}", NOW)
    assert await ledger.fire_timers(NOW, 10) == 2
    with pytest.raises(TransientError):
        await ledger.accept(delivery("0"))


async def test_more_bytes_than_may_wait_are_turned_away_but_one_large_body_is_not(database: Database) -> None:
    inbox = GroupCommit(database, max_waiting_bytes=1000)
    large = delivery("large", body=b"x" * 2000)
    assert await inbox.accept(large) is Acceptance.ACCEPTED
    answers = await asyncio.gather(
        *(inbox.accept(delivery(str(n), body=b"x" * 600)) for n in range(2)), return_exceptions=True
    )
    assert answers[0] is Acceptance.ACCEPTED
    assert isinstance(answers[1], TransientError)


async def test_a_database_that_fails_is_told_to_each_caller_and_is_tried_again(database: Database) -> None:
    inbox = GroupCommit(database)
    rename = "ALTER TABLE delivery RENAME TO away"
    await database.write(lambda connection: connection.exec_driver_sql(rename))
    answers = await asyncio.gather(
        *(inbox.accept(delivery(str(n))) for n in range(3)), return_exceptions=True
    )
    assert [getattr(answer, "code", None) for answer in answers] == ["ledger.unavailable"] * 3
    assert len({id(answer) for answer in answers}) == 3
    back = "ALTER TABLE away RENAME TO delivery"
    await database.write(lambda connection: connection.exec_driver_sql(back))
    assert await inbox.accept(delivery("0")) is Acceptance.ACCEPTED


async def test_a_caller_that_gave_up_does_not_disturb_the_others(database: Database) -> None:
    inbox = GroupCommit(database, max_waiting=2)
    gone = asyncio.ensure_future(inbox.accept(delivery("gone")))
    stays = asyncio.ensure_future(inbox.accept(delivery("stays")))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays is Acceptance.ACCEPTED
    assert await inbox.accept(delivery("gone")) is Acceptance.DUPLICATE
