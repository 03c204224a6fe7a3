"""The account in whose name the App acts: GitHub says its id to a token of the App, as `viewer`."""

from __future__ import annotations

from dataclasses import dataclass

from app.adapters.github.api import Api
from app.adapters.github.graphql import graphql
from app.adapters.github.models import Lenient, read
from app.errors import PermanentError

VIEWER = "query { viewer { databaseId } }"


class _User(Lenient):
    databaseId: int | None = None  # noqa: N815 -- GraphQL's name


class _Viewer(Lenient):
    viewer: _User


@dataclass
class OwnAccount:
    """Asks once in a process's life; an account's id never changes."""

    known: int | None = None

    async def id(self, api: Api) -> int | None:
        """The account's id; None where GitHub does not say it."""
        if self.known is None:
            try:
                self.known = read(_Viewer, await graphql(api, VIEWER, {})).viewer.databaseId
            except PermanentError:
                return None
        return self.known
