"""GitHub's root in the data directory: every version in a file of its own, and beside them which one was pinned, and by whom.

A pin is written only by an import, on somebody's word; what TUF verified has a record of its own. Files are 0600, replaced whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from app.adapters.sigstore.trust import PinnedRoot
from app.adapters.sigstore.trusted_root import read_file
from app.domain.ids import Sha256Hex
from app.domain.trust import RootSource
from app.errors import InvalidInput, TransientError

FOLDER = "trust"
RECORDS = {RootSource.IMPORT: "github.pin.json", RootSource.TUF: "github.tuf.json"}


class Record(BaseModel):
    """Which root, since when, and when it was last said to be the right one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = 1
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    taken_at: AwareDatetime
    confirmed_at: AwareDatetime


class RootStore:
    """The folder `trust` of a data directory; nothing is made before something is kept."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER

    def load(self, source: RootSource) -> tuple[PinnedRoot, Record] | None:
        """The root that was taken from this source last; None where there never was one.

        Raises:
            InvalidInput: the record or the root's file is not as we left it.
        """
        record = self._record(source)
        if record is None:
            return None
        path = self.path_of(record.sha256)
        raw = read_file(path)
        if sha256(raw).hexdigest() != record.sha256:
            raise InvalidInput(
                "trust_root.pin",
                f"{path} is not what was pinned: import GitHub's root again, and find out who changed it",
            )
        return PinnedRoot(raw, Sha256Hex(record.sha256)), record

    def keep(self, root: PinnedRoot, source: RootSource, now: datetime) -> bool:
        """Keeps a root, and says that it is the one of this source; whether that was another one before.

        Raises:
            TransientError: `trust_root.unwritable`; what was kept before stays.
        """
        before = self._record(source)
        is_same = before is not None and before.sha256 == root.sha256
        taken_at = before.taken_at if before is not None and is_same else now
        record = Record(sha256=root.sha256, taken_at=taken_at, confirmed_at=now)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(self.path_of(root.sha256), root.raw)
            _replace(self.folder / RECORDS[source], record.model_dump_json().encode() + b"\n")
        except OSError as error:
            raise unwritable(self.folder, error) from error
        return not is_same

    def path_of(self, digest: str) -> Path:
        """The file of a version."""
        return self.folder / f"github-{digest}.json"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For one process at a time. Raises TransientError where another is at it, or the folder cannot be written."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("ab")
        except OSError as error:
            raise unwritable(self.folder, error) from error
        with lock as file:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except BlockingIOError as error:
                raise TransientError("trust_root.busy", "another process refreshes the root") from error
            yield

    def _record(self, source: RootSource) -> Record | None:
        path = self.folder / RECORDS[source]
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InvalidInput("trust_root.unreadable", f"cannot read {path}: {error.strerror}") from error
        try:
            return Record.model_validate_json(raw)
        except ValidationError as error:
            raise InvalidInput(
                "trust_root.pin", f"{path} is not as it was written: import GitHub's root again"
            ) from error


def unwritable(folder: Path, error: OSError) -> TransientError:
    """The refusal of a folder."""
    return TransientError("trust_root.unwritable", f"cannot write to {folder}: {error.strerror}")


def _replace(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all; temporary files are 0600."""
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
