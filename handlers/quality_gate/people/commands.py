"""`/hephaestus waive GATE until DATE because TEXT`, written in a comment on a pull request: read, judged, answered. Pure.

Each comment is answered once, and a comment that is delivered again asks for nothing. Who cannot write to the repository hears
nothing: a bot that answers strangers can be made to talk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import Comment, Effect, Reservation, WakeAt
from app.domain.ids import CommitSha
from app.domain.markdown import code, plain
from app.domain.repo import Subject, SubjectKind
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.people import Command, Conversation, GrantedWaiver
from handlers.quality_gate.people.roles import objection_to_waiving, writes
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.state import GateState

CAPABILITY = "quality_gate"
WAIVE = re.compile(r"waive +(\S{1,40}) +until +(\S{1,40})(?: +because(| .*)| *)", re.IGNORECASE)
UNWAIVE = re.compile(r"unwaive +(\S{1,40})", re.IGNORECASE)
USAGE = (
    "Commands are `/hephaestus waive GATE until YYYY-MM-DD because TEXT` and `/hephaestus unwaive GATE`, on the first line of a "
    "comment of its own."
)
LONGEST_DAYS = 366
PLACEHOLDER = "TEXT"
SHORTEST_WHY, LONGEST_WHY = 3, 500
REMEMBERED = 500
ANSWERS = 50
"""A day and pull request."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a command leads to: the waivers from then on, and what is said; an empty reply says nothing."""

    waivers: tuple[GrantedWaiver, ...]
    reply: str
    reason: Reason


def answer(evidence: GateEvidence, asked: Conversation) -> Decision[GateState]:
    """The replies to new commands, what is granted from then on, and the new look at the commit that it is for."""
    waivers, effects, reasons = asked.waivers, list[Effect](), list[Reason]()
    for command in asked.commands:
        found = _answered(evidence, replace(asked, waivers=waivers), command)
        waivers = found.waivers
        reasons.append(found.reason)
        if found.reply:
            effects.append(_comment(evidence, asked.number, command.comment_id, found.reply))
    for sha in _concerned(asked, is_changed=waivers != asked.waivers):
        commit = Subject(evidence.subject.app_key, evidence.repository.id, SubjectKind.SHA, sha)
        effects.append(WakeAt(evidence.repository, CAPABILITY, commit, evidence.now, "waivers granted"))
    heard = (*asked.heard, *(each.comment_id for each in asked.commands))[-REMEMBERED:]
    state = GateState(evidence.last_activity_at, waivers=waivers, heard=heard, groups=asked.groups)
    verdict = Verdict.ACTED if effects else Verdict.NOT_APPLICABLE
    return Decision(verdict, tuple(reasons), tuple(effects), state if heard or asked.groups else None)


def _concerned(asked: Conversation, *, is_changed: bool) -> tuple[CommitSha, ...]:
    """The commits to judge again: where a waiver changed, and groups that may have read the waivers before one did."""
    if is_changed and asked.head_sha is not None:
        return (asked.head_sha, *asked.groups)
    return asked.joined if asked.heard else ()


def copied(gate: str, until: date) -> str:
    """The command to copy for a gate."""
    return f"/hephaestus waive {gate} until {until.isoformat()} because {PLACEHOLDER}"


def _answered(evidence: GateEvidence, asked: Conversation, command: Command) -> Answered:
    who, section = command.by, evidence.policy.section
    if section is None or not writes(who):
        return Answered(asked.waivers, "", Reason("command.unheard", f"{who.login} is not answered"))
    if asked.heard and command.comment_id < max(asked.heard):
        return _refused(
            asked,
            "late",
            "A later command was answered before this one, so it does not count: write it again.",
        )
    if granted := WAIVE.fullmatch(command.text):
        return _waive(evidence, section, asked, command, granted)
    if withdrawn := UNWAIVE.fullmatch(command.text):
        return _unwaive(section, asked, command, withdrawn[1].lower())
    return _refused(asked, "misread", f"I do not know this command. {USAGE}")


def _waive(
    evidence: GateEvidence,
    section: QualityGate,
    asked: Conversation,
    command: Command,
    words: re.Match[str],
) -> Answered:
    gate, who = words[1].lower(), command.by
    if problem := _not_waivable(section, gate) or objection_to_waiving(who, section):
        return _refused(asked, "refused", f"{plain(who.login)} may not waive {code(gate)}: {problem}.")
    today, until = evidence.now.date(), _date(words[2])
    last = today + timedelta(days=min(LONGEST_DAYS, section.longest_waiver_days or LONGEST_DAYS))
    if until is None or not today <= until <= last:
        return _refused(
            asked,
            "misread",
            f"{code(words[2])} is no day from {today.isoformat()} to {last.isoformat()}, written as YYYY-MM-DD.",
        )
    why = (words[3] or "").strip()
    if wrong := _no_reason(why):
        return _refused(
            asked, "misread", f"{wrong}: {code(f'/hephaestus waive {gate} until {until} because …')}"
        )
    waiver = GrantedWaiver(gate, today, until, who.login, who.id, why, asked.number, command.comment_id)
    others = tuple(each for each in asked.waivers if each.gate != gate)
    reply = (
        f"{plain(who.login)} waived {code(gate)} for this pull request, up to and including {until.isoformat()} (UTC): "
        f"{plain(waiver.why)}\n\nTo take it back: {code(f'/hephaestus unwaive {gate}')}"
    )
    return Answered(
        (*others, waiver), reply, Reason("command.waived", f"{gate} until {until} by {who.login}")
    )


def _no_reason(why: str) -> str:
    """What is wrong with the reason of a waiver; empty where nothing is."""
    limits = f"{SHORTEST_WHY} to {LONGEST_WHY} characters"
    if not why:
        return f"Say why, in {limits}"
    if why == PLACEHOLDER:
        return f"Write the reason in place of {PLACEHOLDER}"
    if not SHORTEST_WHY <= len(why) <= LONGEST_WHY:
        return f"The reason has {len(why)} characters, and may have {limits}"
    return ""


def _unwaive(section: QualityGate, asked: Conversation, command: Command, gate: str) -> Answered:
    """Who may waive may take back, also what others granted; the author of the change may make it stricter, too."""
    who = replace(command.by, is_author=False)
    if problem := objection_to_waiving(who, section):
        return _refused(asked, "refused", f"{plain(who.login)} may not take back a waiver: {problem}.")
    left = tuple(each for each in asked.waivers if each.gate != gate)
    if left == asked.waivers:
        return _refused(
            asked, "misread", f"There is no waiver of {code(gate)} on this pull request to take back."
        )
    reply = f"{plain(who.login)} took back the waiver of {code(gate)}."
    return Answered(left, reply, Reason("command.unwaived", f"{gate} by {who.login}"))


def _refused(asked: Conversation, kind: str, reply: str) -> Answered:
    return Answered(asked.waivers, reply, Reason(f"command.{kind}", reply))


def _not_waivable(section: QualityGate, gate: str) -> str:
    names = [name for name, _ in section.gates.each()]
    if gate not in names:
        return f"the policy has no such gate; it has {', '.join(names)}"
    return "the policy lets only its file waive it" if gate in section.waived_in_file_only else ""


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        return None


def _comment(evidence: GateEvidence, number: int, comment_id: int, body: str) -> Comment:
    scope = f"{evidence.subject.key}|answers"
    return Comment(
        evidence.repository,
        number,
        f"hephaestus:quality-gate:command:{comment_id}",
        body,
        reservations=(Reservation(scope, timedelta(days=1), ANSWERS),),
    )
