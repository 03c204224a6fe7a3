"""Files of somebody else must not cover the repository's."""

from __future__ import annotations

from app.domain.coverage import FileLines, LineMap
from handlers.quality_gate.reports.covered import Covered
from handlers.quality_gate.reports.tree import Tree
from handlers.quality_gate.reports.variants import MAX_VARIANTS

TREE = Tree(("main.go", "util/util.go", "utils.py"))
NONE, ALL = FileLines(0b11110, 0), FileLines(0b11110, 0b11110)


def told(files: dict[str, FileLines]) -> tuple[tuple[str, ...], dict[str, int]]:
    """The doubts about one report, and how many lines of each file it covers."""
    covered = Covered(TREE)
    doubts = covered.add("gocover", LineMap(files))
    ((_, packed),) = covered.maps()
    found = LineMap.unpack(packed).files
    return doubts, {name: file.covered.bit_count() for name, file in found.items()}


def test_an_installed_file_of_the_same_name_is_left_out() -> None:
    assert told({"utils.py": NONE, ".venv/lib/site-packages/other/utils.py": ALL}) == ((), {"utils.py": 0})


def test_of_two_names_for_a_path_the_path_itself_counts() -> None:
    assert told({"/opt/other/utils.py": ALL, "utils.py": NONE}) == ((), {"utils.py": 0})


def test_two_names_of_which_neither_is_the_path_are_in_doubt() -> None:
    ours, theirs = "github.com/me/app/util/util.go", "github.com/other/lib/util/util.go"
    (one_path, one_folder), _ = told({ours: NONE, theirs: ALL})
    assert one_path == (
        f"{ours} and {theirs} may both be util/util.go; write paths from the repository's root"
    )
    assert one_folder == (
        f"{ours} (util/util.go) and {theirs} (util/util.go) do not lie in one folder; "
        "write paths from the repository's root"
    )


def test_a_dependency_that_alone_has_a_files_name_is_in_doubt() -> None:
    (doubt,), _ = told({"example.org/app/main.go": NONE, "example.org/lib/util/util.go": ALL})
    assert "do not lie in one folder" in doubt


def test_the_names_of_one_module_are_believed() -> None:
    module = {"example.org/app/main.go": NONE, "example.org/app/util/util.go": ALL}
    assert told(module) == ((), {"main.go": 0, "util/util.go": 4})


def test_reports_of_two_places_are_each_believed() -> None:
    covered = Covered(TREE)
    assert covered.add("lcov", LineMap({"/one/utils.py": ALL})) == ()
    assert covered.add("lcov", LineMap({"/two/utils.py": NONE})) == ()


def noted(*reports: FileLines) -> tuple[str, ...]:
    covered = Covered(TREE)
    for lines in reports:
        covered.add("cobertura", LineMap({"utils.py": lines}))
    return covered.notes()


def test_reports_that_differ_in_which_lines_could_run_are_told() -> None:
    ten, many = (1 << 10) - 1, (1 << 200) - 1
    assert noted(FileLines(ten, ten >> 1), FileLines(many, many)) == (
        "reports differ in which lines of 1 files could run, and count together: utils.py",
    )


def test_too_many_reports_that_differ_are_a_problem() -> None:
    covered = Covered(TREE)
    for line in range(1, MAX_VARIANTS + 2):
        covered.add("lcov", LineMap({"utils.py": FileLines(1 << line, 0)}))
    assert len(covered.problems()) == 1


def test_reports_that_differ_in_a_few_lines_are_not_told() -> None:
    one, other = (1 << 100) - 1, (1 << 104) - 1
    assert noted(FileLines(one, 0), FileLines(other, other), FileLines(one, one)) == ()


def left_out(files: dict[str, FileLines]) -> dict[str, int]:
    """The lines that could run in files that the repository does not have, by name."""
    covered = Covered(TREE)
    covered.add("lcov", LineMap(files))
    found = [LineMap.unpack(packed).files for _, packed in covered.outside()]
    return {name: file.valid.bit_count() for files_ in found for name, file in files_.items()}


def test_what_the_repository_does_not_have_is_kept_apart() -> None:
    assert left_out({"utils.py": ALL, "/srv/gone/z.py": NONE}) == {"srv/gone/z.py": 4}


def test_what_was_installed_is_nobodys_loss() -> None:
    installed = ("a/site-packages/z.py", "vendor/z.go", "/usr/include/c++/13/vector", "/usr/lib64/z.py")
    assert left_out({"utils.py": ALL, **dict.fromkeys(installed, NONE)}) == {}


def test_of_a_report_that_is_not_believed_nothing_is_kept() -> None:
    assert left_out({"gone/z.py": NONE}) == {}
