"""The effect `EditRelease`: the marks of one release, set once, and never over what somebody else did meanwhile.

GitHub takes an edit without a condition, so the release is read right before it. The intention is stored first: after a crash a
release that already has the marks could not be told from one that a person marked so.
"""

from __future__ import annotations

from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused, text_of
from app.domain.effects import EditRelease
from app.domain.release_marks import ReleaseMarks
from app.ports.github_writer import GitHubWriter

EDITING = "editing"
"""The cursor's stage from before the edit until its answer."""


async def edit_release(effect: EditRelease, writer: GitHubWriter, progress: Progress) -> Outcome:
    """Sets the marks, or finds that an earlier attempt did."""
    if progress.previous is not None:
        return Applied(dict(progress.previous))
    found = await writer.release(effect.release_id)
    if found is None:
        return Refused("release_gone", f"release {effect.release_id} no longer exists")
    now = found.marks
    if text_of(progress.cursor, "stage") == EDITING and _has(now, effect):
        return await _applied(now, writer)
    if found.immutable:
        return Refused("immutable", f"the release {now.tag} is immutable")
    if not effect.seen.are_still(now):
        return Refused("stale", f"the release {now.tag} was changed since it was looked at")
    await progress.save({"stage": EDITING})
    await progress.fence()
    made = await writer.edit_release(
        effect.release_id, draft=effect.draft, prerelease=effect.prerelease, latest=effect.latest
    )
    return await _applied(made.marks, writer)


def _has(now: ReleaseMarks, effect: EditRelease) -> bool:
    return (now.tag, now.draft, now.prerelease) == (effect.seen.tag, effect.draft, effect.prerelease)


async def _applied(now: ReleaseMarks, writer: GitHubWriter) -> Applied:
    """With what GitHub shows as the latest release from now on, which it decides itself; 0 for none."""
    at = now.updated_at.isoformat() if now.updated_at else ""
    return Applied({"updated_at": at, "latest": await writer.latest_release() or 0})
