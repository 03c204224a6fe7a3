"""What a person is asked where only the trust of good evidence is missing. Pure."""

from __future__ import annotations

from app.domain.markdown import code, plain
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.runs import RunReading, Suite
from handlers.quality_gate.people.acceptance import runs_of, wanted
from handlers.quality_gate.people.roles import accepting_roles
from handlers.quality_gate.section import QualityGate


def accepting(evidence: GateEvidence) -> list[str]:
    """What a click on *Accept evidence* means, who may, and which runs it is about."""
    section = evidence.policy.section or QualityGate()
    asked = set(wanted(evidence))
    runs = {each.run_id: each for each in runs_of(evidence) if (each.run_id, each.attempt) in asked}
    roles = " or ".join(accepting_roles(section))
    return [
        "Every required gate would pass, but some of its evidence is trusted less than the policy asks. A person must decide.",
        "\n".join(
            (
                f"**Accept evidence** lets these runs count for commit {code(evidence.head_sha)}, and for nothing else:",
                "",
                *(_run(runs[each]) for each in sorted(runs)),
            )
        ),
        f"Look at what the change does to them first. It takes the role {roles}, and somebody who did not write it.",
        "Another commit, or another attempt, has to be accepted anew.",
    ]


def _run(run: RunReading | Suite) -> str:
    why = f": {plain(run.trust.why, 300)}" if run.trust.why else ""
    return (
        f"- run {run.run_id}, attempt {run.attempt}, {code(run.path, 200)}, trust T{run.trust.level:d}{why}"
    )
