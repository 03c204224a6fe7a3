"""Offline commands as their users run them: strangers' bytes are read in another process, JSON comes one object a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.bootstrap.offline import confined, log_classifier, report_reader
from app.errors import InvalidInput
from tests.conftest import REPOSITORY


def run(*words: str) -> tuple[int, list[dict[str, object]]]:
    """Exit code and JSON lines, in an environment without any setting."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *words, "--json"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_work_on_strangers_bytes_is_done_by_another_process() -> None:
    with confined() as box:
        assert box.call(os.getpid) != os.getpid()


def test_a_worker_that_dies_is_a_refusal_and_the_next_file_is_read() -> None:
    with confined() as box:
        with pytest.raises(InvalidInput, match="died"):
            box.call(os._exit, 9)
        assert box.call(len, b"abc") == 3


def test_reports_go_on_after_one_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text("<testsuite><testcase name='a'/></testsuite>")
    bad.write_text("<testsuite>")
    code, lines = run("reports", "read", str(bad), str(good))
    assert (code, [line["ok"] for line in lines]) == (2, [False, True])


def test_a_log_is_classified_and_its_time_is_told() -> None:
    log = REPOSITORY / "manifests" / "playbooks" / "infra-runner-shutdown" / "during-setup.log"
    code, (line,) = run("logs", "classify", str(log))
    assert (code, line["signature"]) == (0, "infra.runner-shutdown")
    assert isinstance(line["seconds"], float)


def test_a_configuration_is_checked_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "hephaestus.yml"
    file.write_text("version: 1\nquality_gate: {nope: 1}\n")
    code, (line,) = run("config", "check", str(file))
    assert (code, line["ok"]) == (1, False)
    assert line["errors"] == [
        {"line": 2, "column": 16, "path": "quality_gate.nope", "message": "unknown key"}
    ]


def test_refusals_keep_their_code_across_the_border(tmp_path: Path) -> None:
    with report_reader() as read, pytest.raises(InvalidInput) as refused:
        read(b"<testsuite>", None)
    assert refused.value.code.startswith("report.")
    with log_classifier() as classify, pytest.raises(InvalidInput) as unreadable:
        classify(tmp_path / "absent.log")
    assert unreadable.value.code == "log.unreadable"
