"""The double of an effect row while it is applied: a cursor in memory, and a fence that can close."""

from __future__ import annotations

from collections.abc import Mapping

from app.errors import LeaseLost


class MemoryProgress:
    """One effect row; hand what `restarted` gives to the next attempt, as the ledger would after a crash."""

    def __init__(
        self,
        previous: Mapping[str, int | str] | None = None,
        *,
        abandoned: Mapping[str, int | str] | None = None,
        writes_allowed: int | None = None,
    ) -> None:
        self._previous = previous
        self._abandoned = abandoned
        self._cursor: dict[str, int | str] = {}
        self._writes_left = writes_allowed

    @property
    def cursor(self) -> Mapping[str, int | str]:
        """What was saved last."""
        return self._cursor

    @property
    def previous(self) -> Mapping[str, int | str] | None:
        """The result of the last applied effect with this key."""
        return self._previous

    @property
    def abandoned(self) -> Mapping[str, int | str] | None:
        """How far a later effect with this key came."""
        return self._abandoned

    async def save(self, cursor: Mapping[str, int | str]) -> None:
        """Keeps the cursor."""
        self._cursor = dict(cursor)

    async def fence(self) -> None:
        """Passes as often as `writes_allowed` says, then raises `LeaseLost`."""
        if self._writes_left is None:
            return
        if self._writes_left == 0:
            raise LeaseLost
        self._writes_left -= 1

    def restarted(self, *, writes_allowed: int | None = None) -> MemoryProgress:
        """The row as the next attempt finds it, with a lease of its own."""
        row = MemoryProgress(self._previous, abandoned=self._abandoned, writes_allowed=writes_allowed)
        row._cursor = self._cursor
        return row
