"""The effect `OpenIssue`: one issue per marker, found again by the marker in issues of our own App.

An issue whose number is not known is looked for among the newest: it can only be one whose answer was lost in a crash. What a
person closed stays closed; what we closed ourselves opens again.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.dispatch.effects.markers import carries, hidden, normal
from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused, digest, number_of, text_of
from app.dispatch.effects.text_limits import clip, cut
from app.domain.effects import OpenIssue
from app.ports.github_writer import GitHubWriter, Issue

TITLE_CHARACTERS = 256
SEARCHED = 200
"""Newest issues and pull requests; ours is among them unless that many were opened since the crash."""
CLOSING = "closing"
CURED = "cured"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An issue as it will be sent."""

    tag: str
    title: str
    body: str
    last_word: str
    digest: str


async def open_issue(effect: OpenIssue, writer: GitHubWriter, progress: Progress, *, app_id: int) -> Outcome:
    """Opens the issue, brings the one that there is up to date, or closes it with a last word."""
    tag = hidden(effect.marker)
    if tag is None:
        return Refused("invalid_marker", "the marker cannot be hidden in an HTML comment")
    title, body = clip(effect.title, TITLE_CHARACTERS), cut(f"{tag}\n{effect.body}")
    last_word = cut(f"{tag}\n{effect.cured}") if effect.cured else ""
    wanted = _Wanted(tag, title, body, last_word, digest(effect.key, title, body, last_word))
    if progress.previous is not None and text_of(progress.previous, "digest") == wanted.digest:
        return Applied(dict(progress.previous))
    ours = await _ours(wanted, writer, progress, app_id)
    if wanted.last_word:
        return await _close(wanted, writer, progress, ours, app_id)
    if ours is None:
        await progress.fence()
        ours = await writer.create_issue(title=title, body=body)
        return _applied(wanted, ours.number)
    is_open = ours.is_open or text_of(progress.previous, "state") == CURED
    if (ours.is_open, ours.title, normal(ours.body)) != (is_open, title, normal(body)):
        await progress.fence()
        await writer.update_issue(ours.number, title=title, body=body, is_open=is_open)
    return _applied(wanted, ours.number)


async def _ours(wanted: _Wanted, writer: GitHubWriter, progress: Progress, app_id: int) -> Issue | None:
    """The issue that is known by its number, else the oldest of our App with the marker; anybody can write a marker."""
    number = number_of(progress.previous, "issue_number")
    known = await writer.issue(number) if number else None
    found = (known,) if known is not None else await writer.newest_issues(SEARCHED)
    marked = [each for each in found if each.author_app_id == app_id and carries(each.body, wanted.tag)]
    return min(marked, key=lambda each: each.number, default=None)


async def _close(
    wanted: _Wanted, writer: GitHubWriter, progress: Progress, ours: Issue | None, app_id: int
) -> Outcome:
    """The last word first, so that nobody sees an issue closed without a reason."""
    was_closing = text_of(progress.cursor, "stage") == CLOSING
    if ours is None or not (ours.is_open or was_closing):
        return _applied(wanted, ours.number if ours else 0)
    if ours.is_open:
        await progress.save({"stage": CLOSING})
        said = [each for each in await writer.comments(ours.number) if each.author_app_id == app_id]
        if not said or normal(said[-1].body) != normal(wanted.last_word):
            await progress.fence()
            await writer.create_comment(ours.number, wanted.last_word)
        await progress.fence()
        await writer.update_issue(ours.number, title=ours.title, body=ours.body, is_open=False)
    return _applied(wanted, ours.number, CURED)


def _applied(wanted: _Wanted, number: int, state: str = "") -> Applied:
    return Applied({"issue_number": number, "state": state, "digest": wanted.digest})
