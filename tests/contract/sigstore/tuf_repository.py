"""A TUF repository of our own, made with python-tuf's metadata API, and installations that refresh from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer._crypto_signer import CryptoSigner
from tuf.api._payload import Root, Signed, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.metadata import Metadata

from app.adapters.sigstore.refreshing import TARGET, TufRepository
from app.adapters.sigstore.root_store import RootStore
from app.adapters.sigstore.roots import ConfiguredRoots
from app.settings_trust import TrustSettings
from app.testing.clock import FrozenClock
from tests.unit.app.adapters.sigstore.rooted import NOW, SINCE, github

FIRST, SECOND = github(), github(SINCE - timedelta(days=1))
DAY = timedelta(days=1)
ROLES = ("root", "targets", "snapshot", "timestamp")


class Repository:
    """A TUF repository in a folder, one key a role; `publish` makes a new version of everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signers = {role: CryptoSigner.generate_ed25519() for role in ROLES}
        self.version = 0
        self.asked: list[str] = []
        (folder / "targets").mkdir(parents=True)

    def publish(self, content: bytes, *, ends: datetime | None = None, target: str = TARGET) -> None:
        self.version += 1
        expires = ends or datetime.now(UTC) + DAY
        if self.version == 1:
            keys = Root(1, expires=expires + 900 * DAY, consistent_snapshot=False)
            for role, signer in self.signers.items():
                keys.add_key(signer.public_key, role)
            self.write("1.root.json", "root", keys)
        (self.folder / "targets" / target).write_bytes(content)
        listed = Targets(self.version, expires=expires)
        listed.targets[target] = TargetFile.from_data(target, content, ["sha256"])
        self.write("targets.json", "targets", listed)
        snapshot = Snapshot(self.version, expires=expires)
        snapshot.meta["targets.json"].version = self.version
        self.write("snapshot.json", "snapshot", snapshot)
        timestamp = Timestamp(self.version, expires=expires)
        timestamp.snapshot_meta.version = self.version
        self.write("timestamp.json", "timestamp", timestamp)

    def write(self, name: str, role: str, signed: Signed) -> None:
        metadata: Metadata[Any] = Metadata(signed)
        metadata.sign(self.signers[role])
        metadata.to_file(str(self.folder / name))

    @property
    def bootstrap(self) -> bytes:
        return (self.folder / "1.root.json").read_bytes()


class Installation:
    """Roots that are refreshed from a repository; each `roots()` is a process that starts."""

    def __init__(self, tmp_path: Path, url: str, bootstrap: bytes) -> None:
        self.store = RootStore(tmp_path / "data")
        self.clock = FrozenClock(NOW)
        self.tuf = TufRepository(url, bootstrap, self.store.folder / "tuf")

    def roots(self) -> ConfiguredRoots:
        return ConfiguredRoots(TrustSettings(), self.store, self.clock, self.tuf)
