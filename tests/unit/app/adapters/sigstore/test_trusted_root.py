from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.trusted_root import MAX_BYTES, PINS, load, verifier
from app.errors import InvalidInput
from app.standin.sigstore import LocalSigstore


@pytest.mark.parametrize("name", ["production", "staging"])
def test_the_installed_roots_are_the_ones_we_reviewed(name: str) -> None:
    root = load(name)
    assert root.sha256 in PINS[name]
    assert verifier(root) is verifier(load(name))


def test_a_file_is_read_and_its_digest_recorded(tmp_path: Path) -> None:
    raw = LocalSigstore.create().trusted_root_json()
    (tmp_path / "root.json").write_bytes(raw)
    root = load(tmp_path / "root.json")
    assert root.sha256 == sha256(raw).hexdigest()
    assert load(tmp_path / "root.json", pin=root.sha256.upper()) == root


def test_a_root_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root.json").write_bytes(LocalSigstore.create().trusted_root_json())
    with pytest.raises(InvalidInput, match="not pinned"):
        load(tmp_path / "root.json", pin="0" * 64)
    with pytest.raises(InvalidInput, match="not pinned"):
        load("production", pin="0" * 64)


def test_an_unreadable_root_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"cannot read the trusted root .*absent\.json"):
        load(tmp_path / "absent.json")
    (tmp_path / "big.json").write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(InvalidInput, match="more than"):
        load(tmp_path / "big.json")


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"mediaType": "x"}'])
def test_a_root_that_the_library_cannot_read_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "root.json").write_bytes(raw)
    with pytest.raises(Refusal, match="cannot be used") as caught:
        verifier(load(tmp_path / "root.json"))
    assert caught.value.code == "TRUST_ROOT"
