"""The buttons of the check run, and what a press on them leads to. Pure.

*Re-evaluate* reads everything again, *Request waiver* posts the commands to copy, *Accept evidence* is `acceptance`'s and *Fix*
is `fixing`'s. A press is an event like any other, so the commit is judged again in any case; who pressed counts only for what
would change something.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.domain.effects import CheckButton, Comment, Reservation
from app.domain.markdown import code, plain
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.judged import GOOD, GateVerdict, State
from handlers.quality_gate.people import acceptance
from handlers.quality_gate.people.commands import copied
from handlers.quality_gate.people.fixing import FIX, offered
from handlers.quality_gate.people.roles import writes

RE_EVALUATE = CheckButton("Re-evaluate", "Read all reports again", "re-evaluate")
REQUEST_WAIVER = CheckButton("Request waiver", "Post the command that waives a gate", "request-waiver")
USUAL = timedelta(days=14)
REQUESTS = 20
"""Comments a day and commit."""


def buttons_of(evidence: GateEvidence, gates: Sequence[GateVerdict]) -> tuple[CheckButton, ...]:
    """At most three, of those that can lead to anything here."""
    accept = acceptance.button(evidence, gates)
    can_waive = bool(_red(gates)) and bool(_numbers(evidence))
    return (
        RE_EVALUATE,
        *((REQUEST_WAIVER,) if can_waive else ()),
        *((accept,) if accept is not None else (FIX,) if offered(evidence) else ()),
    )


def requested(evidence: GateEvidence, gates: Sequence[GateVerdict]) -> tuple[Comment, ...]:
    """The comments that a press on *Request waiver* asks for: one on each pull request of the commit, changed in place."""
    red = _red(gates)
    asked = any(each.identifier == REQUEST_WAIVER.identifier and writes(each.by) for each in evidence.clicks)
    if not asked or not red:
        return ()
    return tuple(_comment(evidence, number, red) for number in _numbers(evidence))


def refusals(evidence: GateEvidence) -> tuple[str, ...]:
    """What is said to those who may not press what they pressed."""
    known = {each.identifier for each in (RE_EVALUATE, REQUEST_WAIVER, FIX)}
    return tuple(
        f"{each.by.login} may not use this button: it takes the role write"
        for each in evidence.clicks
        if each.identifier in known and not writes(each.by)
    )


def _red(gates: Sequence[GateVerdict]) -> list[GateVerdict]:
    return [each for each in gates if each.required and each.state not in GOOD | {State.WAITING}]


def _numbers(evidence: GateEvidence) -> list[int]:
    return [change.number for change in evidence.changes if change.number is not None]


def _comment(evidence: GateEvidence, number: int, red: list[GateVerdict]) -> Comment:
    section = evidence.policy.section
    roles = " or ".join(section.waive_roles) if section else "maintain"
    until = evidence.now.date() + USUAL
    lines = [
        f"- {code(each.gate)} ({each.state.value}: {plain(each.reason, 300)}):\n\n  ```\n  {copied(each.gate, until)}\n  ```"
        for each in red
    ]
    said = (
        f"A waiver is asked for. Somebody with the role {roles}, and not the author of this pull request, can grant it: copy "
        "a command into a comment of its own, and write the reason in place of TEXT."
    )
    return Comment(
        evidence.repository,
        number,
        "hephaestus:quality-gate:request-waiver",
        "\n".join((said, "", *lines)),
        head_sha=evidence.head_sha,
        reservations=(Reservation(f"{evidence.subject.key}|requests", timedelta(days=1), REQUESTS),),
    )
