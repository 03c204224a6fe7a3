"""Audits of several files as one."""

from __future__ import annotations

from app.domain.audits import Audit, AuditTotals, Dependency
from handlers.quality_gate.reports.audited import together

PIP = Audit((Dependency("a", "1"), Dependency("b", "1", "no index")))
NPM = Audit((Dependency("c", "1"),), lists_all=False, declared=100)
OSV = Audit((Dependency("d", "1"),), lists_all=False)


def test_nothing_together_is_no_audit() -> None:
    assert together([]) is None


def test_a_dependency_that_one_of_them_looked_at_was_looked_at() -> None:
    both = together([PIP, Audit((Dependency("b", "1"),))])
    assert both is not None
    assert both.totals == AuditTotals(declared=2, audited=2, skipped=0, vulnerable=0)


def test_lists_and_numbers_are_added_up() -> None:
    both = together([PIP, NPM])
    assert both is not None
    assert (both.lists_all, both.declared) == (False, 102)


def test_how_many_is_not_known_where_one_of_them_does_not_say() -> None:
    both = together([PIP, NPM, OSV])
    assert both is not None
    assert (both.lists_all, both.declared) == (False, None)
