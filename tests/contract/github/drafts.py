"""Check runs as effects draft them."""

from __future__ import annotations

from app.domain.effects import Annotation, AnnotationLevel, CheckButton, CheckConclusion, CheckStatus
from app.domain.ids import CommitSha
from app.ports.github_writer import CheckRunDraft

NOTE = Annotation("anvil/strike.py", 1, 1, AnnotationLevel.WARNING, "unused import", "F401")
BUTTON = CheckButton("Try again", "Asks all gates again", "again")


def draft(sha: CommitSha, *annotations: Annotation) -> CheckRunDraft:
    """A completed run with these annotations."""
    done, passed = CheckStatus.COMPLETED, CheckConclusion.SUCCESS
    return CheckRunDraft(
        "gate", sha, done, passed, "digest-1", "Pass", "All well", "", annotations, (BUTTON,)
    )
