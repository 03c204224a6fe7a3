"""The verdict in the release's own notes, where the policy asks for it; the check run stays what counts. Pure."""

from __future__ import annotations

from app.domain.decision import Verdict
from app.domain.effects import MarkNotes
from app.domain.markdown import code
from handlers.release_verification.judgement import Judgement
from handlers.release_verification.models import ReleaseEvidence
from handlers.release_verification.verdicts import Standing

SAID = {
    Verdict.PASS: "every asset has the evidence that the repository's policy asks for",
    Verdict.FAIL: "not every asset has the evidence that the repository's policy asks for",
    Verdict.MISSING: "no asset was verified",
    Verdict.INCONCLUSIVE: "some signatures could not be decided",
}
"""Verdicts that people should read in the notes; what is still open, or our own failure, is not written there."""


def marks(evidence: ReleaseEvidence, judgement: Judgement) -> tuple[MarkNotes, ...]:
    """The words for the notes. None while a quarantine may edit the release: its own edits are told by when they were made."""
    section, release = evidence.policy.section, evidence.release
    if section is None or not section.mark_notes or release is None or release.commit is None:
        return ()
    said = SAID.get(judgement.verdict)
    if said is None or evidence.quarantine is not None:
        return ()
    grades = sorted(
        {each.grade for each in judgement.assets if each.standing is Standing.GOOD},
        key=lambda each: each.rank,
    )
    least = f" The least grade is {code(grades[0].value)}." if grades and judgement.is_good else ""
    text = (
        f"**Release verification:** {said}, for {code(release.tag)} at commit {code(release.commit)}.{least} "
        "The check run on the commit has each asset."
    )
    return (MarkNotes(evidence.repository, release.id, release.tag, text),)
