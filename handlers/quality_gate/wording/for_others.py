"""What a pull request makes of the file that other repositories extend or are held to, for people. Pure."""

from __future__ import annotations

from app.domain.effects import Annotation
from app.domain.markdown import code
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.wording.simulated import marks_at, mistakes_of, untold

NOT_TRIED = "What it would say of their commits is not tried here: a repository's reports are not read for another one."


def block(evidence: GateEvidence) -> tuple[str, ...]:
    """Whether the file would be valid; nothing where it stays as it is."""
    proposed = evidence.for_others
    if proposed is None:
        return ()
    who = (
        "the organisation's file, which holds for every repository of the owner"
        if proposed.is_organisation
        else "the file that other repositories of the owner can extend"
    )
    lines = [f"**This pull request changes {code(proposed.path)}, {who}.**", *mistakes_of(proposed.errors)]
    if proposed.trouble:
        lines.append(untold("Whether it would be valid is not known", proposed.trouble))
    elif not proposed.blob_sha:
        lines.append("It deletes it: what the file says would hold nowhere any more.")
    elif not proposed.errors:
        lines.append(f"Merged, it would be valid. {NOT_TRIED}")
    return ("\n\n".join(lines),)


def warnings(evidence: GateEvidence) -> tuple[Annotation, ...]:
    """Its mistakes beside its lines; they fail nothing here."""
    proposed = evidence.for_others
    return () if proposed is None else marks_at(proposed.path, proposed.errors)
