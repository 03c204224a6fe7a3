"""Files on disk, for `hephaestus gate evaluate`: the repository's, and those that artifacts left. Reads only."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from app.errors import InvalidInput
from handlers.quality_gate.declarations import Declarations, read_files
from handlers.quality_gate.gathering.declared import MAX_BYTES, MAX_FILES, paths_of, too_many
from handlers.quality_gate.section.gates import DriftGate

UNKNOWN = "not judged offline without the repository's files: name their folder with --repo"


def files_below(repository: Path) -> tuple[str, ...]:
    """The files of a checkout, sorted, without git's own; links are files, wherever they lead."""
    found = []
    for folder, folders, names in os.walk(repository):
        if ".git" in folders:
            folders.remove(".git")
        found += [Path(folder, name).relative_to(repository).as_posix() for name in names]
    return tuple(sorted(found))


def artifacts_below(directory: Path) -> tuple[str, ...]:
    """The names of the artifacts in a folder of them, sorted; what is hidden is none, as when artifacts are uploaded.

    Raises `InvalidInput` where the folder cannot be read, or something lies in it beside the artifacts' folders: that may be a
    report, which nobody would count.
    """
    try:
        found = sorted(each for each in directory.iterdir() if not each.name.startswith("."))
    except OSError as error:
        _unreadable(error)
    for each in found:
        if not each.is_dir():
            told = (
                f"{each.name} lies beside the artifacts' folders in {directory}, where it would not count: move it into a folder "
                f"that is called as its artifact, as {directory / 'reports' / each.name}"
            )
            raise InvalidInput("input.unreadable", told)
    return tuple(each.name for each in found)


def files_of_artifact(folder: Path) -> tuple[Path, ...]:
    """The files in an artifact's folder, sorted; links are among them, wherever they lead.

    Raises `InvalidInput` where a folder in it cannot be read: nobody knows what it holds.
    """
    found = []
    for place, folders, names in os.walk(folder, onerror=_unreadable):
        found += [Path(place, name) for name in names]
        found += [link for link in (Path(place, name) for name in folders) if link.is_symlink()]
    return tuple(sorted(found))


def _unreadable(error: OSError) -> NoReturn:
    raise InvalidInput("input.unreadable", f"cannot read {error.filename}: {error.strerror}") from error


def declared_below(
    repository: Path | None, gate: DriftGate | None, tree: tuple[str, ...] | None
) -> Declarations | None:
    """What the files declare that the gate names, as the service reads them; a problem where there is no repository."""
    if gate is None:
        return None
    if repository is None:
        return Declarations(problems=(UNKNOWN,))
    wanted = paths_of(gate, tree)
    problems = too_many(wanted)
    files: list[tuple[str, bytes]] = []
    for path in wanted[:MAX_FILES]:
        file = repository / path
        if file.is_symlink():
            problems.append(f"{path} is a link, which is not read offline")
        elif file.stat().st_size > MAX_BYTES:
            problems.append(f"{path} is larger than {MAX_BYTES >> 10} KiB")
        else:
            files.append((path, file.read_bytes()))
    read = read_files(tuple(files))
    return replace(read, problems=(*problems, *read.problems))
