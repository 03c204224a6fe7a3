"""The double of GitHub's write side: its requests as such, and the part that starts workflows and deletes attestations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.domain.ids import CommitSha
from app.testing.writer_rules import Interruption, not_found

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class RecordedRequests:
    """Counts requests, and interrupts the one you choose."""

    interruption: Interruption | None = None
    requests: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    _ids: int = 100

    def _request(self, name: str, act: Callable[[], T], *, writes: bool = False) -> T:
        """One request: counted, interrupted where it was asked for."""
        self.requests.append(name)
        cut = (
            self.interruption
            if self.interruption and self.interruption.request == len(self.requests)
            else None
        )
        if cut and cut.lost:
            raise cut.error
        if writes:
            self.writes.append(name)
        answer = act()
        if cut:
            raise cut.error
        return answer

    def _next_id(self) -> int:
        self._ids += 1
        return self._ids


@dataclass(slots=True, kw_only=True)
class RecordedActions(RecordedRequests):
    """Runs that were started by hand, and attestations."""

    branches: dict[str, CommitSha] = field(default_factory=dict)
    blobs: dict[str, str] = field(default_factory=dict)
    """Of files, by their paths."""
    dispatched: dict[int, str] = field(default_factory=dict)
    """The correlations of runs that were started by hand."""
    tells_runs: bool = True
    """Whether a dispatch is answered with the run's id, which older servers do not do."""
    attestations: set[int] = field(default_factory=set)
    is_organisation: bool = True

    async def blob_at(self, path: str, branch: str) -> str | None:
        """The blob of a file, the same at every branch that there is."""
        return self._request("blob_at", lambda: self.blobs.get(path) if branch in self.branches else None)

    async def dispatch_workflow(self, file: str, branch: str, inputs: Mapping[str, str]) -> int | None:
        """A run of a workflow that there is, titled by its correlation."""

        def act() -> int | None:
            if branch not in self.branches or not any(path.endswith(f"/{file}") for path in self.blobs):
                raise not_found("workflow")
            number = self._next_id()
            self.dispatched[number] = f"Backfill {inputs['correlation']}"
            return number if self.tells_runs else None

        return self._request("dispatch_workflow", act, writes=True)

    async def dispatched_run(self, file: str, correlation: str) -> int | None:  # noqa: ARG002 (of whatever workflow)
        """The run whose title ends so."""

        def act() -> int | None:
            found = (run for run, title in self.dispatched.items() if title.endswith(correlation))
            return next(found, None)

        return self._request("dispatched_run", act)

    async def is_of_organisation(self) -> bool:
        """As it was made."""
        return self._request("is_of_organisation", lambda: self.is_organisation)

    async def delete_attestation(self, attestation_id: int) -> None:
        """Forgets it."""

        def act() -> None:
            if attestation_id not in self.attestations:
                raise not_found("attestation")
            self.attestations.remove(attestation_id)

        self._request("delete_attestation", act, writes=True)
