"""The tests of one Go package over all of its runs in one report.

A run of a package ends with an event of the package itself. A later run in which only tests begin that had failed before is a
retry, and what it says replaces what was said. Any other later run (another build tag, the same file written twice) adds to it,
and the worse of two results counts: a second run must not hide a failure of the first.
"""

from __future__ import annotations

from handlers.quality_gate.formats.results.tally import Outcome

MAX_LINES = 20
MAX_LINE = 500
NEVER_ENDED = "the test began and never ended"


class Package:
    """Collects the events of a package; `close` when no more come, then read the rest."""

    def __init__(self) -> None:
        self.results: dict[str, tuple[Outcome, str]] = {}
        self.broken: list[str] = []
        """What failed outside of tests, run by run: builds, `TestMain`, a package that never ended."""
        self.flaky = 0
        self._run: dict[str, tuple[Outcome, str]] = {}
        self._open: dict[str, list[str]] = {}
        self._heard: list[str] = []
        self._has_begun = False

    def begin(self) -> None:
        """A run of the package begins."""
        self._has_begun = True

    def begin_test(self, test: str) -> None:
        """A test begins."""
        self._has_begun = True
        self._open[test] = []

    def hear(self, test: str, output: str) -> None:
        """A line of output, of a test or of the package."""
        lines = self._open.get(test, self._heard)
        lines.append(output[:MAX_LINE])
        if len(lines) > MAX_LINES:
            del lines[0]

    def end_test(self, test: str, outcome: Outcome) -> None:
        """A test ends; of several ends in one run (`-count`) the worst counts."""
        self._has_begun = True
        text = "".join(self._open.pop(test, ())) if outcome >= Outcome.FAILED else ""
        self._open.pop(test, None)
        self._run[test] = _worse((outcome, text), self._run.get(test))

    def end(self, outcome: Outcome, build_output: str) -> None:
        """A run of the package ends."""
        self._end_open()
        failed = any(each >= Outcome.FAILED for each, _ in self._run.values())
        if outcome >= Outcome.FAILED and not failed:
            self.broken.append(build_output or "".join(self._heard) or "the package failed")
        self._merge()

    def close(self) -> None:
        """No more events come: what is open never ended."""
        if not self._has_begun:
            return
        self._end_open()
        if not any(outcome >= Outcome.FAILED for outcome, _ in self._run.values()):
            self.broken.append("the package began and never ended")
        self._merge()

    def _end_open(self) -> None:
        for test, lines in self._open.items():
            self._run[test] = (Outcome.ERROR, "".join((*lines, NEVER_ENDED)))
        self._open.clear()

    def _merge(self) -> None:
        is_retry = bool(self._run) and {_root(test) for test in self._run} <= self._failed_roots()
        for test, result in self._run.items():
            before = self.results.get(test)
            if is_retry:
                passed_now = (
                    before is not None and before[0] >= Outcome.FAILED and result[0] == Outcome.PASSED
                )
                self.flaky += passed_now
                self.results[test] = result
            else:
                self.results[test] = _worse(result, before)
        self._run, self._has_begun = {}, False
        self._heard.clear()

    def _failed_roots(self) -> set[str]:
        return {_root(test) for test, (outcome, _) in self.results.items() if outcome >= Outcome.FAILED}


def _root(test: str) -> str:
    return test.split("/", 1)[0]


def _worse(result: tuple[Outcome, str], other: tuple[Outcome, str] | None) -> tuple[Outcome, str]:
    return result if other is None or result[0] >= other[0] else other
