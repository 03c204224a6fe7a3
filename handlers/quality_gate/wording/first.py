"""What a pull request makes of the policy's file where none is in force, for people. Pure."""

from __future__ import annotations

from app.domain.markdown import code
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.wording.simulated import mistakes_of, untold

REQUIRED = (
    "Where this check is required, that cannot turn green here, since the default branch's file decides: somebody whom the rule "
    "lets pass merges it all the same, or an administrator takes the check out of the rule until it is merged."
)


def block(evidence: GateEvidence) -> tuple[str, ...]:
    """Whether the file would be valid; nothing where the commit leaves it as it is."""
    proposed = evidence.proposed
    if proposed is None:
        return ()
    is_repair = bool(evidence.policy.errors)
    does = "changes" if is_repair else "adds"
    lines = [
        f"**This pull request {does} {code(proposed.path)}.** Nothing is judged by it before it is merged."
    ]
    if proposed.errors:
        lines += mistakes_of(
            proposed.errors, "Merged, it would be invalid, and every check would ask for action:"
        )
    elif proposed.trouble:
        lines.append(untold("Whether it would be valid is not known", proposed.trouble))
    elif not proposed.blob_sha:
        lines.append("It deletes it: nothing would be judged, but for the organisation's floor.")
    elif proposed.section is None:
        lines.append(
            f"Merged, it would be valid. It has no section {code('quality_gate')}, so nothing would be judged."
        )
    else:
        gates = ", ".join(code(name) for name, _ in proposed.section.gates.each())
        lines.append(f"Merged, it would be valid, with the gates {gates}.")
    if is_repair and not proposed.errors and not proposed.trouble:
        lines.append(REQUIRED)
    return ("\n\n".join(lines),)
