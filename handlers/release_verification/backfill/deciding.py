"""Decide: one step of a backfill. Each command is one event and one decision; what it came to is the answer. Pure."""

from __future__ import annotations

from dataclasses import replace

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import Effect, WakeAt
from handlers.release_verification.backfill.commands import CONTINUE, INVENTORY, PLAN
from handlers.release_verification.backfill.documents import digest_of
from handlers.release_verification.backfill.models import (
    Answer,
    AssetClass,
    BackfillEvidence,
    BackfillState,
)
from handlers.release_verification.backfill.planning import batches, plan_of

NAME = "release_backfill"
NO_INVENTORY = "there is no complete inventory: run hephaestus backfill inventory first"


def decide(evidence: BackfillEvidence) -> Decision[BackfillState]:
    """The next state, and what is to happen for it."""
    step = _Step(evidence)
    step.take()
    return step.decision()


class _Step:
    """One decision, command by command."""

    def __init__(self, evidence: BackfillEvidence) -> None:
        self.evidence = evidence
        nothing = Answer("", is_done=False, text="", at=evidence.now)
        self.state = evidence.state or BackfillState(nothing)
        self.effects: list[Effect] = []
        self.verdict, self.said = Verdict.NOT_APPLICABLE, "nothing was asked for"

    def take(self) -> None:
        """What goes on by itself, then each command."""
        evidence = self.evidence
        if evidence.problem:
            for command in evidence.asked:
                self._answer(command, is_done=False, text=evidence.problem)
            self.state = replace(self.state, is_working=False)
            return
        if evidence.inventory is not None:
            self._take_inventory()
        for command in evidence.asked:
            if command == PLAN:
                self._plan()

    def decision(self) -> Decision[BackfillState]:
        """As it came out."""
        reason = Reason("backfill.step", self.said)
        return Decision(self.verdict, (reason,), tuple(self.effects), self.state)

    def _answer(self, command: str, *, is_done: bool, text: str) -> None:
        self.verdict, self.said = Verdict.ACTED if is_done else Verdict.FAIL, text
        answer = Answer(command, is_done=is_done, text=text, at=self.evidence.now)
        self.state = replace(self.state, answer=answer)

    def _take_inventory(self) -> None:
        evidence, inventory = self.evidence, self.evidence.inventory
        is_going_on = inventory is not None and not inventory.is_complete
        self.state = replace(self.state, inventory=inventory, memory=evidence.memory, is_working=is_going_on)
        if inventory is None:
            return
        if is_going_on:
            self.verdict = Verdict.WAITING
            self.said = f"{len(inventory.releases)} releases are inventoried so far"
            self._wake()
            return
        counts = ", ".join(
            f"{sum(item.stands is each for item in inventory.items)} {each.value}" for each in AssetClass
        )
        cut = "; there are more assets than are inventoried" if inventory.is_cut else ""
        text = f"{len(inventory.items)} assets of {len(inventory.releases)} releases: {counts}{cut}"
        self._answer(INVENTORY, is_done=True, text=text)

    def _plan(self) -> None:
        evidence, inventory = self.evidence, self.state.inventory
        policy = evidence.section.backfill if evidence.section else None
        if inventory is None or not inventory.is_complete or policy is None or evidence.pin is None:
            self._answer(PLAN, is_done=False, text=evidence.why_not or NO_INVENTORY)
            return
        plan = plan_of(evidence.repository, inventory, policy, evidence.pin, evidence.now)
        self.state = replace(self.state, plan=plan, approval=None)
        text = (
            f"plan sha256:{digest_of(plan)}: {len(plan.items)} assets to sign in {len(batches(plan))} runs, "
            f"{len(plan.refused)} refused; it expires on {plan.expires_at:%Y-%m-%d %H:%M} UTC"
        )
        self._answer(PLAN, is_done=True, text=text)

    def _wake(self) -> None:
        evidence = self.evidence
        at = evidence.again_at or evidence.now
        self.effects.append(WakeAt(evidence.repository, NAME, evidence.subject, at, CONTINUE))
