"""What artifacts report is read once (design.md 2): an unchanged commit is judged again without a download. Pure.

Remembered is what the reports say, never a verdict: thresholds and producers of now are applied each time. It counts only for the
same artifacts of the same ids, digests, sizes and times, seen by the same installation and read by the same program; where GitHub
gives no digest, or a download had trouble, everything is read again.
"""

from __future__ import annotations

from pydantic import TypeAdapter

from handlers.quality_gate.evidence.runs import ProducerReading
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.state import KnownReports

MAX_KEPT_BYTES = 4 * 1024 * 1024
"""Of one commit, as JSON: 20,000 findings and coverage of 5,000 files; the rest is read again each time. Stored it is packed."""
REPORTS = TypeAdapter(Reports)


def kept(producers: tuple[ProducerReading, ...]) -> tuple[KnownReports, ...]:
    """What to remember of readings: in their order as long as there is room."""
    left, found = MAX_KEPT_BYTES, dict[str, KnownReports]()
    for run in (run for producer in producers for run in producer.runs):
        if run.reports is None or not run.known_as or run.known_as in found:
            continue
        size = size_bytes(run.reports)
        if size <= left:
            left -= size
            found[run.known_as] = KnownReports(run.known_as, run.reports)
    return tuple(found.values())


def size_bytes(reports: Reports) -> int:
    """How long it is when it is written, before it is packed: the same for the same reports, whatever packs them."""
    return len(REPORTS.dump_json(reports))
