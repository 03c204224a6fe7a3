"""Which JUnit files linters and type checkers write: their cases are files that were checked, and no tests. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from app.domain.reports import CaseTotals, TestReport
from handlers.quality_gate.formats import heads

NAMED = frozenset({"mypy", "ruff"})
"""What they call the root element: mypy its one `testsuite`, ruff all its `testsuites`."""
PACKAGE = re.compile(r"<testsuite\s[^>]{0,2000}?\bpackage=[\"']org\.(eslint|ruff)[\"']")


def linter_of(head: bytes) -> str:
    """The linter that wrote a JUnit file which begins so; empty where none is known to have."""
    root = heads.local_root(head)
    name = root[1].get("name", "").lower() if root is not None else ""
    if name in NAMED:
        return name
    found = PACKAGE.search(heads.text_of(head))
    return found[1] if found else ""


def without_passed(tests: TestReport) -> TestReport:
    """What of a linter's JUnit counts among tests: what it says went wrong, and nothing that went well."""
    totals = tests.totals
    bad = totals.failed + totals.errors
    return replace(
        tests, totals=CaseTotals(tests=bad, failed=totals.failed, errors=totals.errors), flaky=0, names=b""
    )
