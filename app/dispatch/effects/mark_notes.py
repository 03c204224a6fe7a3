"""The effect `MarkNotes`: a few words of ours in the notes of a release, between hidden marks; the rest is people's.

GitHub takes an edit without a condition, so the notes are read right before it. Doing it twice is doing it once: what the notes
say decides, not what an earlier attempt remembers.
"""

from __future__ import annotations

from app.dispatch.effects.markers import normal
from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused
from app.domain.effects import MarkNotes
from app.ports.github_writer import GitHubWriter

BEGIN, END = "<!-- hephaestus:verdict -->", "<!-- /hephaestus:verdict -->"


async def mark_notes(effect: MarkNotes, writer: GitHubWriter, progress: Progress) -> Outcome:
    """Has the notes say it, where they do not already."""
    found = await writer.release(effect.release_id)
    if found is None:
        return Refused("release_gone", f"release {effect.release_id} no longer exists")
    if found.marks.tag != effect.tag:
        return Refused("stale", f"the release has the tag {found.marks.tag} by now")
    wanted = marked(found.notes, effect.text)
    if wanted is None:
        return Refused(
            "marks_broken",
            "of the hidden marks in the notes one is missing, or there are several: remove them",
        )
    if normal(wanted) != normal(found.notes):
        await progress.fence()
        await writer.write_notes(effect.release_id, wanted)
    return Applied({})


def marked(notes: str, text: str) -> str | None:
    """The notes with the text between the marks, at their end where there are none; None where the marks are not one pair."""
    block = f"{BEGIN}\n{text}\n{END}"
    if (notes.count(BEGIN), notes.count(END)) == (0, 0):
        return f"{notes.rstrip()}\n\n{block}\n" if notes.strip() else f"{block}\n"
    before, begin, rest = notes.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in after:
        return None
    return f"{before}{block}{after}"
