"""Verdicts that were kept: replayed to the same bytes, and held against another policy (`hephaestus gate verify`, `backtest`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """A decision of the quality gate as it was stored; `checks` are the check runs that it planned, each as JSON.

    `evidence` None: none was kept, because it was too large or is past the retention time.
    """

    evaluation: str
    verdict: str
    reasons: tuple[tuple[str, str], ...]
    evidence: bytes | None
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberSource:
    """Where numbers of a verdict come from: one run, with the artifacts that were read, by name and SHA-256."""

    producer: str | None
    workflow: str
    run_id: int
    attempt: int
    event: str
    trust: str
    artifacts: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ReplayedVerdict:
    """A kept decision, decided again. `problem` says why it could not be; then `now` is None.

    `policy` is `file@blob` of the rules, `rules` give the line of each gate's. `readers` are the digests of the programs that
    read the reports then, and that would now.
    """

    evaluation: str
    then: str
    now: str | None = None
    problem: str = ""
    diff: str = ""
    policy: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    sources: tuple[NumberSource, ...] = ()
    readers: tuple[str, str] = ("", "")

    @property
    def same(self) -> bool:
        """Whether it came out the same, byte for byte."""
        return self.now is not None and not self.diff


@dataclass(frozen=True, slots=True)
class TriedCommit:
    """A commit that a policy was tried on; `now` None where its evidence does not hold what the policy asks for."""

    sha: str
    pulls: tuple[int, ...]
    then: str
    now: str | None
    change: str = ""


@dataclass(frozen=True, slots=True)
class FlakyGate:
    """A gate whose state changed when runs of one commit were repeated, and the commits."""

    gate: str
    shas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a policy would have said of recorded commits; a commit's `change` is `blocked` or `unblocked` where that differs."""

    commits: tuple[TriedCommit, ...]
    flaky: tuple[FlakyGate, ...]
    unreadable: int

    @property
    def judged(self) -> tuple[TriedCommit, ...]:
        """Those whose evidence holds what the policy asks for."""
        return tuple(each for each in self.commits if each.now is not None)

    def count(self, change: str) -> int:
        """How many were changed so."""
        return sum(each.change == change for each in self.commits)
