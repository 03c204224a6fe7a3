"""Logs in, signatures out: the shipped playbooks, their cases, and the corpus of real logs."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.remediation import SignatureCheck, Zone
from app.errors import InvalidInput
from handlers.remediation.checks import check
from handlers.remediation.logs import MAX_LINE_BYTES
from handlers.remediation.matcher import classify_file, classify_lines, shipped_rules
from handlers.remediation.playbooks import parse, shipped, signatures

SHUTDOWN = (
    "##[error]The runner has received a shutdown signal. This can happen when the runner service is stopped, "
    "or a manually started runner is canceled."
)


@pytest.mark.parametrize("checked", check(), ids=lambda each: each.signature)
def test_every_shipped_playbook_judges_its_cases_as_it_says(checked: SignatureCheck) -> None:
    assert checked.problems == ()
    assert checked.cases >= 3


def test_the_two_promised_signatures_are_shipped() -> None:
    assert {"gha.artifact-deprecated", "infra.runner-shutdown"} <= {each.id for each in signatures()}


@pytest.mark.corpus
def test_real_logs_get_their_label_and_no_other(corpus: Path) -> None:
    folder = corpus / "ci-logs"
    known = {each.id for each in shipped()}
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    wanted = {row["file"]: row["label"] if row["label"] in known else None for row in rows}
    assert {file: classify_file(folder / file).signature for file in wanted} == wanted
    assert known <= {row["label"] for row in rows}


def test_text_gzip_and_zip_say_the_same(tmp_path: Path) -> None:
    raw = f"2026-11-19T22:10:00.0000000Z hello\r\n2026-11-19T22:10:01.0000000Z {SHUTDOWN}\r\n".encode()
    (tmp_path / "a.log").write_bytes(raw)
    (tmp_path / "a.gz").write_bytes(gzip.compress(raw))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("10_other.txt", b"nothing\n")
        archive.writestr("2_build.txt", raw)
        archive.writestr("build/1_Set up job.txt", raw)
    for name in ("a.log", "a.gz", "a.zip"):
        found = classify_file(tmp_path / name)
        assert (found.signature, [each.line for each in found.matches]) == ("infra.runner-shutdown", [2])
    assert classify_file(tmp_path / "a.zip").matches[0].source == "2_build.txt"


@pytest.mark.parametrize("raw", [b"\x1f\x8bnot gzip", b"PK\x03\x04not a zip"])
def test_a_damaged_archive_is_refused(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(raw)
    with pytest.raises(InvalidInput) as refused:
        classify_file(tmp_path / "log")
    assert refused.value.code == "log.unreadable"


def test_a_log_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        classify_file(tmp_path / "absent")


def test_a_line_without_end_costs_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    with path.open("wb") as file:
        for _ in range(256):
            file.write(b"x" * MAX_LINE_BYTES)
        file.write(f"\n{SHUTDOWN}\n".encode())
    shipped_rules()
    tracemalloc.start()
    found = classify_file(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [each.line for each in found.matches] == [2]
    assert found.size_bytes > 256 * MAX_LINE_BYTES
    assert peak_bytes < 32 * MAX_LINE_BYTES


def test_what_lies_beyond_64_kib_of_a_line_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(" " * MAX_LINE_BYTES + SHUTDOWN + "\n")
    assert classify_file(tmp_path / "a.log").signature is None


@pytest.mark.parametrize(
    "line",
    [
        SHUTDOWN,
        f"\ufeff2026-11-19T22:10:01.0000000Z {SHUTDOWN}",
        f"build\tUNKNOWN STEP\t\ufeff2026-11-19T22:10:01.0000000Z {SHUTDOWN}",
        f"  build (3.12)\tRun tests\t2026-11-19T22:10:01.0000000Z {SHUTDOWN}",
        f"2026-11-19T22:10:01.0000000Z \x1b[31m{SHUTDOWN}\x1b[0m",
    ],
)
def test_prefixes_and_colours_do_not_hide_a_line(line: str) -> None:
    assert classify_lines((line,)).signature == "infra.runner-shutdown"


def test_the_echo_of_a_script_never_matches() -> None:
    header = ("##[group]Run cat log", SHUTDOWN, "##[endgroup]")
    assert classify_lines(header).matches == ()
    assert classify_lines((f"\x1b[36;1m{SHUTDOWN}\x1b[0m",)).matches == ()


def test_a_match_says_where_it_lies() -> None:
    lines = ("Current runner version: '2.336.0'", SHUTDOWN, "##[group]Run x", "##[endgroup]", SHUTDOWN)
    after = ("Post job cleanup.", SHUTDOWN)
    zones = [each.zone for each in classify_lines(lines + after).matches]
    assert zones == [Zone.SETUP, Zone.OUTPUT, Zone.POST]


def test_the_next_job_of_a_log_begins_in_output() -> None:
    stamp = "2026-11-19T22:10:01.0000000Z"
    lines = (f"a\ts\t{stamp} Post job cleanup.", f"b\ts\t{stamp} {SHUTDOWN}")
    assert [each.zone for each in classify_lines(lines).matches] == [Zone.OUTPUT]


def test_of_a_line_that_repeats_only_the_first_five_are_kept() -> None:
    assert [each.line for each in classify_lines((SHUTDOWN,) * 1000).matches] == [1, 2, 3, 4, 5]


def test_an_edit_goes_before_a_rerun() -> None:
    refused = "##[error]This request has been automatically failed because it uses a deprecated version of "
    found = classify_lines((SHUTDOWN, f"{refused}`actions/upload-artifact: v3`."))
    assert found.signature == "gha.artifact-deprecated"
    assert dict(found.matches[1].captures) == {"action": "upload-artifact", "major": "3"}


@given(st.lists(st.text(max_size=80), max_size=5))
def test_no_lines_break_it(lines: list[str]) -> None:
    lines = [line.encode("utf-8", "replace").decode() for line in lines]
    assert classify_lines(tuple(lines)).lines == len(lines)


BROKEN = {
    "not YAML": (b"a: [", "not YAML"),
    "an unknown key": (b"colour: red\n", "colour: Extra inputs"),
    "look-ahead": (b"match: {any: ['^never(?=this)']}\n", "not a pattern that RE2 knows"),
    "too large": (b"#" * 70_000, "larger than"),
}


@pytest.mark.parametrize(("raw", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_playbook_says_what_to_correct(raw: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match="x: ") as refused:
        parse(raw, "x")
    assert message in refused.value.message


def test_a_playbook_whose_case_does_not_match_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "infra-runner-shutdown"
    folder.mkdir()
    shipped_file = Path(__file__).parents[4] / "manifests/playbooks/infra-runner-shutdown/playbook.yml"
    (folder / "playbook.yml").write_bytes(shipped_file.read_bytes())
    (folder / "host-went-away.log").write_text("nothing\n")
    (folder / "canceled-by-a-person.log").write_text(SHUTDOWN)
    (folder / "extra.log").write_text("")
    (checked,) = check(tmp_path)
    assert checked.problems == (
        "host-went-away.log: line 5 must match, but no line does",
        "during-setup.log does not exist",
        "canceled-by-a-person.log must not match, but line 1 does",
        "quoted-in-a-test.log does not exist",
        "extra.log is not among the cases",
    )
