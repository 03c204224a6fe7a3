"""Audits of several report files as one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.audits import Audit, Dependency


def together(audits: Sequence[Audit]) -> Audit | None:
    """All that they looked at and found; None where there is none.

    A dependency that one of them skipped and another looked at was looked at. How many there are in all is known where each lists
    them or says it.
    """
    if not audits:
        return None
    found = dict.fromkeys(each for audit in audits for each in audit.dependencies)
    seen = {(each.name, each.version) for each in found if not each.skipped}
    dependencies = tuple(each for each in found if not each.skipped or (each.name, each.version) not in seen)
    lists_all = all(audit.lists_all for audit in audits)
    return Audit(
        dependencies=dependencies,
        vulnerabilities=tuple(dict.fromkeys(each for audit in audits for each in audit.vulnerabilities)),
        lists_all=lists_all,
        declared=None if lists_all else _declared(audits),
    )


def _declared(audits: Sequence[Audit]) -> int | None:
    listed: dict[Dependency, None] = {}
    said = 0
    for audit in audits:
        if audit.lists_all:
            listed |= dict.fromkeys(audit.dependencies)
        elif audit.declared is None:
            return None
        else:
            said += audit.declared
    return said + len(listed)
