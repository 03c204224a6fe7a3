"""Runs that several producers of a gate share: read for each of them, judged as one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from handlers.quality_gate.evidence.runs import ProducerReading, RunReading
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.reports.united import united


@dataclass(frozen=True, slots=True)
class Part:
    """One attempt of a run as it was read for one producer, and what it left there."""

    producer: str | None
    run: RunReading
    reports: Reports


def runs_of(readings: Iterable[ProducerReading]) -> dict[tuple[int, int], list[Part]]:
    """The attempts of runs that ended, each with its parts, in the order of the producers."""
    found: dict[tuple[int, int], list[Part]] = {}
    for reading in readings:
        for run in reading.runs:
            if run.reports is not None:
                part = Part(reading.name, run, run.reports)
                found.setdefault((run.run_id, run.attempt), []).append(part)
    return found


def as_one(parts: Sequence[Part], concerns: Callable[[Reports], bool]) -> RunReading | None:
    """The run with all that its parts have, trusted as far as the least that concerns a gate; None where nothing does."""
    heard = [part.run for part in parts if concerns(part.reports)]
    if not heard:
        return None
    least = min(heard, key=lambda run: run.trust.level)
    return replace(least, reports=united([part.reports for part in parts])) if len(parts) > 1 else least
