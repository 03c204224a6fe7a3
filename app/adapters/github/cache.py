"""Conditional requests: bodies kept per token scope, bounded in bytes, never shared between tenants.

The key holds scope, media type, API version and URL (gidgethub's holds the URL alone, which gives one installation's body to
another on a 304: gap G1).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

from app.adapters.github.exchange import Answer
from app.adapters.github.times import http_date

KEPT_HEADERS = ("link", "content-type", "etag", "last-modified")
OVERHEAD_BYTES = 500
SETTLED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Key:
    """Who asked for what, in which form."""

    scope: str
    accept: str
    version: str
    url: str


class ConditionalCache:
    """A least-recently-used store of answers with validators; at most `limit_bytes`, 0 switches it off."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self.size_bytes = 0

    def get(self, key: Key) -> Answer | None:
        """The answer kept under exactly this key."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def validators(self, key: Key) -> dict[str, str]:
        """Headers that ask only for news; If-Modified-Since where safe, since GitHub's ETags change with the token."""
        found = self.get(key)
        if found is None:
            return {}
        if "last-modified" in found.headers:
            return {"if-modified-since": found.headers["last-modified"]}
        return {"if-none-match": found.headers["etag"]} if "etag" in found.headers else {}

    def put(self, key: Key, answer: Answer, *, immutable: bool = False) -> None:
        """Keeps a 200 that can be asked about again (or need not be), and forgets the oldest beyond the limit."""
        self.drop(key)
        size = _size(key, answer)
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        if not has_settled(answer):
            headers.pop("last-modified", None)
        validated = "etag" in headers or "last-modified" in headers
        if not (validated or immutable) or size > self._limit_bytes // 4:
            return
        self._answers[key] = Answer(answer.status, headers, answer.body, from_cache=True)
        self.size_bytes += size
        while self.size_bytes > self._limit_bytes:
            oldest, gone = self._answers.popitem(last=False)
            self.size_bytes -= _size(oldest, gone)

    def drop(self, key: Key) -> None:
        """Forgets one answer."""
        gone = self._answers.pop(key, None)
        if gone is not None:
            self.size_bytes -= _size(key, gone)

    def clear(self) -> None:
        """Forgets everything."""
        self._answers.clear()
        self.size_bytes = 0


def has_settled(answer: Answer) -> bool:
    """Whether `last-modified` names this content alone: it has whole seconds, so what has just changed may change again in it.

    Source: RFC 9110, section 8.8.2.2; a minute, since the answer's `date` may be another machine's.
    """
    changed_at, sent_at = (http_date(answer.headers.get(name, "")) for name in ("last-modified", "date"))
    return changed_at is not None and sent_at is not None and sent_at - changed_at >= SETTLED_AFTER


def _size(key: Key, answer: Answer) -> int:
    return len(answer.body) + len(key.url) + len(key.scope) + OVERHEAD_BYTES
