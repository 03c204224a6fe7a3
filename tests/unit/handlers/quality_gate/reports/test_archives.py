"""What an artifact's zip gives, and what it is refused for."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from handlers.quality_gate.reports import archives
from handlers.quality_gate.reports.archives import members

Entry = tuple[str | zipfile.ZipInfo, bytes]
NESTED = " is not read: an archive inside the artifact"
LINKED = " is not read: a link, or no regular file"


def zipped(path: Path, *entries: Entry, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path / "artifact.zip", "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path / "artifact.zip"


def of_mode(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


def contents(path: Path) -> tuple[dict[str, bytes], list[str]]:
    notes: list[str] = []
    return {name: stream.read() for name, stream in members(path, notes)}, notes


def why_refused(path: Path) -> str:
    with pytest.raises(InvalidInput) as refused:
        contents(path)
    assert refused.value.code == "artifact.zip"
    return refused.value.message


def changed(path: Path, old: bytes, new: bytes) -> Path:
    raw = path.read_bytes()
    assert old in raw
    assert len(old) == len(new)
    path.write_bytes(raw.replace(old, new))
    return path


def test_every_file_is_offered_whatever_its_name(tmp_path: Path) -> None:
    path = zipped(
        tmp_path, ("junit", b"<a/>"), ("deep/er/lcov.info", b"SF:a"), ("empty", b""), ("folder/", b"")
    )
    assert contents(path) == ({"junit": b"<a/>", "deep/er/lcov.info": b"SF:a", "empty": b""}, [])


def test_a_stream_gives_its_head_and_then_everything_again(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4_000
    for _, stream in members(zipped(tmp_path, ("a", data)), []):
        assert stream.read(70_000) == data[:70_000]
        stream.seek(0)
        assert stream.read() == data
        stream.seek(0)
        assert stream.read(5) == data[:5]


def test_names_in_any_script_are_given_as_written(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("отчёт/結果.xml", b"a"), ("A.xml", b"b"), ("a.xml", b"c"))
    assert contents(path)[0] == {"отчёт/結果.xml": b"a", "A.xml": b"b", "a.xml": b"c"}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_what_is_no_regular_file_is_left_out_and_noted(tmp_path: Path, kind: int) -> None:
    path = zipped(
        tmp_path, (of_mode("link.xml", kind | 0o777), b"/etc/passwd"), (of_mode("a", stat.S_IFREG), b"1")
    )
    assert contents(path) == ({"a": b"1"}, [f"link.xml{LINKED}"])


def test_archives_inside_are_given_by_name_only_known_by_it_or_by_how_they_begin(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("junit.xml", b"<testsuite/>")
    path = zipped(
        tmp_path,
        ("dist/a.WHL", b"no matter"),
        ("b.xml", inner.getvalue()),
        ("c.json", gzip.compress(b"{}")),
        ("d", bytes(257) + b"ustar" + bytes(250)),
        ("e", b"kept"),
    )
    assert contents(path) == (
        {"dist/a.WHL": b"", "b.xml": b"", "c.json": b"", "d": b"", "e": b"kept"},
        [f"{name}{NESTED}" for name in ("dist/a.WHL", "b.xml", "c.json", "d")],
    )


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../a.xml", "a/../../b", "..\\a.xml", "\\a.xml", "C:\\a.xml", "C:a.xml", "//host/share"],
)
def test_a_path_that_leads_out_refuses_the_artifact(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path, ("ok.xml", b"1"), (name, b"2"))
    assert why_refused(path) == "a file of the artifact has a path that leads out of it"


def test_a_name_that_readers_cut_off_at_a_nul_refuses_the_artifact(tmp_path: Path) -> None:
    path = changed(zipped(tmp_path, ("a.xml_b", b"1")), b"a.xml_b", b"a.xml\0b")
    assert why_refused(path) == "a file of the artifact has a path that leads out of it"


@pytest.mark.parametrize("other", ["a/b.xml", "a\\b.xml", "./a/b.xml", "a//b.xml"])
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_members_for_one_place_refuse_the_artifact(tmp_path: Path, other: str) -> None:
    path = zipped(tmp_path, ("a/b.xml", b"good"), (other, b"bad"))
    assert why_refused(path) == "two files of the artifact have one name"


def test_encryption_refuses_the_artifact(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a", b"1"))
    raw = bytearray(path.read_bytes())
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    assert why_refused(path) == "a file of the artifact is encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_without_a_bound_on_its_pieces_refuses_the_artifact(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path, ("a", b"1"), method=method)
    assert why_refused(path) == "a file of the artifact is packed in a way that is not read"


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a.xml", bytes(20 * 1024 * 1024)))
    assert why_refused(path) == "a file of the artifact is packed too tightly to be a report"


def test_too_large_a_member_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 3)
    assert contents(zipped(tmp_path, ("a", b"123")))[0] == {"a": b"123"}
    assert why_refused(zipped(tmp_path, ("a", b"1234"))) == "a file of the artifact is larger than 0 MiB"


def test_too_much_in_all_is_refused_and_what_is_not_read_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 4)
    within = contents(zipped(tmp_path, ("a", b"12"), ("b", b"34"), ("c.whl", b"567")))[0]
    assert within == {"a": b"12", "b": b"34", "c.whl": b""}
    assert (
        why_refused(zipped(tmp_path, ("a", b"12"), ("b", b"345")))
        == "the files of the artifact are larger than 0 MiB"
    )


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    entries: list[Entry] = [(str(number), b"") for number in range(archives.MAX_MEMBERS + 1)]
    assert len(contents(zipped(tmp_path, *entries[1:]))[0]) == archives.MAX_MEMBERS
    assert why_refused(zipped(tmp_path, *entries)) == "the artifact has more than 2000 files"


@pytest.mark.parametrize("comment", [b"", b"made by a tool"])
def test_a_huge_directory_is_refused_before_it_is_read(tmp_path: Path, comment: bytes) -> None:
    path = tmp_path / "artifact.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(80):
            archive.writestr(f"{number:060000d}", b"")
        archive.comment = comment
    assert why_refused(path) == "the artifact has more than 2000 files, or needlessly long names"


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a.xml", b"x" * 100), ("b.xml", b"y" * 100), method=zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    first = raw.index(b"PK\x01\x02")
    second = raw.index(b"PK\x01\x02", first + 1)
    raw[second + 42 : second + 46] = raw[first + 42 : first + 46]
    path.write_bytes(raw)
    assert why_refused(path) == "two files of the artifact overlap"


def lying(path: Path, size: int) -> Path:
    """The same zip; its first member says that it is `size` bytes long."""
    raw = bytearray(path.read_bytes())
    raw[22:26] = struct.pack("<I", size)
    directory = raw.index(b"PK\x01\x02")
    raw[directory + 24 : directory + 28] = struct.pack("<I", size)
    path.write_bytes(raw)
    return path


def test_a_member_longer_than_it_says_gives_no_more_and_is_refused(tmp_path: Path) -> None:
    path = lying(zipped(tmp_path, ("a", b"0123456789" * 50)), 10)
    assert why_refused(path) == "a file of the artifact is broken or cut off"


def test_a_member_shorter_than_it_says_is_refused(tmp_path: Path) -> None:
    path = lying(zipped(tmp_path, ("a", b"0123456789" * 50)), 600)
    assert why_refused(path) == "a file of the artifact is shorter than the zip says"


def test_a_member_whose_bytes_were_changed_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a", b"before it was changed"), method=zipfile.ZIP_STORED)
    assert why_refused(changed(path, b"before", b"BEFORE")) == "a file of the artifact is broken or cut off"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_stream_can_be_sought_like_a_file(tmp_path: Path, method: int) -> None:
    data = bytes(range(256)) * 2_000
    for _, stream in members(zipped(tmp_path, ("a", data), method=method), []):
        like = io.BytesIO(data)
        for offset, whence in ((300_000, 0), (-200_000, 1), (5, 1), (-10, 2), (0, 0), (70_000, 1), (9, 2)):
            assert stream.seek(offset, whence) == min(like.seek(offset, whence), len(data))
            assert stream.read(7) == like.read(7)


def test_bytes_that_were_changed_are_found_after_going_back(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a", b"x" * 200_000 + b"end"), method=zipfile.ZIP_STORED)
    assert why_refused(changed(path, b"end", b"END")) == "a file of the artifact is broken or cut off"


def test_what_is_broken_is_refused_by_seeking_over_it_too(tmp_path: Path) -> None:
    path = changed(
        zipped(tmp_path, ("a", b"before " * 50_000), method=zipfile.ZIP_STORED),
        b"before " * 9,
        b"BEFORE " * 9,
    )
    offered = members(path, [])
    _, stream = next(offered)
    with pytest.raises(InvalidInput) as refused:
        stream.seek(350_000)
    assert refused.value.message == "a file of the artifact is broken or cut off"


@pytest.mark.parametrize("raw", [b"", b"PK\x05\x06", b"<html/>", b"PK\x03\x04" + bytes(60)])
def test_what_is_no_zip_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "artifact.zip"
    path.write_bytes(raw)
    assert why_refused(path) == "the artifact is not a zip that can be read"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert why_refused(tmp_path / "absent.zip") == "the artifact cannot be opened"


def test_memory_does_not_grow_with_a_member(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a", b"0123456789abcdef" * 2_000_000), method=zipfile.ZIP_STORED)
    tracemalloc.start()
    for _, stream in members(path, []):
        while stream.read(64 * 1024):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * 1024 * 1024


@given(place=st.integers(0, 400), value=st.integers(0, 255), cut=st.one_of(st.none(), st.integers(0, 400)))
def test_a_damaged_zip_gives_its_members_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int, cut: int | None
) -> None:
    path = zipped(tmp_path_factory.getbasetemp(), ("a.xml", b"<testsuite/>" * 20), ("b/c.json", b'{"a": 1}'))
    raw = bytearray(path.read_bytes())
    raw[place % len(raw)] = value
    path.write_bytes(raw[:cut])
    notes: list[str] = []
    try:
        found = {name: stream.read() for name, stream in members(path, notes)}
    except InvalidInput as refused:
        assert refused.code == "artifact.zip"  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert {b"<testsuite/>" * 20, b'{"a": 1}'} >= set(found.values())


@pytest.mark.corpus
def test_hostile_archives_are_refused_or_their_members_left_out(corpus: Path) -> None:
    folder = corpus / "reports" / "artifact-zip"
    assert why_refused(folder / "hostile__duplicate-names.zip") == "two files of the artifact have one name"
    assert why_refused(folder / "hostile__truncated.zip") == "the artifact is not a zip that can be read"
    found, notes = contents(folder / "hostile__symlink.zip")
    assert (list(found), notes) == (["ok.xml"], [f"link.xml{LINKED}"])
    found, notes = contents(folder / "hostile__nested-zip.zip")
    assert (list(found.values()), len(notes)) == ([b""], 1)
    assert len(list(folder.iterdir())) == 4
