"""What a repository had in force, as far as is remembered: for when GitHub cannot be asked."""

from __future__ import annotations

from collections.abc import Callable

from app.config.composing import NOTHING, Layers
from app.config.parsed import ParsedFiles
from app.config.policies import ORGANISATION, PolicyMemory
from app.errors import TransientError
from app.ports.policies import UNJUDGED


async def was_in_force(
    name: str, files: ParsedFiles, memory: PolicyMemory, remembered: Callable[[str], PolicyMemory]
) -> bool:
    """Whether the last good files of the repository, of what it extends and of its organisation have the section; asks nobody.

    Without a file of its own only the organisation's floor puts a section into force. Files that could not be judged count as if
    they had it: the answer decides who is told of a failure of ours, and better one too many than none.
    """
    try:
        return await _was_in_force(name, files, memory, remembered)
    except TransientError as error:
        if error.code != UNJUDGED:
            raise
        return True


async def _was_in_force(
    name: str, files: ParsedFiles, memory: PolicyMemory, remembered: Callable[[str], PolicyMemory]
) -> bool:
    own, owner = await memory.load(), await remembered(ORGANISATION).load()
    if own is None and (owner is None or not (await files.organisation(owner[0])).has_floor):
        return False
    raw = NOTHING if own is None else own[0]
    alone = await files.parse(raw)
    named = None if alone.extends is None else await remembered(alone.extends.partition("/")[2]).load()
    layers = Layers(raw, named[0] if named else None, owner[0] if owner else None)
    return any(each.section(name) is not None for each in (alone, await files.compose(layers)))
