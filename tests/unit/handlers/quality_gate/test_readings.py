"""Artifacts as strangers pack them."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from app.adapters.sandbox import Sandbox
from app.domain.reports import CaseTotals
from handlers.quality_gate import readings
from handlers.quality_gate.readings import Reports, read_archives, read_files
from tests.unit.handlers.quality_gate.commit import cobertura, junit, packed


def read(tmp_path: Path, raw: bytes, report_format: str | None = None) -> Reports:
    (tmp_path / "a.zip").write_bytes(raw)
    return read_archives((("artifact", tmp_path / "a.zip"),), report_format)


def test_reports_of_all_artifacts_are_added_up(tmp_path: Path) -> None:
    (tmp_path / "1").write_bytes(packed({"a.xml": junit("", "")}))
    (tmp_path / "2").write_bytes(packed({"deep/b.xml": junit("<failure/>"), "notes.md": b"x"}))
    reports = read_archives((("one", tmp_path / "1"), ("two", tmp_path / "2")), None)
    assert reports.tests == CaseTotals(tests=3, passed=2, failed=1, suites=2)
    assert reports.files == ("one/a.xml", "two/deep/b.xml")


def test_only_the_declared_format_is_read(tmp_path: Path) -> None:
    raw = packed({"a.xml": junit(""), "c.xml": cobertura(1, 2)})
    reports = read(tmp_path, raw, "cobertura")
    assert (reports.tests, reports.files) == (None, ("artifact/c.xml",))


@pytest.mark.parametrize("name", ["../a.xml", "/a.xml", "a/../../b.xml", "..\\a.xml", "C:\\a.xml"])
def test_a_path_that_leads_out_refuses_the_artifact(tmp_path: Path, name: str) -> None:
    reports = read(tmp_path, packed({"good.xml": junit(""), name: junit("")}))
    assert reports.problems == ("artifact: a file of the artifact has a path that leads out of it",)
    assert reports.files == ()


def test_a_link_is_not_followed_and_told(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    reports = read(tmp_path, (tmp_path / "a.zip").read_bytes())
    assert (reports.files, reports.problems, len(reports.notes)) == ((), (), 1)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    reports = read(tmp_path, packed({"a.xml": b"<testsuite>" + b" " * (8 << 20) + b"</testsuite>"}))
    assert reports.problems == ("artifact: a report is packed too tightly to be a report",)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "MAX_MEMBERS", 1)
    assert "more than 1 files" in read(tmp_path, packed({"a.xml": junit(""), "b.xml": junit("")})).problems[0]


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"not a zip"])
def test_what_is_no_zip_is_a_problem(tmp_path: Path, raw: bytes) -> None:
    assert read(tmp_path, raw).problems == ("artifact: the artifact is not a zip that can be read",)


def test_a_damaged_member_is_a_problem(tmp_path: Path) -> None:
    raw = bytearray(packed({"a.xml": junit(*[""] * 50)}))
    raw[60] ^= 0xFF
    assert read(tmp_path, bytes(raw)).problems


def test_a_link_on_disk_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "real.xml").write_bytes(junit(""))
    (tmp_path / "link.xml").symlink_to(tmp_path / "real.xml")
    assert read_files((("link.xml", tmp_path / "link.xml"),), None).problems


async def test_the_work_can_be_done_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"a.xml": junit("", "<failure/>"), "c.xml": cobertura(1, 2)}))
    archives = (("artifact", tmp_path / "a.zip"),)
    sandbox = Sandbox(workers=1)
    try:
        assert await sandbox.run(read_archives, archives, None) == read_archives(archives, None)
    finally:
        await sandbox.close()
