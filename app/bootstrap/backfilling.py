"""What `hephaestus backfill` needs: rows that the running service takes up, and what came of them."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.known import kept_state, known_repositories
from app.bootstrap.operating import opened_database
from app.bootstrap.replaying import FOLLOWED_FOR_S, LOOK_EVERY_S, OPEN, TAKEN_UP_WITHIN_S, followed
from app.dispatch.payloads import WAKE, wake_body
from app.domain.delivery import DeliveryState, Source, delivery_of, own_id
from app.domain.ids import AppKey
from app.domain.repo import Repository, Subject, SubjectKind
from app.errors import InvalidInput
from app.settings import Settings
from handlers.builtin import BACKFILL
from handlers.release_verification.backfill import documents
from handlers.release_verification.backfill.commands import APPROVE, ROLLBACK, named
from handlers.release_verification.backfill.models import BackfillState

STATE: TypeAdapter[BackfillState] = TypeAdapter(BackfillState)
START = "start hephaestus serve on this ledger"


@dataclass(frozen=True, slots=True)
class Backfilled:
    """What a command came to. `is_working`: it goes on by itself; `documents` are what there is by now, by name."""

    repository: str
    command: str
    is_done: bool
    is_working: bool
    text: str
    documents: dict[str, Any] = field(default_factory=dict)


async def command(
    settings: Settings,
    repository: str,
    words: str,
    *,
    taken_up_within_s: float = TAKEN_UP_WITHIN_S,
    followed_for_s: float = FOLLOWED_FOR_S,
) -> Backfilled:
    """What the running service made of a command (`handlers.release_verification.backfill.commands`).

    Raises:
        InvalidInput: the ledger knows no such repository, or several Apps do.
        NoService: nobody took the row up; it was taken back.
    """
    async with opened_database(settings) as database:
        app_key, known = await _found(database, repository)
        subject = _subject(app_key, known)
        if words.split(" ", maxsplit=1)[0] in {APPROVE, ROLLBACK} and named(words) is None:
            raise InvalidInput(
                "backfill.words",
                f"{words!r} names no plan or no person: a plan is 16 to 64 hexadecimal digits",
            )
        body = wake_body(known, BACKFILL.name, subject, words)
        guid = own_id(Source.OPERATOR, f"backfill:{uuid.uuid4().hex[:12]}")
        row = delivery_of(app_key, guid, Source.OPERATOR, WAKE, body, SystemClock().now())
        closed = await followed(database, row, START, taken_up_within_s=taken_up_within_s)
        if closed.state is not DeliveryState.DONE:
            why = closed.error or f"the row {guid} is {closed.state.value}"
            is_working = closed.state in OPEN
            return Backfilled(known.full_name, words, is_done=False, is_working=is_working, text=why)
        return await _settled(database, known, subject, words, followed_for_s)


async def status(settings: Settings, repository: str) -> Backfilled:
    """What the ledger has of a repository's backfill; nobody is asked. Raises InvalidInput as `command`."""
    async with opened_database(settings) as database:
        app_key, known = await _found(database, repository)
        state = await _state(database, _subject(app_key, known))
        return _view(known, "status", state)


async def _settled(
    database: Database, repository: Repository, subject: Subject, words: str, limit_s: float
) -> Backfilled:
    """The state when nothing goes on by itself any more, or as far as it is by the limit."""
    begin = time.monotonic()
    while True:
        state = await _state(database, subject)
        if state is None or not state.is_working or time.monotonic() - begin > limit_s:
            return _view(repository, words, state)
        await asyncio.sleep(LOOK_EVERY_S)


async def _found(database: Database, name: str) -> tuple[AppKey, Repository]:
    known = await database.read(known_repositories)
    meant = [each for each in known if each[1].full_name.casefold() == name.casefold()]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(sorted({each.full_name for _, each in known})) or "none"
    if meant:
        raise InvalidInput("backfill.repository", f"several Apps of this ledger know {name}")
    raise InvalidInput(
        "backfill.repository",
        f"this ledger knows no repository {name}: it knows those that events came from, which are {names}",
    )


def _subject(app_key: AppKey, repository: Repository) -> Subject:
    return Subject(app_key, repository.id, SubjectKind.REPOSITORY, str(repository.id))


async def _state(database: Database, subject: Subject) -> BackfillState | None:
    raw = await database.read(lambda connection: kept_state(connection, BACKFILL.name, subject))
    return None if raw is None else STATE.validate_json(raw)


def _view(repository: Repository, words: str, state: BackfillState | None) -> Backfilled:
    name = repository.full_name
    if state is None:
        return Backfilled(name, words, is_done=False, is_working=False, text="nothing was asked for yet")
    found: dict[str, Any] = {}
    if state.inventory is not None:
        found["inventory"] = _document(state.inventory)
    if state.plan is not None:
        found["plan"] = _document(state.plan)
    rest = STATE.dump_python(state, mode="json", include={"approval", "runs", "added", "revoked"})
    found |= {key: value for key, value in rest.items() if value}
    answer = state.answer
    return Backfilled(name, answer.command, answer.is_done, state.is_working, answer.text, found)


def _document(content: documents.Content) -> dict[str, Any]:
    """The canonical document, with its digest beside it."""
    made: dict[str, Any] = json.loads(documents.canonical(content))
    digest = documents.digest_of(content)
    return {"sha256": digest, "id": digest[: documents.ID_DIGITS], "document": made}
