from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.demo import demo
from app.cli.demo_transcript import Line, Transcript


def test_a_folder_that_holds_something_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    result = CliRunner().invoke(demo, ["--once", "--keep", str(tmp_path)])
    assert result.exit_code == 2
    assert "is not empty" in result.stderr
    assert "name another one" in result.stderr


def test_a_line_that_is_wrong_is_marked_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    transcript = Transcript(as_json=False)
    transcript.show(Line(1, "check_run", "no check run came", ok=False))
    assert transcript.finish(1.24) is False
    assert capsys.readouterr().out == (
        "no check run came   ✗ not as it should be\n1 did not come as they should, in 1.2 s\n"
    )


def test_as_json_each_event_is_an_object_and_the_last_one_sums_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    transcript = Transcript(as_json=True)
    transcript.show(Line(3, "pull_request", "← pull request #2", facts={"number": 2}))
    assert transcript.finish(0.5) is True
    event, summary = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert event == {
        "scene": 3,
        "kind": "pull_request",
        "text": "← pull request #2",
        "ok": True,
        "facts": {"number": 2},
    }
    assert summary == {"kind": "summary", "ok": True, "events": 1, "seconds": 0.5}
