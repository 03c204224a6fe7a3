from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.adapters.sigstore.root_store import Record, RootStore
from app.domain.trust import RootSource
from app.errors import InvalidInput, TransientError
from tests.unit.app.adapters.sigstore.rooted import NOW, SINCE, github, root

LATER = NOW + timedelta(days=3)
OTHER = root(github(SINCE - timedelta(days=1)))


@pytest.fixture
def store(tmp_path: Path) -> RootStore:
    return RootStore(tmp_path)


def test_what_was_never_imported_is_not_there(store: RootStore) -> None:
    assert store.load(RootSource.IMPORT) is None
    assert not store.folder.exists()


def test_what_was_kept_is_read_back_with_its_times(store: RootStore) -> None:
    assert store.keep(root(), RootSource.IMPORT, NOW)
    record = Record(sha256=root().sha256, taken_at=NOW, confirmed_at=NOW)
    assert store.load(RootSource.IMPORT) == (root(), record)


def test_the_same_root_again_is_confirmed_and_not_new(store: RootStore) -> None:
    store.keep(root(), RootSource.IMPORT, NOW)
    assert not store.keep(root(), RootSource.IMPORT, LATER)
    record = Record(sha256=root().sha256, taken_at=NOW, confirmed_at=LATER)
    assert store.load(RootSource.IMPORT) == (root(), record)


def test_an_older_version_stays_beside_the_new_one(store: RootStore) -> None:
    store.keep(root(), RootSource.IMPORT, NOW)
    assert store.keep(OTHER, RootSource.IMPORT, LATER)
    assert store.path_of(root().sha256).read_bytes() == root().raw
    kept = store.load(RootSource.IMPORT)
    assert kept is not None
    assert kept[0] == OTHER


def test_what_tuf_verified_changes_no_pin(store: RootStore) -> None:
    store.keep(root(), RootSource.IMPORT, NOW)
    store.keep(OTHER, RootSource.TUF, LATER)
    imported, refreshed = store.load(RootSource.IMPORT), store.load(RootSource.TUF)
    assert imported is not None
    assert refreshed is not None
    assert (imported[0], refreshed[0]) == (root(), OTHER)


def test_files_are_for_their_owner_alone_and_nothing_else_is_left(store: RootStore) -> None:
    store.keep(root(), RootSource.IMPORT, NOW)
    files = sorted(store.folder.iterdir())
    assert [each.name for each in files] == [f"github-{root().sha256}.json", "github.pin.json"]
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    assert store.folder.stat().st_mode & 0o777 == 0o700


def test_a_root_that_was_changed_on_disk_is_refused(store: RootStore) -> None:
    store.keep(root(), RootSource.IMPORT, NOW)
    store.path_of(root().sha256).write_bytes(OTHER.raw)
    with pytest.raises(InvalidInput, match="is not what was pinned"):
        store.load(RootSource.IMPORT)


def test_a_root_whose_file_is_gone_is_refused(store: RootStore) -> None:
    store.keep(root(), RootSource.IMPORT, NOW)
    store.path_of(root().sha256).unlink()
    with pytest.raises(InvalidInput, match="cannot read the trusted root"):
        store.load(RootSource.IMPORT)


@pytest.mark.parametrize("record", [b"", b"{}", b'{"sha256":"../../etc/passwd"}', b"\xff"])
def test_a_pin_that_we_did_not_write_is_refused(store: RootStore, record: bytes) -> None:
    store.keep(root(), RootSource.IMPORT, NOW)
    (store.folder / "github.pin.json").write_bytes(record)
    with pytest.raises(InvalidInput, match="is not as it was written"):
        store.load(RootSource.IMPORT)


def test_a_pin_that_cannot_be_read_is_refused(store: RootStore) -> None:
    store.keep(root(), RootSource.IMPORT, NOW)
    pin = store.folder / "github.pin.json"
    pin.unlink()
    pin.mkdir()
    with pytest.raises(InvalidInput, match="cannot read"):
        store.load(RootSource.IMPORT)


def test_a_file_that_cannot_be_replaced_leaves_no_other(store: RootStore) -> None:
    store.folder.mkdir()
    (store.folder / f"github-{root().sha256}.json").mkdir()
    with pytest.raises(TransientError, match="cannot write to"):
        store.keep(root(), RootSource.IMPORT, NOW)
    assert [each.name for each in store.folder.iterdir()] == [f"github-{root().sha256}.json"]


def test_only_one_process_refreshes_at_a_time(store: RootStore) -> None:
    with store.alone(), pytest.raises(TransientError, match="another process"), store.alone():
        pass
    with store.alone():
        assert store.folder.is_dir()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "trust").write_text("in the way", encoding="utf-8")
    with pytest.raises(TransientError, match="cannot write to"), RootStore(tmp_path).alone():
        pass
