"""The same commit proposed anew must not arrive green: our check is opened before the reports are read again. Pure.

A check run belongs to a commit, not to a pull request (design.md 4). Where a commit has a verdict that lets a merge pass, and is
then proposed to another base (opened, reopened, retargeted, or a branch moved to it), that verdict stands at the new pull request
from its first moment. What could happen meanwhile:

- Auto-merge, or a person, merges as soon as the required checks are green. So the window has to be short. It consists of the
  webhook's way, the queue (2 s at most where the commit was busy), and then by far the longest part: reading (seconds to
  minutes of downloads, hours during an outage). `in_progress` before the first read leaves the first two parts; in the plan
  beside the verdict it would come after all of them and protect nothing. The first two cannot be closed from here: GitHub
  shows the old check before it tells us.
- A merge queue judges a commit of its own (`merge_group`), which has no older verdict: this is only about entering it.

A red or open check passes nothing, and is left as it is until the verdict comes: a write less, and no flicker. So the first
verdict on a commit costs no write more, nor does the same event again: it is about a base that the verdict is known to cover.
Only `reopened` always counts: what happened to the base while it was closed, nobody told us.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.events import Event, PullRequestChanged

REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request and the branch it goes to."""

    number: int
    base_ref: str


def says_something_new(events: Iterable[Event], covered: tuple[Proposal, ...]) -> bool:
    """Whether a verdict that covers these proposals is not about all that the events propose."""
    pulls = [event for event in events if isinstance(event, PullRequestChanged)]
    return any(event.action == "reopened" or proposal_of(event) not in covered for event in pulls)


def covered_after(events: Iterable[Event], covered: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """What the next verdict covers: the newest ones. One that is forgotten costs a write when its event comes again."""
    new = [proposal_of(event) for event in events if isinstance(event, PullRequestChanged)]
    older = (proposal for proposal in covered if proposal not in new)
    return (*older, *dict.fromkeys(new))[-REMEMBERED:]


def proposal_of(event: PullRequestChanged) -> Proposal:
    """What a pull request's event proposes the commit for."""
    return Proposal(event.number, event.base_ref)
