"""Findings that pass for old ones though nobody knows whether they stand in lines that the change wrote. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.gates.judged import counted
from handlers.quality_gate.gates.new_findings import Touched
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.gates.selected import Selected


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many old findings may be new, why, and what the author can do; 0 and no words where none may."""

    number: int = 0
    reason: str = ""
    remedy: str = ""


def hidden_in(old: Iterable[Selected], change: Change) -> Hidden:
    """The findings that the base has, as far as their like may have been mended while they were written.

    Only files of the change are in doubt: those whose lines are not shown, and, in a report on the merge, those that the change
    takes lines from and the base changed since.
    """
    touched = Touched(change)
    number, unseen, shifted = 0, set[str](), set[str]()
    for each in old:
        doubts = [touched.unsure(where) for where in each.places]
        unseen.update(*(hidden for hidden, _ in doubts))
        shifted.update(*(moved for _, moved in doubts))
        number += any(hidden or moved for hidden, moved in doubts)
    if not number:
        return Hidden()
    reasons = [f"the changed lines of {few(sorted(unseen))} are not shown"] if unseen else []
    reasons += [f"{change.base_ref} changed {few(sorted(shifted))} since"] if shifted else []
    return Hidden(
        number,
        f"{counted(number, 'more finding')} may stand in new lines, where like ones were mended: {'; '.join(reasons)}",
        "bring the branch up to date" if shifted else "",
    )
