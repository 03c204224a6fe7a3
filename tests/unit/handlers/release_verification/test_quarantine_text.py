"""What people read about a release that is hidden, or cannot be, as agreed in tests/golden."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.ports.records import EffectOutcome
from handlers.release_verification import quarantine_text as text
from handlers.release_verification.quarantine_findings import POSITIVE
from handlers.release_verification.quarantine_state import Before, Quarantine, Stage
from tests.conftest import Golden
from tests.unit.handlers.release_verification.published import NOW

WHY = tuple(f"{code}: {POSITIVE[code]}" for code in ("SOURCE_REPO", "TAMPERED"))
BEFORE = Before(draft=False, prerelease=False, latest=True)
HIDDEN = Quarantine(Stage.HIDDEN, BEFORE, as_draft=False, edit="e", since=NOW)
DRAFT = Quarantine(Stage.HIDDEN, BEFORE, as_draft=True, edit="e", since=NOW, why=text.NO_TAG)
FOUND = (
    ("tool`|x", "TAMPERED", "its <b>bytes</b> are others, @octocat"),
    ("", "TAG_MOVED", "it names another"),
)
SAID = {
    "hiding": text.hiding("v1", WHY, as_draft=False),
    "hiding-as-draft": text.hiding("v1", WHY, as_draft=True),
    "dry-run": text.would_hide("v1", WHY, as_draft=False),
    "waiting": text.waiting("v1", WHY[:1], NOW + timedelta(minutes=30), is_dry=False),
    "waiting-dry": text.waiting("v1", WHY[:1], NOW + timedelta(minutes=30), is_dry=True),
    "prerelease": text.already("v1"),
    "hidden": text.hidden(HIDDEN, "v1", WHY, ("writer",)),
    "hidden-and-good": text.hidden(HIDDEN, "v1", (), ()),
    "hidden-draft": text.hidden(DRAFT, "v1", (), ()),
    "restoring": text.restoring("keeper", is_latest=True, was_latest=True),
    "restoring-beside-another": text.restoring("keeper", is_latest=False, was_latest=True),
    "restored": text.restored("keeper", ""),
    "restored-by-hand": text.restored("", "by hand"),
    "stopped": text.stopped(
        "v1", text.problem(EffectOutcome(is_applied=False, reason="budget.exhausted: x"))
    ),
    "issue": f"# {text.issue_title('v1')}\n\n{text.issue_body('v1', text.IMMUTABLE, FOUND)}",
    "issue-of-many": text.issue_body("v1", text.IMMUTABLE, FOUND * 15),
}


@pytest.mark.parametrize("name", SAID)
def test_quarantine_reads_as_agreed(name: str, golden: Golden) -> None:
    golden.check(f"release_verification/quarantine/{name}.md", SAID[name] + "\n")


def test_the_check_run_of_a_draft_says_that_it_is_not_judged_again() -> None:
    assert text.draft("v1").title == "In quarantine"
    assert "a draft is not judged again" in text.draft("v1").summary


def test_who_is_unknown_is_somebody() -> None:
    assert "somebody restored" in text.restored("", "")


def test_of_an_edit_of_which_nothing_is_known_there_is_no_problem() -> None:
    assert text.problem(None) == ""
    assert text.problem(EffectOutcome(is_applied=False, reason="a: b")) == "a: b"
