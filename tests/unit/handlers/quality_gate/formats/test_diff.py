"""What is read of unified diffs, beside unidiff, and what is refused."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unidiff.patch import PatchSet

from app.domain.coverage import lines_of
from app.domain.diffs import DiffFile, DiffTotals
from app.errors import InvalidInput
from handlers.quality_gate.formats import diff

EDIT = """diff --git a/src/one.py b/src/one.py
index 1a2b3c4..5d6e7f8 100644
--- a/src/one.py
+++ b/src/one.py
@@ -1,4 +1,5 @@ def one():
 first
-second
+Second
+third
 fourth
 fifth
@@ -20 +21,0 @@
-twentieth
"""


def files(text: str) -> tuple[DiffFile, ...]:
    found = diff.parse(text.encode()).diff
    assert found is not None
    return found.files


def only(text: str) -> DiffFile:
    (found,) = files(text)
    return found


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        diff.parse(text.encode())
    assert refused.value.code in {"report.not_diff", "report.too_large"}
    return refused.value.message


def test_added_lines_are_of_the_new_file_and_removed_ones_of_the_old() -> None:
    found = only(EDIT)
    assert (found.path, found.previous_path, found.known) == ("src/one.py", None, True)
    assert (lines_of(found.added), lines_of(found.removed)) == ((2, 3), (2, 20))


def test_a_diff_with_windows_line_ends_reads_the_same() -> None:
    assert only(EDIT.replace("\n", "\r\n")) == only(EDIT)


def test_an_empty_line_that_lost_its_blank_is_context() -> None:
    found = only("--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n\n a\n+b\n")
    assert lines_of(found.added) == (3,)


def test_a_missing_newline_at_the_end_is_no_line() -> None:
    text = (
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    )
    assert diff.hunks_of(text.split("\n", 2)[2]) == (0b10, 0b10, 0)
    assert only(text).added == 0b10


def test_a_rename_with_changes_knows_both_names() -> None:
    found = only(
        "diff --git a/old name.py b/new name.py\nsimilarity index 90%\nrename from old name.py\nrename to new name.py\n"
        "index 1a2b3c4..5d6e7f8 100644\n--- a/old name.py\t\n+++ b/new name.py\t\n@@ -3 +3 @@\n-a\n+b\n"
    )
    assert found == DiffFile("new name.py", "old name.py", added=0b1000, removed=0b1000)


def test_a_pure_rename_changes_no_line() -> None:
    found = only("diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n")
    assert found == DiffFile("b", "a")


def test_a_copy_is_a_new_file_that_names_its_source() -> None:
    found = only("diff --git a/a b/b\nsimilarity index 100%\ncopy from a\ncopy to b\n")
    assert found == DiffFile("b", "a", is_new=True)


def test_a_change_of_mode_changes_no_line() -> None:
    assert only("diff --git a/a b.sh b/a b.sh\nold mode 100644\nnew mode 100755\n") == DiffFile("a b.sh")


def test_a_new_and_a_deleted_file_are_told() -> None:
    added, deleted = files(
        "diff --git a/n b/n\nnew file mode 100644\nindex 0000000..1a2b3c4\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+a\n"
        "diff --git a/d b/d\ndeleted file mode 100644\nindex 1a2b3c4..0000000\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    )
    assert added == DiffFile("n", added=0b10, is_new=True)
    assert deleted == DiffFile("d", removed=0b10, is_deleted=True)


def test_an_empty_new_file_is_known_to_have_no_line() -> None:
    assert only("diff --git a/n b/n\nnew file mode 100644\nindex 0000000..e69de29\n") == DiffFile(
        "n", is_new=True
    )


def test_a_deletion_shown_without_its_lines_is_unknown() -> None:
    found = only("diff --git a/d b/d\ndeleted file mode 100644\nindex 1a2b3c4..0000000\n")
    assert found == DiffFile("d", is_deleted=True, known=False)


@pytest.mark.parametrize(
    "body",
    [
        "Binary files a/i.png and b/i.png differ\n",
        "GIT binary patch\nliteral 4\nLcmZQzfB^vD5C8xG\n\nliteral 0\nHcmV?d00001\n\n",
    ],
)
def test_the_lines_of_a_binary_file_are_unknown(body: str) -> None:
    text = f"diff --git a/i.png b/i.png\nindex 1a2b3c4..5d6e7f8 100644\n{body}{EDIT}"
    first, second = files(text)
    assert (first, second.path) == (DiffFile("i.png", known=False), "src/one.py")


def test_files_that_plain_diff_only_names_are_unknown() -> None:
    found = files("Only in new/src: a.bin\nBinary files old/b.bin and new/b.bin differ\n")
    assert found == (
        DiffFile("new/src/a.bin", known=False),
        DiffFile("new/b.bin", known=False),
    )


def test_a_quoted_name_is_read_as_git_wrote_it() -> None:
    name = r"q\"\303\244\t.py"
    found = only(
        f'diff --git "a/{name}" "b/{name}"\nindex 1a2b3c4..5d6e7f8\n--- "a/{name}"\n+++ "b/{name}"\n@@ -1 +1 @@\n-a\n+b\n'
    )
    assert found.path == 'q"ä\t.py'


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (r'diff --git "a/\303\244" b/x', "x"),
        (r'diff --git a/x "b/\303\244"', "ä"),
        ("diff --git a/x a/x", "a/x"),
        ("diff --git x y z x y z", "x y z"),
        ("diff --git b/x a/x", "x"),
        ("diff --git i/x w/x", "x"),
    ],
)
def test_a_file_without_lines_is_named_by_its_first_header(header: str, path: str) -> None:
    assert only(f"{header}\nold mode 100644\nnew mode 100755\n").path == path


def test_a_new_file_of_a_diff_without_prefixes_keeps_its_folder() -> None:
    text = "diff --git b/n b/n\nnew file mode 100644\nindex 0000000..1a2b3c4\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+a\n"
    assert only(text).path == "b/n"


def test_a_plain_diff_needs_no_git_header() -> None:
    found = only(
        "diff -u old/x.c new/x.c\n--- old/x.c\t2026-01-01\n+++ new/x.c\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n"
    )
    assert found == DiffFile("new/x.c", "old/x.c", added=0b10, removed=0b10)


def test_a_patch_sent_by_mail_ends_at_its_signature() -> None:
    text = f"From {'a' * 40} Mon Sep 17 00:00:00 2001\nSubject: one\n\n---\n src/one.py | 3 +-\n\n{EDIT}-- \n2.43.0\n\n"
    assert diff.sniff(text.encode())
    assert only(text) == only(EDIT)


def test_a_change_of_type_is_one_comparison() -> None:
    text = (
        "diff --git a/l b/l\ndeleted file mode 100644\nindex 1a2b3c4..0000000\n--- a/l\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
        "diff --git a/l b/l\nnew file mode 120000\nindex 0000000..1a2b3c4\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+t\n"
    )
    assert diff.parse(text.encode()).contradictions == ()


def test_a_series_of_patches_contradicts_itself() -> None:
    (told,) = diff.parse((EDIT + EDIT).encode()).contradictions
    assert "changed twice" in told


def test_an_empty_diff_proves_nothing() -> None:
    assert diff.parse(b"\n").vacuous == ("the diff names no file",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (EDIT.rsplit("\n", 2)[0] + "\n", "cut off"),
        (EDIT.split("@@", 1)[0], "cut off"),
        (EDIT.split("---", 1)[0], "cut off"),
        (EDIT.replace("1,4 +1,5", "1,3 +1,5"), "counts"),
        (EDIT.replace("1,4 +1,5", "1,4 +1,4"), "counts"),
        (EDIT.replace("1,4 +1,5", "1,9 +1,9"), "fewer lines"),
        (EDIT + "-more\n", "more lines"),
        (EDIT.replace("-20 +21,0", "-2 +21,0"), "overlap"),
        (EDIT.replace("-1,4", "-0,4"), "overlap"),
        (EDIT.replace("-20 ", "-20000000 "), "impossible line"),
        (EDIT.replace("-20 ", "-99999999999 "), "header"),
        (EDIT[EDIT.index("@@") :], "no file"),
        ("diff --cc a\nindex 1,2..3\n--- a/a\n+++ b/a\n@@@ -1 -1 +1 @@@\n++a\n", "combined"),
        ("diff --git a/one b/two\nold mode 100644\n", "no name"),
        ("--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", "no name"),
        (EDIT.replace("src/one.py", "n" * 1001), "longer than 1000"),
        ("all is well\n", "names no file"),
    ],
)
def test_what_is_no_whole_diff_is_refused(text: str, reason: str) -> None:
    assert reason in refusal(text)


def test_bitmaps_that_would_fill_the_memory_are_refused() -> None:
    text = "".join(f"--- a/{name}\n+++ b/{name}\n@@ -9999998 +9999998 @@\n-a\n+b\n" for name in range(60))
    assert "more lines than can be kept" in refusal(text)


def test_hunks_without_a_header_are_read_as_github_gives_them() -> None:
    patch = EDIT[EDIT.index("@@") :].removesuffix("\n")
    assert diff.hunks_of(patch) == (only(EDIT).added, only(EDIT).removed, 0)


def test_added_lines_that_a_removed_one_had_the_text_of_are_kept() -> None:
    patch = "@@ -1,2 +1,2 @@\n-one\n-two\n+    two\n+three\n"
    assert diff.hunks_of(patch) == (0b110, 0b110, 0b10)
    assert only(f"--- a/x\n+++ b/x\n{patch}").kept == 0b10


def test_hunks_that_were_cut_off_are_refused() -> None:
    with pytest.raises(InvalidInput, match="cut off"):
        diff.hunks_of("@@ -1,2 +1,2 @@\n a\n")


def test_what_a_formatter_prints_with_its_diff_is_not_taken_for_a_diff() -> None:
    plain = b"--- a.py\n+++ a.py\n@@ -1 +1 @@\n-a\n+b\n"
    assert diff.sniff(plain)
    assert not diff.sniff(plain + b"\n1 file would be reformatted\n")


LINES = st.lists(
    st.sampled_from(["", "a", "b", "-c", "+d", "-- e", "++ f", "@@ -1 +1 @@", "\\ g"]), max_size=30
)


@given(old=LINES, new=LINES, context=st.integers(0, 3))
def test_any_two_files_give_the_lines_that_unidiff_sees(old: list[str], new: list[str], context: int) -> None:
    text = "".join(
        f"{line}\n" for line in difflib.unified_diff(old, new, "a/x", "b/x", n=context, lineterm="")
    )
    if not text:
        return
    (expected,) = PatchSet(text)
    added = tuple(line.target_line_no for hunk in expected for line in hunk if line.is_added)
    removed = tuple(line.source_line_no for hunk in expected for line in hunk if line.is_removed)
    found = only(text)
    assert (lines_of(found.added), lines_of(found.removed)) == (added, removed)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [
                    *EDIT.splitlines(),
                    "+",
                    "-",
                    " ",
                    "",
                    "rename from a",
                    "rename to b",
                    '--- "\\400',
                    "Only in a: b",
                ]
            )
        ).map(lambda lines: "\n".join(lines).encode()),
    )
)
def test_any_bytes_are_a_diff_or_refused(raw: bytes) -> None:
    try:
        report = diff.parse(raw)
    except InvalidInput as refused:
        assert refused.message.isascii()  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.diff is not None


@pytest.mark.corpus
def test_every_diff_of_the_corpus_has_the_totals_of_its_peers(corpus: Path) -> None:
    compared = refused = 0
    index = (corpus / "reports" / "index.jsonl").read_text(encoding="utf-8")
    for case in (each for each in map(json.loads, index.splitlines()) if each["format"] == "diff"):
        raw = (corpus / "reports" / case["file"]).read_bytes()
        assert diff.sniff(raw), case["file"]
        if case["expected"].get("must") == "reject":
            with pytest.raises(InvalidInput):
                diff.parse(raw)
            refused += 1
            continue
        report = diff.parse(raw)
        assert report.diff is not None
        totals = report.diff.totals
        peer = PatchSet(raw.decode())
        if all(each.known for each in report.diff.files):
            assert totals == DiffTotals(peer.added, peer.removed, len(peer)), case["file"]
        stated = {key: value for key, value in case["expected"].items() if key != "must"}
        assert {key: getattr(totals, key) for key in stated} == stated, case["file"]
        compared += 1
    assert (compared, refused) == (10, 1)
