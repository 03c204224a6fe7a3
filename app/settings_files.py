"""The files of settings: `.env`, and the data directory, which is for its owner alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import SettingsError

DATA_DIR = "HEPHAESTUS_DATA_DIR"
OURS = (".env", "hephaestus.db", "engine.db", "downloads", "trust")
"""What tells that a folder is our data directory."""
PRIVATE = 0o077
"""What is closed to others; as umask: files are 0600, folders 0700."""
BESIDE = ("", "-wal", "-shm", "-journal", ".lock")
"""A SQLite database, and what lies beside it."""


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; quotes around a value and lines that begin with # are dropped."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path} cannot be read: {exc}. Check the path and its permissions") from exc
    values: dict[str, str] = {}
    for number_, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"{path}, line {number_}: write NAME=value")
        values[name.strip()] = value.strip().strip("\"'")
    return values


def protect(data_dir: Path) -> None:
    """Makes the data directory, for its owner alone: it holds what repositories and GitHub confided to us.

    One that others may read is closed to them where it is plainly ours, and refused elsewhere: `/tmp` must not become private
    because a setting named it.

    Raises:
        SettingsError: it cannot be made, written or protected.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = data_dir.stat().st_mode
        if mode & PRIVATE:
            held = {path.name for path in data_dir.iterdir()}
            foreign = {name for name in held if not name.startswith(OURS)}
            # A new tmpfs is open to all, too; what tells it from /tmp is that nobody uses it.
            if (mode & stat.S_ISVTX and foreign) or (held and not held & set(OURS)):
                raise SettingsError(
                    f"{DATA_DIR} is {data_dir}, which others may read and which holds other things: name a folder of its own, "
                    f"or run chmod 700 {data_dir}"
                )
            data_dir.chmod(0o700)
    except OSError as exc:
        raise SettingsError(
            f"{DATA_DIR} is {data_dir}, which cannot be used: {exc.strerror}. Name a folder that this user may make and own"
        ) from exc
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise SettingsError(
            f"{DATA_DIR} is {data_dir}, where this user may not write: change its owner or name another"
        )


@contextmanager
def private_files(databases: Iterable[Path] = ()) -> Iterator[None]:
    """What this process makes meanwhile is for its owner alone; SQLite databases that are there already become so.

    Raises:
        SettingsError: others may read a database, and this user may not change that.
    """
    before = os.umask(PRIVATE)
    try:
        for file in (Path(f"{database}{end}") for database in databases for end in BESIDE):
            close_to_others(file)
        yield
    finally:
        os.umask(before)


def close_to_others(file: Path) -> None:
    """Takes others' rights from a file, where it is there."""
    try:
        mode = file.stat().st_mode
        if mode & PRIVATE:
            file.chmod(mode & 0o777 & ~PRIVATE)
    except FileNotFoundError:
        return
    except OSError as exc:
        raise SettingsError(
            f"others may read {file}, and this user may not change that ({exc.strerror}): run chmod 600 on it as its owner"
        ) from exc


def exists(file: Path) -> bool:
    """Whether the file is there; a folder that may not be looked into is a mistake that `protect` names."""
    try:
        return file.is_file()
    except OSError:
        return False
