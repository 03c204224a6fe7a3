from __future__ import annotations

from pathlib import Path

import pytest
from sigstore._internal.trust import KeyringPurpose  # the type of public methods' arguments

from app.adapters.sigstore import shared_root
from app.adapters.sigstore.shared_root import SharedRoot
from app.standin.sigstore import LocalSigstore


@pytest.fixture
def root(tmp_path: Path) -> SharedRoot:
    path = tmp_path / "root.json"
    path.write_bytes(LocalSigstore.create().trusted_root_json())
    found = SharedRoot.from_file(str(path))
    assert isinstance(found, SharedRoot)
    return found


def test_keys_are_read_once_for_many_verifications(root: SharedRoot) -> None:
    assert root.rekor_keyring(KeyringPurpose.VERIFY) is root.rekor_keyring(KeyringPurpose.VERIFY)
    assert root.ct_keyring(KeyringPurpose.VERIFY) is root.ct_keyring(KeyringPurpose.VERIFY)
    assert root.get_timestamp_authorities() is root.get_timestamp_authorities()


def test_keys_are_read_again_after_a_while(root: SharedRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    first = root.rekor_keyring(KeyringPurpose.VERIFY)
    monkeypatch.setattr(shared_root, "KEPT_S", 0.0)
    assert root.rekor_keyring(KeyringPurpose.VERIFY) is not first
