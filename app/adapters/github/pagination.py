"""Lists: every page, with the key that holds the items named by the caller (gidgethub gap G10)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from app.adapters.github.exchange import Answer, Outgoing
from app.errors import InvalidInput, PermanentError

PER_PAGE = 100
PAGES = 200
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="next"')


class Caller(Protocol):
    """What answers requests."""

    async def call(self, request: Outgoing) -> Answer:
        """A successful answer."""
        ...


async def items(
    caller: Caller, request: Outgoing, key: str | None = None, *, pages: int | None = PAGES
) -> AsyncIterator[Any]:
    """Each item of a list, page by page; `key` names the list in an object, None where the body is the list.

    `pages` is None where the caller itself stops in time. Raises InvalidInput where the list is not there, PermanentError beyond
    so many pages, or where one leads back to itself: part of a list is never taken for all.
    """
    query = dict(request.query)
    query.setdefault("per_page", str(PER_PAGE))
    asked = replace(request, query=tuple(query.items()))
    for _ in count() if pages is None else range(pages):
        answer = await caller.call(asked)
        for item in page(answer.json(), key, request.what):
            yield item
        following = next_query(answer)
        if following is None:
            return
        if following == asked.query:
            break
        asked = replace(asked, query=following)
    raise PermanentError("github.too_many_pages", f"{request.what} has more pages than can be read")


def page(body: Any, key: str | None, what: str) -> list[Any]:  # noqa: ANN401 -- JSON
    """The items of one page."""
    found = body if key is None else body.get(key) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise InvalidInput(
            "github.unexpected_answer", f"GitHub's answer to {what} has no list {key or ''}".strip()
        )
    return found


def next_query(answer: Answer) -> tuple[tuple[str, str], ...] | None:
    """The query of the next page; path and host stay those that were asked, whatever the link says."""
    found = _NEXT.search(answer.headers.get("link", ""))
    return None if found is None else tuple(parse_qsl(urlsplit(found[1]).query, keep_blank_values=True))
