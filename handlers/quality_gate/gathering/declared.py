"""Which versions the repository declares at a commit, in the files that the policy names. Reads only.

Files are addressed by the commit's sha: the client asks GitHub for each of them once and never again.
"""

from __future__ import annotations

from dataclasses import replace

from app.domain.ids import CommitSha
from app.errors import InvalidInput
from app.ports.compute import Compute
from app.ports.github_reader import GitHubReader
from handlers.quality_gate.declarations import Declarations, read_files
from handlers.quality_gate.gathering.tree_reader import TreeReader
from handlers.quality_gate.globs import matches
from handlers.quality_gate.section.gates import DriftGate

MAX_FILES = 10
MAX_BYTES = 256 * 1024
WILD = frozenset("*?[")


async def read_declared(
    github: GitHubReader,
    compute: Compute,
    sha: CommitSha,
    gate: DriftGate | None,
    tree: TreeReader,
) -> Declarations | None:
    """What the files declare that the gate names; None without such a gate."""
    if gate is None:
        return None
    listed = await tree.paths()
    wanted = paths_of(gate, listed)
    problems = [*too_many(wanted), *(unlisted(gate) if listed is None else ())]
    files: list[tuple[str, bytes]] = []
    for path in wanted[:MAX_FILES]:
        try:
            found = await github.file(path, sha)
        except InvalidInput as error:  # so large that GitHub does not give it
            problems.append(error.message)
            continue
        if found is None:
            continue
        if len(found.content) > MAX_BYTES:
            problems.append(f"{path} is larger than {MAX_BYTES >> 10} KiB")
        else:
            files.append((path, found.content))
    try:
        read = await compute.run(read_files, tuple(files))
    except InvalidInput as error:
        read = Declarations(problems=(error.message,))
    return replace(read, problems=(*problems, *read.problems))


def too_many(wanted: tuple[str, ...]) -> list[str]:
    """The problem that not all of the files are read, where it is one."""
    return [f"more than {MAX_FILES} files fit drift.files; name fewer"] if len(wanted) > MAX_FILES else []


def unlisted(gate: DriftGate) -> list[str]:
    """The problem that files of patterns are not found where GitHub does not list all files, where the gate has patterns."""
    globs = [each for each in gate.files if WILD & set(each)]
    if not globs:
        return []
    return [
        f"GitHub does not list all files, so none is found by {', '.join(globs)}: name each file in drift.files"
    ]


def paths_of(gate: DriftGate, tree: tuple[str, ...] | None) -> tuple[str, ...]:
    """The files that the gate means, those nearest to the root first; a name without a folder is one in the root."""
    if tree is None:
        return tuple(name for name in gate.files if not WILD & set(name))
    # With a folder before both, a name alone means the root and not any folder.
    found = [path for path in tree if any(matches(f"./{path}", f"./{glob}") for glob in gate.files)]
    return tuple(sorted(found, key=lambda path: (path.count("/"), path)))
