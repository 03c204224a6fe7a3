"""The levels of a TAP report: each has its plan and its test points; a point that closes a level sums it up.

Only points without subtests are tests. The point of a parent counts where it failed and none of its subtests did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.reports import Report
from handlers.quality_gate.formats.results.tally import Outcome, Tally

KEY = re.compile(r"(message|error|file|line|location):\s*['\"]?(.*?)['\"]?\s*")
LOCATION = re.compile(r"(.{1,1000}):(\d{1,8}):\d{1,8}")
BLOCK = frozenset({"|", "|-", ">", ">-"})
MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Point:
    """A test point; `directive` is `todo`, `skip` or empty; `opens_braces` where its subtests follow in braces.

    `number` is the one that it is written with, if any.
    """

    name: str
    is_ok: bool
    directive: str
    opens_braces: bool
    number: int | None = None


@dataclass(slots=True)
class _Level:
    planned: int | None = None
    points: int = 0
    numbers: int = 0
    bad_before: int = 0
    tests_before: int = 0
    braces: Point | None = None

    def see(self, point: Point) -> None:
        """A point of this level; one without a number has that of its place."""
        self.points += 1
        self.numbers += self.points if point.number is None else point.number


class Levels:
    """Takes the lines in order; then `report`."""

    def __init__(self) -> None:
        self.has_begun = False
        self._tally = Tally()
        self._levels = [_Level()]
        self._failed: str | None = None
        self._told: dict[str, str] = {}
        self._awaited = ""
        self._has_bailed = False
        self._contradictions: dict[str, None] = {}

    def begin(self) -> None:
        """A version: a report begins, perhaps after another one in the same file."""
        if self._levels[0].points or self._levels[0].planned is not None:
            self._end()
        self.has_begun = True

    def plan(self, depth: int, planned: int) -> None:
        """A plan of a level."""
        if not self._reach(depth):
            return
        level = self._levels[depth]
        if level.planned is not None:
            self._contradictions["the report has two plans for one list of tests"] = None
        level.planned = planned

    def point(self, depth: int, point: Point) -> None:
        """A test point, after its subtests unless it opens braces."""
        self.close_braces(depth)
        if depth < len(self._levels) - 1:
            self._settle()
            children = self._levels[depth + 1]
            self._leave(depth)
            self._levels[depth].see(point)
            if children.points or children.planned:
                self._sum_up(point, children)
                return
        elif not self._reach(depth):
            return
        else:
            self._levels[depth].see(point)
        if point.opens_braces:
            self._reach(depth + 1)
            self._levels[depth + 1].braces = point
        else:
            self._count(point)

    def close_braces(self, depth: int) -> None:
        """A closing brace at the level of the point that opened it."""
        if depth < len(self._levels) - 1 and (opener := self._levels[depth + 1].braces):
            self._settle()
            children = self._levels[depth + 1]
            self._leave(depth)
            if children.points:
                self._sum_up(opener, children)
            else:
                self._count(opener)

    def bail(self, reason: str) -> None:
        """The run was given up; nothing after it is expected."""
        self._settle()
        self.has_begun = self._has_bailed = True
        self._tally.break_suite("Bail out!", reason or "the run was given up")

    def explain(self, text: str) -> None:
        """A line of the YAML block below the last test point."""
        if self._failed is None:
            return
        if self._awaited:
            self._told[self._awaited], self._awaited = text.strip()[:2000], ""
        elif (found := KEY.fullmatch(text)) and found[1] not in self._told:
            self._told[found[1]] = found[2][:2000]
            # Of a text over several lines the first is enough.
            self._awaited = found[1] if found[2] in BLOCK else ""

    def report(self, report_format: str) -> Report:
        """The report of all that was taken."""
        self._end()
        return self._tally.report(report_format, contradictions=tuple(self._contradictions))

    def _end(self) -> None:
        self._settle()
        self._leave(0)
        top = self._levels[0]
        self._check_plan(top)
        if top.planned is None and not self._has_bailed:
            self._contradictions["the report has no plan: it may be cut off"] = None
        self._tally.suites += 1
        self._levels = [_Level()]

    def _reach(self, depth: int) -> bool:
        """Whether a line of this depth can stand here; opens or closes levels for it."""
        self._settle()
        if depth > len(self._levels) or depth > MAX_DEPTH:
            return False
        self.has_begun = True
        if depth == len(self._levels):
            self._levels.append(_Level(bad_before=self._tally.bad, tests_before=self._tally.tests))
        self._leave(depth)
        return True

    def _leave(self, depth: int) -> None:
        while len(self._levels) - 1 > depth:
            self._check_plan(self._levels.pop())

    def _check_plan(self, level: _Level) -> None:
        if level.planned is not None and level.planned != level.points and not self._has_bailed:
            told = f"{level.planned} tests were planned, {level.points} are written"
            self._tally.break_suite("the plan", told)
        elif level.numbers != level.points * (level.points + 1) // 2:
            self._contradictions["the tests of a list are not numbered from 1 on, each once"] = None

    def _sum_up(self, point: Point, children: _Level) -> None:
        if not point.is_ok and point.directive != "todo" and self._tally.bad == children.bad_before:
            self._tally.break_suite(point.name, "the test failed, but none of its subtests did")

    def _count(self, point: Point) -> None:
        if point.directive == "todo" and not point.is_ok:
            self._tally.add(Outcome.SKIPPED, point.name)
        elif not point.is_ok:
            self._failed = point.name
        else:
            self._tally.add(Outcome.SKIPPED if point.directive == "skip" else Outcome.PASSED, point.name)

    def _settle(self) -> None:
        """Counts the last failed point, now that its block has been read."""
        if self._failed is not None:
            message = self._told.get("message") or self._told.get("error") or "not ok"
            self._tally.fail(self._failed, message, *_place(self._told))
        self._failed, self._told, self._awaited = None, {}, ""


def _place(told: dict[str, str]) -> tuple[str | None, int | None]:
    """As node-tap tells it (`file` and `line`), or node (`location`)."""
    line = told.get("line", "")
    if "file" in told:
        return told["file"], int(line) if re.fullmatch(r"[0-9]{1,8}", line) else None
    found = LOCATION.fullmatch(told.get("location", ""))
    return (found[1], int(found[2])) if found else (None, None)
