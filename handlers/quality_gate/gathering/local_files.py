"""The repository's files where it lies on disk, for `hephaestus gate evaluate`. Reads only."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

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
