"""The effect `Comment`: one comment per thread and marker, found again by the marker in comments of our own App."""

from __future__ import annotations

from app.dispatch.effects.markers import carries, hidden, normal
from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused, digest, number_of, text_of
from app.dispatch.effects.text_limits import cut
from app.domain.effects import Comment
from app.ports.github_writer import GitHubWriter, IssueComment


async def comment(effect: Comment, writer: GitHubWriter, progress: Progress, *, app_id: int) -> Outcome:
    """Writes the comment, or changes the one that carries the marker; nothing where it already says this."""
    tag = hidden(effect.marker)
    if tag is None:
        return Refused("invalid_marker", "the marker cannot be hidden in an HTML comment")
    body = cut(f"{tag}\n{effect.body}")
    said = digest(effect.key, body)
    if text_of(progress.previous, "digest") == said:
        return Applied({"comment_id": number_of(progress.previous, "comment_id"), "digest": said})
    if effect.head_sha is not None:
        head = await writer.pull_head(effect.number)
        if head != effect.head_sha:
            return Refused("stale", f"#{effect.number} has moved on from {effect.head_sha[:7]}")
    # Always looked up, never remembered: a person may have deleted ours, and a crash may have hidden its id from us.
    ours = _ours(await writer.comments(effect.number), tag, app_id)
    if ours is None:
        await progress.fence()
        ours = await writer.create_comment(effect.number, body)
    elif normal(ours.body) != normal(body):
        await progress.fence()
        await writer.update_comment(ours.id, body)
    return Applied({"comment_id": ours.id, "digest": said})


def _ours(comments: tuple[IssueComment, ...], tag: str, app_id: int) -> IssueComment | None:
    """The oldest comment of our App with the marker on a line of its own; anybody can write a marker, so the author counts."""
    marked = [found for found in comments if found.author_app_id == app_id and carries(found.body, tag)]
    return min(marked, key=lambda found: found.id, default=None)
