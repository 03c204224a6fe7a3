"""What `hephaestus backfill` prints: an object with each document and its digest, or lines for people."""

from __future__ import annotations

import pytest

from app.bootstrap.backfilling import Backfilled
from app.cli.backfill import as_object, as_text

INVENTORY = {
    "sha256": "1" * 64,
    "document": {
        "items": [
            {"stands": "MISSING", "tag": "v1", "name": "tool", "level": "E1", "reason": "nothing is there"}
        ]
    },
}
PLAN = {
    "sha256": "2" * 64,
    "document": {
        "items": [{"tag": "v1", "name": "tool", "sha256": "a" * 64, "level": "E1"}],
        "refused": [{"tag": "v1", "name": "old", "code": "EVIDENCE", "reason": "E0 is not enough"}],
    },
}
DOCUMENTS = {"inventory": INVENTORY, "plan": PLAN}


def told(command: str, *, is_working: bool = False) -> Backfilled:
    return Backfilled(
        "octo/tool", command, is_done=True, is_working=is_working, text="done", documents=DOCUMENTS
    )


def test_the_object_has_the_documents_beside_what_came_of_the_command() -> None:
    assert as_object(told("plan")) == {
        "repository": "octo/tool",
        "command": "plan",
        "ok": True,
        "working": False,
        "text": "done",
        **DOCUMENTS,
    }


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("inventory", [f"  sha256:{'1' * 64}", "  MISSING          v1  tool  E1  nothing is there"]),
        (
            "plan",
            [
                f"  sha256:{'2' * 64}",
                f"  sign    v1  tool  sha256:{'a' * 64}  E1",
                "  refuse  v1  old  EVIDENCE: E0 is not enough",
            ],
        ),
    ],
)
def test_people_read_a_line_for_each_asset(command: str, lines: list[str]) -> None:
    assert as_text(told(command)).splitlines() == [f"octo/tool: {command}: done", *lines]


def test_people_read_that_it_goes_on_by_itself() -> None:
    assert "it goes on by itself" in as_text(told("plan", is_working=True)).splitlines()[0]
