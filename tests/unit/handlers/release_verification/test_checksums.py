"""Checksum files of every tool, and what strangers put into them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ids import Sha256Hex
from app.errors import InvalidInput
from handlers.release_verification.checksums import (
    MAX_BYTES,
    MAX_LINES,
    Checksums,
    is_checksum_file,
    read_checksums,
)

A, B = Sha256Hex("a" * 64), Sha256Hex("b" * 64)


@pytest.mark.parametrize(
    "name",
    [
        "SHA256SUMS",
        "SHA256SUMS.txt",
        "sha256sum.txt",
        "checksums.txt",
        "tool_1.0.0_checksums.txt",
        "tool-1.0.0.sha256",
        "tool.tar.gz.sha256sum",
        "tool.sha512",
        "MD5SUMS",
    ],
)
def test_the_usual_names_are_known(name: str) -> None:
    assert is_checksum_file(name)


@pytest.mark.parametrize("name", ["tool", "tool.tar.gz", "sums", "checksum-tool.exe.zip", "sha256"])
def test_other_names_are_not(name: str) -> None:
    assert not is_checksum_file(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"{A}  tool\n", "SHA256SUMS"),
        (f"{A} *tool\n", "SHA256SUMS"),
        (f"{A}  ./tool", "SHA256SUMS"),
        (f"{A.upper()}  tool\r\n", "checksums.txt"),
        (f"SHA256 (tool) = {A}\n", "checksums.txt"),
        (f"SHA2-256(tool)= {A}\n", "checksums.txt"),
        (f"{A}\n", "tool.sha256"),
        (f"# made by hand\n\n{A}  tool\n", "SHA256SUMS"),
        (f"{A}  tool\n{A}  tool\n", "SHA256SUMS"),
    ],
)
def test_every_usual_form_is_read(text: str, name: str) -> None:
    assert read_checksums(name, text.encode()) == Checksums((("tool", A),))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"{A}  ../tool", "is a path"),
        (f"{A}  dist/tool", "is a path"),
        (f"{A}  C:\\tool", "is a path"),
        (f"{A}  ..", "is a path"),
        (f"{'a' * 40}  tool", "listed by SHA-1"),
        (f"{'a' * 128}  tool", "listed by SHA-512"),
        (f"MD5 (tool) = {'a' * 32}", "listed by MD5"),
        (f"SHA512 (tool) = {A}", "listed by SHA512"),
        (f"SHA256 (tool) = {'a' * 40}", "listed by SHA256"),
        (f"{'a' * 63}  tool", "not a line"),
        (f"{A}", "not a line"),
        (f"\\{A}  a\\nb", "not a line"),
        ("-----BEGIN PGP SIGNED MESSAGE-----", "not a line"),
        (f"{A}  {'x' * 2000}", "not a line"),
    ],
)
def test_what_is_not_understood_counts_for_nothing_and_is_named(line: str, why: str) -> None:
    found = read_checksums("SHA256SUMS", f"{line}\n{B}  other\n".encode())
    assert found.listed == (("other", B),)
    assert len(found.problems) == 1
    assert found.problems[0].startswith("line 1: ")
    assert why in found.problems[0]


def test_a_bare_digest_of_another_length_lists_nothing() -> None:
    assert read_checksums("tool.sha256", b"a" * 63).listed == ()
    assert read_checksums("tool.sha512", b"a" * 128).listed == ()


def test_a_file_with_two_digests_is_listed_with_neither() -> None:
    found = read_checksums("SHA256SUMS", f"{A}  tool\n{B}  tool\n{A}  tool\n".encode())
    assert found == Checksums((), ("line 2: 'tool' has two digests",))


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a" * (MAX_BYTES + 1), b"\n" * (MAX_LINES + 1)])
def test_what_is_not_a_text_of_bearable_size_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput, match="checksum file"):
        read_checksums("SHA256SUMS", raw)


@given(st.text(max_size=400))
def test_whatever_it_holds_only_names_without_paths_are_listed(text: str) -> None:
    try:
        found = read_checksums("SHA256SUMS", f"{text}\n{A}  tool".encode("utf-8", "surrogatepass"))
    except InvalidInput:
        return
    assert all("/" not in name and "\\" not in name and name for name, _ in found.listed)
    assert all(len(digest) == len(A) for _, digest in found.listed)
