"""What a sandbox worker that reads reports has to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
HEAVY = ("aiohttp", "asyncio", "cyclonedx", "pydantic")
PROGRAM = (
    f"import handlers.quality_gate.reports.gathered, sys; print(*(n for n in {HEAVY} if n in sys.modules))"
)


def test_the_readers_of_reports_import_nothing_that_only_the_rest_needs() -> None:
    """A worker's memory is mostly its imports: the readers alone take half of what everything takes."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        check=True,
        cwd=REPOSITORY,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == []
