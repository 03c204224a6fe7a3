"""Pull requests by their head commit, as the newest event of each told. Functions of an open transaction.

GitHub does not name a fork's pull request to a commit, so what events told of it is the only way (design.md 4).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Connection, Executable, bindparam, select

from app.adapters.database.sharing import INSERT
from app.adapters.database.tables import PullTable
from app.domain.delivery import Delivery, Source
from app.domain.events import PullRequestChanged
from app.domain.ids import AppKey, CommitSha
from app.domain.repo import Repository

pull_table = PullTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
EVENT: TypeAdapter[PullRequestChanged] = TypeAdapter(PullRequestChanged)
REPLAYED = 0
MAX_PULLS = 500
WITH_HEAD = (
    select(pull_table.c.event_json)
    .where(
        pull_table.c.app_key == bindparam("of_app"),
        pull_table.c.repository_id == bindparam("of_repository"),
        pull_table.c.head_sha == bindparam("of_sha"),
    )
    .order_by(pull_table.c.delivery_seq.desc(), pull_table.c.number)
)


def keep(connection: Connection, delivery: Delivery, seq: int, event: PullRequestChanged) -> None:
    """Remembers the event, unless one that was received later is remembered; a replay is as old as can be."""
    values = {
        "head_sha": event.head_sha,
        "event_json": EVENT.dump_json(event).decode(),
        "delivery_seq": seq if delivery.source is Source.GITHUB else REPLAYED,
        "received_at": delivery.received_at,
    }
    which = {"app_key": delivery.app_key, "repository_id": event.repository.id, "number": event.number}
    connection.execute(_keep(connection.dialect.name, tuple(values)), {**which, **values})


@cache
def _keep(dialect: str, columns: tuple[str, ...]) -> Executable:
    new = INSERT[dialect](pull_table)
    return new.on_conflict_do_update(
        index_elements=["app_key", "repository_id", "number"],
        set_={name: new.excluded[name] for name in columns},
        where=pull_table.c.delivery_seq < new.excluded.delivery_seq,
    )


def with_head(
    connection: Connection, app_key: AppKey, repository: Repository, sha: CommitSha
) -> list[PullRequestChanged]:
    """The pull requests with this head, the newest event first; the repository is named as it is named now."""
    which = {"of_app": app_key, "of_repository": repository.id, "of_sha": sha}
    rows = connection.execute(WITH_HEAD, which)
    return [replace(EVENT.validate_json(row.event_json), repository=repository) for row in rows]


def closed_heads(connection: Connection, app_key: AppKey, repository: Repository) -> list[CommitSha]:
    """The last heads of pull requests that are closed, and of none that is open; those of the newest events first."""
    rows = connection.execute(
        select(pull_table.c.head_sha, pull_table.c.event_json)
        .where(pull_table.c.app_key == app_key, pull_table.c.repository_id == repository.id)
        .order_by(pull_table.c.received_at.desc(), pull_table.c.number.desc())
        .limit(MAX_PULLS)
    ).all()
    is_open: dict[str, bool] = {}
    for row in rows:
        closed = EVENT.validate_json(row.event_json).action == "closed"
        is_open[row.head_sha] = is_open.get(row.head_sha, False) or not closed
    return [CommitSha(sha) for sha, still in is_open.items() if not still]
