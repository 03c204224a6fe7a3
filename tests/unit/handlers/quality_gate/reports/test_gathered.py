"""What artifacts hold together, set against the repository's files."""

from __future__ import annotations

import os
from pathlib import Path

from app.adapters.sandbox import Sandbox
from app.domain.coverage import LineMap
from app.domain.reports import CaseTotals
from handlers.quality_gate.reports.fingerprints import PLACE
from handlers.quality_gate.reports.gathered import read_archives, read_files
from handlers.quality_gate.reports.readings import Problem, Reports
from tests.unit.handlers.quality_gate.samples import cobertura, junit, packed

SAME = (
    b'[{"cell": null, "code": "F401", "end_location": {"column": 10, "row": 3}, "filename": "%s", "fix": null, '
    b'"location": {"column": 8, "row": 3}, "message": "`os` imported but unused", "noqa_row": 3, "url": null}]'
)


def read(
    tmp_path: Path,
    *artifacts: dict[str, bytes],
    wanted: tuple[str, ...] = (),
    tree: tuple[str, ...] | None = None,
) -> Reports:
    archives = []
    for number, files in enumerate(artifacts):
        (tmp_path / str(number)).write_bytes(packed(files))
        archives.append((f"artifact-{number}", tmp_path / str(number)))
    return read_archives(tuple(archives), wanted, tree)


def lines_of(reports: Reports) -> dict[str, tuple[int, int]]:
    ((_, packed_lines),) = reports.coverage
    files = LineMap.unpack(packed_lines).files
    return {name: (file.covered.bit_count(), file.valid.bit_count()) for name, file in files.items()}


def test_reports_of_all_artifacts_are_added_up(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.xml": junit("", "")}, {"deep/b.xml": junit("<failure/>"), "notes.md": b"x"})
    assert reports.tests is not None
    assert reports.tests.totals == CaseTotals(tests=3, passed=2, failed=1, suites=2)
    assert [(each.artifact, each.name) for each in reports.files] == [
        ("artifact-0", "a.xml"),
        ("artifact-1", "deep/b.xml"),
    ]
    assert reports.members == ("artifact-0/a.xml", "artifact-1/deep/b.xml", "artifact-1/notes.md")


def test_only_the_declared_formats_are_read(tmp_path: Path) -> None:
    files = {"a.xml": junit(""), "c.xml": cobertura(1, 2)}
    reports = read(tmp_path, files, wanted=("cobertura",))
    assert (reports.tests, [each.name for each in reports.files]) == (None, ["c.xml"])


def test_an_artifact_that_is_refused_is_a_problem_of_every_kind(tmp_path: Path) -> None:
    reports = read(tmp_path, {"good.xml": junit(""), "../a.xml": junit("")})
    assert [each.kind for each in reports.problems] == [""]
    assert reports.files == ()


def test_an_unreadable_report_is_a_problem_of_its_kind(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.xml": junit("")[:-9], "c.xml": cobertura(1, 2)})
    assert [each.kind for each in reports.problems] == ["tests"]
    assert (reports.problems_of("coverage"), len(reports.problems_of("tests"))) == ((), 1)


def test_an_empty_report_among_good_ones_is_a_problem(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.xml": junit(""), "b.xml": b""})
    assert reports.problems == (Problem("", "artifact-0/b.xml: the file is empty"),)


def test_blank_json_that_nobody_declared_may_be_of_a_linter_that_found_nothing(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.xml": junit(""), "mypy.json": b"\n", "mypy.jsonl": b""})
    assert reports.problems == ()
    assert reports.notes == (
        "artifact-0/mypy.json: the file is empty",
        "artifact-0/mypy.jsonl: the file is empty",
    )


def test_a_blank_file_that_promises_a_kind_is_a_problem_of_that_kind(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.xml": junit(""), "scan.sarif": b"", "lcov.info": b"\n"})
    assert sorted(each.kind for each in reports.problems) == ["coverage", "findings"]


def test_blank_json_where_formats_are_declared_is_a_problem(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.xml": junit(""), "b.json": b"\n"}, wanted=("junit", "mocha-json"))
    assert reports.problems == (Problem("", "artifact-0/b.json: the file is empty"),)


def test_json_that_is_called_like_a_declared_format_and_is_unknown_is_a_problem(tmp_path: Path) -> None:
    files = {"gosec.json": b'{"spoilt": []}', "package.json": b'{"name": "a"}'}
    reports = read(tmp_path, files, wanted=("gosec-json", "junit"))
    assert reports.problems == (
        Problem(
            "findings",
            "artifact-0/gosec.json: it is called like gosec-json, and is of no format that is known",
        ),
    )
    assert reports.notes == ("files of no known format are left out: artifact-0/package.json (1 in all)",)


def test_an_empty_list_that_nobody_declared_is_told(tmp_path: Path) -> None:
    assert read(tmp_path, {"ruff.json": b"[]\n"}).notes == (
        "artifact-0/ruff.json holds []: to count as a report its format must be in the policy",
    )


def test_a_link_on_disk_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real.xml").write_bytes(junit(""))
    (tmp_path / "link.xml").symlink_to(tmp_path / "real.xml")
    reports = read_files((("a", "link.xml", tmp_path / "link.xml"),), (), None)
    assert (reports.files, len(reports.notes)) == ((), 1)


def test_an_archive_on_disk_is_not_looked_into_and_noted_as_in_a_zip(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(packed({"a.xml": junit("", "<failure/>")}))
    reports = read_files((("a", "all.zip", tmp_path / "all.zip"),), (), None)
    assert reports.notes == ("all.zip is not read: an archive inside the artifact",)
    assert reports.notes == read(tmp_path, {"all.zip": (tmp_path / "all.zip").read_bytes()}).notes


def test_a_pipe_on_disk_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "junit.xml")
    reports = read_files((("a", "junit.xml", tmp_path / "junit.xml"),), (), None)
    assert reports.notes == ("junit.xml is not read: a link, or no regular file",)


def test_coverage_is_that_of_the_repositorys_files(tmp_path: Path) -> None:
    reports = read(tmp_path, {"c.xml": cobertura(1, 2)}, tree=("src/a.py", "b.py"))
    assert lines_of(reports) == {"src/a.py": (1, 2)}


def test_files_that_the_repository_does_not_have_do_not_count(tmp_path: Path) -> None:
    ghost = cobertura(10, 10).replace(b'filename="a.py"', b'filename="ghost.py"')
    reports = read(tmp_path, {"c.xml": cobertura(1, 2)}, {"d.xml": ghost}, tree=("a.py",))
    assert lines_of(reports) == {"a.py": (1, 2)}
    assert "ghost.py" in reports.notes[0]
    assert [each.kind for each in reports.problems] == ["coverage"]


def test_a_name_that_several_files_may_have_is_a_problem(tmp_path: Path) -> None:
    reports = read(tmp_path, {"c.xml": cobertura(1, 2)}, tree=("one/a.py", "two/a.py"))
    assert "one/a.py, two/a.py" in reports.problems[0].text


def test_one_finding_of_two_legs_counts_once(tmp_path: Path) -> None:
    leg = {"ruff.json": SAME % b"/home/runner/work/tool/tool/a.py"}
    reports = read(tmp_path, leg, {"ruff.json": SAME % b"a.py"}, tree=("a.py",))
    (ruff,) = reports.findings
    assert (ruff.tool, ruff.totals.findings, ruff.findings[0].path) == ("ruff", 1, "a.py")
    assert len(ruff.places[0][1]) == PLACE


def test_a_linter_that_found_nothing_is_what_the_policy_says_it_is(tmp_path: Path) -> None:
    reports = read(tmp_path, {"out.json": b"[]\n"}, wanted=("shellcheck-json",))
    assert [(each.tool, each.totals.findings) for each in reports.findings] == [("shellcheck", 0)]
    assert read(tmp_path, {"out.json": b"[]\n"}).findings == ()


async def test_the_work_can_be_done_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"a.xml": junit("", "<failure/>"), "c.xml": cobertura(1, 2)}))
    archives = (("artifact", tmp_path / "a.zip"),)
    sandbox = Sandbox(workers=1)
    try:
        assert await sandbox.run(read_archives, archives, (), ("a.py",)) == read_archives(
            archives, (), ("a.py",)
        )
    finally:
        await sandbox.close()


MYPY = b'<testsuite errors="0" failures="%d" name="mypy" tests="1"><testcase name="mypy">%s</testcase></testsuite>'


def test_words_of_a_crash_beside_a_good_report_are_a_problem(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.xml": junit(""), "TEST-b.xml": b"Killed\n"})
    assert reports.problems_of("tests") == (
        "artifact-0/TEST-b.xml: it is called like a report of tests, and is none that can be read",
    )
    assert reports.problems_of("coverage") == ()


def test_what_promises_a_report_of_a_kind_that_nobody_wants_is_left_alone(tmp_path: Path) -> None:
    files = {"a.xml": junit(""), "lcov.info": b"no data"}
    assert read(tmp_path, files, wanted=("junit",)).problems == ()


def test_what_a_type_checker_writes_as_junit_are_no_tests(tmp_path: Path) -> None:
    alone = read(tmp_path, {"mypy.xml": MYPY % (0, b"")})
    said = "artifact-0/mypy.xml: what mypy writes as JUnit are no tests"
    assert alone.tests is not None
    assert (alone.tests.totals.tests, alone.vacuous) == (0, (Problem("tests", said),))
    beside = read(tmp_path, {"mypy.xml": MYPY % (0, b""), "a.xml": junit("", "")})
    assert beside.tests is not None
    assert (beside.tests.totals.tests, beside.vacuous, beside.notes) == (2, (), (said,))


def test_what_a_type_checker_writes_as_failed_still_fails(tmp_path: Path) -> None:
    reports = read(tmp_path, {"mypy.xml": MYPY % (1, b'<failure message="wrong"/>')})
    assert reports.tests is not None
    assert (reports.tests.totals, reports.vacuous) == (CaseTotals(1, failed=1), ())


def test_a_broken_bill_of_materials_may_hide_vulnerabilities(tmp_path: Path) -> None:
    bill = (
        b'{"bomFormat":"CycloneDX","specVersion":"1.5","vulnerabilities":[{"id":"CVE-1","affects":[{"ref":"x'
    )
    pip = b'{"dependencies":[{"name":"a","version":"1","vulns":[]}],"fixes":[]}'
    reports = read(tmp_path, {"pip.json": pip, "bom.json": bill})
    assert len(reports.problems_of("audit")) == 1
    assert reports.problems_of("tests") == ()


def test_a_packed_report_is_a_problem_and_a_wheel_is_none(tmp_path: Path) -> None:
    packed_files = {"a.xml": junit(""), "b.json.gz": b"\x1f\x8b", "dist/tool.whl": b"PK\x03\x04"}
    reports = read(tmp_path, packed_files)
    assert reports.problems_of("tests") == (
        "artifact-0/b.json.gz: reports that are packed are not read; upload them as they are",
    )
    assert reports.problems_of("") == ()


def test_what_a_site_keeps_packed_beside_the_plain_file_is_no_problem(tmp_path: Path) -> None:
    site = {"sitemap.xml": b"<urlset/>", "sitemap.xml.gz": b"\x1f\x8b", "all.zip": b"PK\x03\x04"}
    assert read(tmp_path, site).problems == ()


def test_an_archive_that_is_called_like_reports_is_a_problem_beside_a_good_one(tmp_path: Path) -> None:
    reports = read(tmp_path, {"a.xml": junit(""), "junit-reports.zip": b"PK\x03\x04"})
    assert reports.problems_of("tests") == (
        "artifact-0/junit-reports.zip: reports that are packed are not read; upload them as they are",
    )


def test_an_archive_in_an_artifact_that_is_to_hold_a_format_is_a_problem(tmp_path: Path) -> None:
    files = {"a.xml": junit(""), "shards.zip": b"PK\x03\x04", "tool.whl": b"PK\x03\x04"}
    reports = read(tmp_path, files, wanted=("junit",))
    assert [each.kind for each in reports.problems] == ["tests"]
    assert reports.problems[0].text.startswith("artifact-0/shards.zip: ")


def test_files_of_no_known_format_are_named_whether_declared_or_not(tmp_path: Path) -> None:
    files = {"out.json": b'{"runs": 3}', "empty.json": b"[]\n", "notes.md": b"x"}
    for wanted in ((), ("ruff-json", "lcov")):
        reports = read(tmp_path, files, wanted=wanted)
        assert (reports.unknown, reports.blank) == (("artifact-0/out.json",), ("artifact-0/empty.json",))
        assert reports.strange_in("artifact-0") == ("artifact-0/out.json", "artifact-0/empty.json")
        assert reports.strange_in("artifact") == ()
