"""A folder for downloads that ends with its process, also where that is killed: the next start sweeps what is left.

Several processes may share a data directory. Each locks its own folder; what nobody holds locked, nobody uses.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = ".lock"


class Scratch:
    """A new folder below `parent`, for this process alone until `close`; folders of dead processes are removed."""

    def __init__(self, parent: Path) -> None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _turn(parent):
            _sweep(parent)
            self.folder = Path(tempfile.mkdtemp(dir=parent, prefix="process-"))
            self._lock = _open(self.folder / LOCK)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


@contextmanager
def _turn(parent: Path) -> Iterator[None]:
    """One process at a time: a folder that was just made and is not locked yet must not be swept."""
    lock = _open(parent / LOCK)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _sweep(parent: Path) -> None:
    for left in parent.iterdir():
        if left.is_dir() and not left.is_symlink() and _is_abandoned(left):
            shutil.rmtree(left, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Whether nobody holds its lock; what we may not even look at is somebody's."""
    try:
        lock = _open(folder / LOCK)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(lock)


def _open(path: Path) -> int:
    """Without following a link; closed in children, so that a worker of the sandbox does not keep the lock."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
