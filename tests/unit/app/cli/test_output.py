"""Bars for people at a terminal, and what is printed beside them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from app.cli.output import bar, show, with_progress

ERASED = "\x1b[2K"


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Puts standard error at a terminal that can move the cursor; called in the test, since pytest sets its own before that."""

    def put() -> Terminal:
        made = Terminal()
        monkeypatch.setattr(sys, "stderr", made)
        monkeypatch.setenv("TERM", "xterm")
        return made

    return put


@pytest.mark.parametrize("items", [["a"], ["a", "b"]])
def test_work_on_one_item_or_several_is_seen_at_a_terminal(
    terminal: Callable[[], Terminal], items: list[str]
) -> None:
    seen = terminal()
    assert list(with_progress(items, "Reading", len(items))) == items
    assert "Reading" in seen.getvalue()


@pytest.mark.parametrize("items", [["a"], ["a", "b"]])
def test_nothing_is_seen_in_a_pipe(capsys: pytest.CaptureFixture[str], items: list[str]) -> None:
    assert list(with_progress(items, "Reading", len(items))) == items
    assert capsys.readouterr() == ("", "")


def test_a_bar_shows_how_much_of_a_known_total_is_done(terminal: Callable[[], Terminal]) -> None:
    seen = terminal()
    with bar("Verifying", 200) as advance:
        advance(50)
        show({}, "half of it", as_json=False)
    assert " 25%" in seen.getvalue()


def test_a_line_for_people_stands_where_the_bar_was_erased(terminal: Callable[[], Terminal]) -> None:
    seen = terminal()
    for each in with_progress(["a"], "Reading", 1):
        show({}, f"{each}: read", as_json=False)
    before, _, _ = seen.getvalue().partition("a: read")
    assert before.endswith(ERASED)


def test_json_goes_to_standard_output_alone(
    terminal: Callable[[], Terminal], capsys: pytest.CaptureFixture[str]
) -> None:
    seen = terminal()
    for each in with_progress(["a"], "Reading", 1):
        show({"file": each}, "", as_json=True)
    assert capsys.readouterr().out == '{"file": "a"}\n'
    assert '"file"' not in seen.getvalue()
