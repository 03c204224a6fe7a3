"""Shared commits: what waits while the last commit runs shares the next one, each piece of work in a savepoint of its own.

A commit of SQLite costs a sync of the disk, whatever is in it, and there is one writer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from app.errors import TransientError

T = TypeVar("T")
AT_ONCE = 64
"""The longest that a piece of work can wait for others of its own commit."""
Work = Callable[[Connection], Any]
Transaction = Callable[[Callable[[Connection], None]], None]
"""Runs what it is given in one committed transaction; raises one of our errors where nothing was stored."""


@dataclass(slots=True)
class Piece:
    """Work that waits for its commit, and then what came of it."""

    work: Work
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


@dataclass
class SharedCommits:
    """Runs work in a thread of `executor`; whoever waits is answered after the commit that holds his work."""

    transaction: Transaction
    executor: Executor
    translate: Callable[[DBAPIError], BaseException]
    _waiting: list[Piece] = field(default_factory=list)
    _busy: bool = False

    def submit(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        """The result of `work`, once it is durable; its own error rolls back nothing but itself."""
        loop = asyncio.get_running_loop()
        piece = Piece(work, loop.create_future())
        self._waiting.append(piece)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._next)  # after all that this turn of the loop brings
        return piece.done

    def _next(self) -> None:
        """Begins the next commit; those who no longer wait for their work do not get it done."""
        wanted = [piece for piece in self._waiting if not piece.done.done()]
        pieces, self._waiting = wanted[:AT_ONCE], wanted[AT_ONCE:]
        if not pieces:
            self._busy = False
            return
        try:
            commit = asyncio.get_running_loop().run_in_executor(self.executor, self._commit, pieces)
        except RuntimeError as exc:  # the executor is closed
            self._busy, self._waiting = False, []
            settle(wanted, TransientError("ledger.closed", f"the database is closed: {exc}"))
            return
        commit.add_done_callback(lambda done: self._settle(pieces, done))

    def _settle(self, pieces: list[Piece], commit: asyncio.Future[None]) -> None:
        if self._waiting:
            self._next()
        else:
            self._busy = False
        settle(pieces, commit.exception())

    def _commit(self, pieces: list[Piece]) -> None:
        """One transaction. An outage ends it for all: after one SQLite may have rolled back everything by itself."""
        if len(pieces) == 1:
            self.transaction(lambda connection: alone(connection, pieces[0]))
            return

        def all_of_them(connection: Connection) -> None:
            for piece in pieces:
                self._attempt(connection, piece)

        self.transaction(all_of_them)

    def _attempt(self, connection: Connection, piece: Piece) -> None:
        try:
            with connection.begin_nested():
                piece.result = piece.work(connection)
        except OperationalError:
            raise
        except DBAPIError as exc:
            piece.error = self.translate(exc)
            piece.error.__cause__ = exc
        except Exception as exc:  # noqa: BLE001 (whatever it is, it is the answer to this piece alone)
            piece.error = exc


def alone(connection: Connection, piece: Piece) -> None:
    """Work that shares its commit with nobody needs no savepoint."""
    piece.result = piece.work(connection)


def settle(pieces: list[Piece], error: BaseException | None) -> None:
    """Answers everyone who still waits."""
    for piece in pieces:
        if piece.done.done():
            continue
        mine = piece.error or one_more(error)
        if mine is None:
            piece.done.set_result(piece.result)
        else:
            piece.done.set_exception(mine)


def one_more(error: BaseException | None) -> BaseException | None:
    """An outage for one of several: an exception that several raise would gather all their tracebacks."""
    return TransientError(error.code, error.message) if isinstance(error, TransientError) else error
