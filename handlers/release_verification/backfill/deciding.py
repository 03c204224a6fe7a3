"""Decide: one step of a backfill. Each command is one event and one decision; what it came to is the answer. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import Effect, WakeAt
from handlers.release_verification.backfill.commands import (
    APPROVE,
    CONTINUE,
    INVENTORY,
    PLAN,
    ROLLBACK,
    RUN,
    Named,
    named,
)
from handlers.release_verification.backfill.documents import digest_of, id_of
from handlers.release_verification.backfill.models import (
    Answer,
    AssetClass,
    BackfillEvidence,
    BackfillState,
    Run,
    RunFacts,
    Stage,
    open_run,
)
from handlers.release_verification.backfill.planning import batches, plan_of
from handlers.release_verification.backfill.revoking import rolled_back
from handlers.release_verification.backfill.running import (
    NAME,
    approval,
    collected,
    gates,
    is_awaited,
    look_again,
    next_run,
    refusal_of_approval,
    refusal_of_run,
)

NO_INVENTORY = "there is no complete inventory: run hephaestus backfill inventory first"
REMEMBER = timedelta(days=300)


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
        going_on = open_run(self.state)
        if going_on is not None and evidence.facts is not None:
            self._collect(going_on, evidence.facts)
        for command in evidence.asked:
            said = named(command)
            if command == PLAN:
                self._plan()
            elif command == RUN:
                self._run()
            elif said is not None and said.command == APPROVE:
                self._approve(said)
            elif said is not None:
                self._roll_back(said)

    def decision(self) -> Decision[BackfillState]:
        """As it came out."""
        reason = Reason("backfill.step", self.said)
        if self.state.added or self.state.revoked:
            # What nothing happens to is forgotten after some time, and this must not be.
            self._wake(self.evidence.now + REMEMBER, "remember")
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
            self._wake(evidence.again_at or evidence.now, CONTINUE)
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

    def _approve(self, said: Named) -> None:
        plan = self.state.plan
        refused = refusal_of_approval(self.evidence, plan, said)
        if refused or plan is None:
            self._answer(APPROVE, is_done=False, text=refused)
            return
        self.state = replace(self.state, approval=approval(self.evidence, plan, said))
        self._answer(APPROVE, is_done=True, text=f"{said.by} approved the plan sha256:{said.plan}")

    def _run(self) -> None:
        if open_run(self.state) is not None:
            self._answer(RUN, is_done=True, text="a run goes on already")
            return
        refused = refusal_of_run(self.evidence, self.state)
        if refused:
            self._answer(RUN, is_done=False, text=refused)
            return
        self._start()

    def _start(self) -> None:
        """The next run of the plan, or the end."""
        plan = self.state.plan
        begun = next_run(self.evidence, self.state, plan) if plan else None
        if plan is None or begun is None:
            self.state = replace(self.state, is_working=False)
            count = len(plan.items) if plan else 0
            self._answer(RUN, is_done=True, text=f"all {count} assets of the plan are attested")
            return
        run, effects = begun
        self.state = replace(self.state, runs=(*self.state.runs, run), is_working=True)
        self.effects += effects
        self._answer(RUN, is_done=True, text=f"the run {run.correlation} signs {len(run.items)} assets")

    def _collect(self, run: Run, facts: RunFacts) -> None:
        evidence = self.evidence
        if is_awaited(evidence, run, facts):
            self.state = replace(self.state, is_working=True)
            self.verdict, self.said = Verdict.WAITING, f"the run {run.correlation} goes on"
            self.effects.append(look_again(evidence))
            return
        ended, added = collected(evidence, run, facts)
        runs = tuple(ended if each.correlation == run.correlation else each for each in self.state.runs)
        self.state = replace(self.state, runs=runs, added=(*self.state.added, *added), is_working=False)
        self.effects += gates(evidence, {each.item.release_id for each in added})
        if ended.stage is Stage.FAILED:
            self._answer(RUN, is_done=False, text=f"the run {run.correlation}: {ended.why}")
        elif self.state.plan is not None and id_of(self.state.plan) == run.plan_id:
            self._start()
        else:
            self._answer(RUN, is_done=True, text=f"the run {run.correlation} is collected")

    def _roll_back(self, said: Named) -> None:
        done = rolled_back(self.evidence, self.state, said)
        if done is None:
            self._answer(ROLLBACK, is_done=False, text=f"the ledger knows no run of a plan {said.plan}")
            return
        self.state = done.state
        self.effects += done.effects
        self._answer(ROLLBACK, is_done=True, text=done.text)

    def _wake(self, at: datetime, what: str) -> None:
        self.effects.append(WakeAt(self.evidence.repository, NAME, self.evidence.subject, at, what))
