"""Why a run must be left alone: no loops, no reaction to bots, nothing on a fork's word. Pure."""

from __future__ import annotations

from app.domain.decision import Reason
from app.domain.remediation import Remedy, Signature
from handlers.remediation.models import ORDER, Mode, Proposal, Remediation, RunFacts

OWN_BRANCHES = "hephaestus/"


def ineligible(run: RunFacts) -> Reason | None:
    """The reason not to look at a run at all."""
    if run.status != "completed" or run.conclusion != "failure":
        return Reason("run.not_failed", "the run has not failed, or runs again already")
    if (run.head_branch or "").startswith(OWN_BRANCHES) and not run.from_fork:
        return Reason(
            "guard.own_branch", "the run is of a branch of ours: a failed remedy is for people to look at"
        )
    if run.head_is_bots:
        return Reason(
            "guard.bot_head", "the run's head commit is a bot's: two bots must not answer each other"
        )
    return None


def mode_of(signature: Signature, section: Remediation) -> Mode:
    """How far to go: what the repository says of this signature, else the lesser of its mode and the signature's own."""
    if section.mode is Mode.OFF:
        return Mode.OFF
    if signature.id in section.signatures:
        return section.signatures[signature.id]
    return min(section.mode, Mode(signature.mode), key=ORDER.index)


def only_explain(run: RunFacts, signature: Signature, proposal: Proposal | None) -> Reason | None:
    """The reason to say what is wrong and do nothing about it."""
    if run.from_fork:
        return Reason("guard.fork", "the run's head is in a fork: its log is only its author's word")
    match signature.remedy:
        case Remedy.EXPLAIN:
            return Reason("remedy.explain", "this is for a person to mend")
        case Remedy.RERUN if run.attempt > 1:
            return Reason("guard.attempt", "the run was run again already, and failed again")
        case Remedy.EDIT:
            return _no_edit(run, proposal)
        case _:
            return None


def _no_edit(run: RunFacts, proposal: Proposal | None) -> Reason | None:
    if proposal is None:
        return Reason("edit.no_file", "the workflow file or its branch does not exist any more")
    if proposal.content is None:
        return Reason("edit.refused", proposal.why)
    if proposal.open_pull is not None:
        return Reason("guard.open_pull", f"pull request {proposal.open_pull} proposes this already")
    if proposal.proposed_before:
        return Reason("guard.proposed_before", "this was proposed before, and the pull request was closed")
    if proposal.fix_key in run.fixes:
        return Reason("guard.fixed_before", "a newer commit of the branch carries this remedy already")
    return None
