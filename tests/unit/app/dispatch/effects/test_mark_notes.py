"""The words of ours in the notes of a release: once, between marks, and nothing of people's is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.dispatch.effects import Applied, Refused
from app.dispatch.effects.mark_notes import BEGIN, END, marked
from tests.unit.app.dispatch.effects.samples import NOTES, applied, github, perform

BLOCK = f"{BEGIN}\nVerified.\n{END}"


async def test_the_words_come_after_what_people_wrote_and_are_replaced_in_place() -> None:
    writer = github()
    writer.releases[21] = replace(writer.releases[21], notes="What is new")
    await applied(NOTES, writer)
    assert writer.releases[21].notes == f"What is new\n\n{BLOCK}\n"
    writer.releases[21] = replace(writer.releases[21], notes=f"Above\n{BLOCK}\nBelow")
    await applied(replace(NOTES, text="Refused."), writer)
    assert writer.releases[21].notes == f"Above\n{BEGIN}\nRefused.\n{END}\nBelow"


async def test_notes_that_say_it_already_are_left_alone_however_their_lines_end() -> None:
    writer = github()
    for notes in (BLOCK, f"Above\r\n{BLOCK}".replace("\n", "\r\n")):
        writer.releases[21] = replace(writer.releases[21], notes=notes)
        before = len(writer.writes)
        assert isinstance(await perform(NOTES, writer), Applied)
        assert len(writer.writes) == before


async def test_an_immutable_release_takes_notes() -> None:
    writer = github()
    writer.releases[21] = replace(writer.releases[21], immutable=True)
    await applied(NOTES, writer)
    assert writer.releases[21].notes == f"{BLOCK}\n"


async def test_a_release_that_is_gone_or_another_one_is_left_alone() -> None:
    writer = github()
    outcome = await perform(replace(NOTES, tag="v2"), writer)
    assert outcome == Refused("stale", "the release has the tag v1 by now")
    writer.releases.clear()
    assert await perform(NOTES, writer) == Refused("release_gone", "release 21 no longer exists")


@pytest.mark.parametrize("notes", [BEGIN, END, f"{END}{BEGIN}", f"{BLOCK}{BLOCK}", f"{BLOCK}{END}"])
async def test_marks_that_are_no_pair_are_a_persons_to_mend(notes: str) -> None:
    assert marked(notes, "x") is None
    writer = github()
    writer.releases[21] = replace(writer.releases[21], notes=notes)
    outcome = await perform(NOTES, writer)
    assert isinstance(outcome, Refused)
    assert outcome.code == "marks_broken"
    assert writer.releases[21].notes == notes
