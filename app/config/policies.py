"""The policies of one repository: its file at the default branch, what that extends, and the organisation's floor under both.

Behind each file stands its last good version: a mistake in one never takes a rule away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.config.composing import NOTHING, Layers
from app.config.document import TOO_LARGE
from app.config.loader import ParsedFile
from app.config.parsed import ParsedFiles
from app.errors import FileTooLarge
from app.ports.github_reader import GitHubReader
from app.ports.policies import (
    ConfigError,
    NeighbourFile,
    Neighbours,
    Policy,
    PolicyFile,
    PolicySource,
    Proposed,
    ProposedShared,
    SectionT,
)

CONFIG_PATH = ".github/hephaestus.yml"
ORGANISATION = ".github"
"""The repository whose `hephaestus.yml` is the organisation's file."""
OPENNESS = ("private", "internal", "public")


class PolicyMemory(Protocol):
    """Remembers the last good version of one file: its bytes, and where they were read."""

    async def load(self) -> tuple[bytes, PolicySource] | None:
        """What was kept last."""
        ...

    async def store(self, raw: bytes, source: PolicySource) -> None:
        """Keeps it instead."""
        ...


@dataclass(frozen=True, slots=True)
class _Owner:
    """The organisation's file as it counts now; `errors` where it never was good, in `broken`."""

    file: NeighbourFile | None = None
    has_floor: bool = False
    may_extend: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    errors: tuple[ConfigError, ...] = ()
    broken: PolicySource | None = None

    @property
    def source(self) -> PolicySource | None:
        """Where it was read."""
        return self.file.source if self.file else None


@dataclass(frozen=True, slots=True)
class _Shared:
    """What `extends` names, as it counts now; `problem` says why it cannot be used."""

    file: NeighbourFile | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Composed:
    """A file with what it extends and the floor."""

    parsed: ParsedFile
    shared: PolicySource | None
    notes: tuple[str, ...]


class RepositoryPolicies:
    """Port `policies` of one repository. `memory` is of its own file, `remembered` gives that of a neighbour's, by name."""

    def __init__(
        self,
        github: GitHubReader,
        files: ParsedFiles,
        memory: PolicyMemory,
        neighbours: Neighbours,
        remembered: Callable[[str], PolicyMemory],
    ) -> None:
        self._github = github
        self._files = files
        self._memory = memory
        self._neighbours = neighbours
        self._remembered = remembered

    async def load(self, name: str, section: type[SectionT]) -> Policy[SectionT]:
        """The section `name` in force now: always the default branch's, whatever a pull request proposes."""
        branch = await self._github.default_branch()
        file = await self.file(CONFIG_PATH, branch.sha)
        owner = await self._owner()
        if file is None:
            return await self._without_file(owner, name, section)
        source = PolicySource(CONFIG_PATH, branch.name, branch.sha, file.blob_sha)
        now = await self._compose(file.content, owner)
        if file.content is not None and not now.parsed.wrong:
            await _remember(self._memory, file.content, source)
            return _policy(name, section, now, owner, source)
        kept = await self._memory.load()
        good = None if kept is None else await self._compose(kept[0], owner)
        if kept is None or good is None or good.parsed.errors:
            return Policy(
                configured=True,
                section=None,
                source=None,
                errors=now.parsed.wrong,
                broken=source,
                lines=now.parsed.lines,
                owner=owner.source,
                notes=owner.notes,
            )
        return _policy(name, section, good, owner, kept[1], broken=(now.parsed.wrong, source))

    async def file(self, path: str, ref: str) -> PolicyFile | None:
        """As the port: also of a file that GitHub does not give, which is invalid like one that is too large for us."""
        try:
            found = await self._github.file(path, ref)
        except FileTooLarge as error:
            return PolicyFile(error.blob_sha, None)
        return None if found is None else PolicyFile(found.blob_sha, found.content)

    async def propose(self, name: str, section: type[SectionT], raw: bytes | None) -> Proposed[SectionT]:
        """What the section would be with this file in place of the default branch's; changes nothing, remembers nothing."""
        composed = await self._compose(raw, await self._owner())
        found = None if composed.parsed.wrong else _typed(composed.parsed, name, section)
        return Proposed(found, composed.parsed.wrong, composed.parsed.lines)

    async def propose_shared(self, raw: bytes | None) -> ProposedShared:
        """What is wrong with this file in place of the one that this repository has for others."""
        is_organisation = self._github.repository.name.casefold() == ORGANISATION
        if raw is None:
            return ProposedShared(is_organisation, (TOO_LARGE,))
        if is_organisation:
            return ProposedShared(is_organisation=True, errors=(await self._files.organisation(raw)).errors)
        alone = await self._files.parse(raw)
        errors = alone.wrong
        if alone.extends is not None:
            line = dict(alone.lines).get("extends", 1)
            message = "a file that others extend cannot extend one itself; only one step is allowed"
            errors = (*errors, ConfigError(line, 1, "extends", message))
        return ProposedShared(is_organisation=False, errors=errors)

    async def _without_file(self, owner: _Owner, name: str, section: type[SectionT]) -> Policy[SectionT]:
        """A repository without a file has no policy, but for the organisation's floor: to delete the file is no way out."""
        if not owner.has_floor and not owner.errors:
            return Policy(configured=False, section=None, source=None)
        composed = await self._compose(NOTHING, owner)
        return _policy(name, section, composed, owner, owner.source)

    async def _compose(self, raw: bytes | None, owner: _Owner) -> _Composed:
        if raw is None:
            return _Composed(ParsedFile((), (TOO_LARGE,)), None, ())
        alone = await self._files.parse(raw)
        shared = _Shared() if alone.extends is None else await self._shared(alone.extends, owner)
        if shared.problem:
            errors = (ConfigError(dict(alone.lines).get("extends", 1), 1, "extends", shared.problem),)
            return _Composed(ParsedFile((), errors, alone.lines, alone.extends), None, ())
        if shared.file is None and owner.file is None:
            return _Composed(alone, None, ())
        layers = Layers(
            raw,
            shared.file.content if shared.file else None,
            owner.file.content if owner.file else None,
            owner.file.source.label if owner.file else "",
        )
        source = shared.file.source if shared.file else None
        return _Composed(await self._files.compose(layers), source, shared.notes)

    async def _owner(self) -> _Owner:
        """The organisation's file: as it is, or its last good version, which is named; never silently none."""
        found = await self._neighbours.policy(ORGANISATION)
        if found is None:
            return _Owner()
        memory = self._remembered(ORGANISATION)
        judged = await self._files.organisation(found.content)
        if not judged.errors:
            await _remember(memory, found.content, found.source)
            return _Owner(found, judged.has_floor, judged.may_extend)
        kept = await memory.load()
        good = None if kept is None else await self._files.organisation(kept[0])
        if kept is None or good is None or good.errors:
            never = _invalid(found, judged.errors, "it never was valid; mend it there")
            return _Owner(errors=(never,), broken=found.source)
        note = _invalid(found, judged.errors, f"its last good version holds, blob {kept[1].blob_sha[:12]}")
        return _Owner(NeighbourFile(*kept), good.has_floor, good.may_extend, (note.message,))

    async def _shared(self, named: str, owner: _Owner) -> _Shared:
        """The file that `extends` names, of the same owner and not less open than this repository."""
        mine = self._github.repository
        holder, _, name = named.partition("/")
        if holder.casefold() != mine.owner.casefold():
            return _Shared(
                problem="extends names a repository of another owner; only your own can be extended"
            )
        if name.casefold() == ORGANISATION:
            return _Shared(
                problem="extends names the organisation's file, which lies beneath every file anyway"
            )
        if name.casefold() == mine.name.casefold():
            return _Shared(problem="extends names this repository itself")
        found = await self._neighbours.policy(name)
        if found is None:
            return _Shared(
                problem="the App cannot read hephaestus.yml at the default branch of that repository: check the name, and that "
                "the App is installed on it"
            )
        if named.casefold() not in {each.casefold() for each in owner.may_extend}:
            openness = [await self._neighbours.visibility(each) for each in (name, mine.name)]
            if not _as_open(*openness):
                return _Shared(
                    problem="that repository is less open than this one, whose checks would show its rules; the "
                    "organisation's file can allow it with may_extend"
                )
        return await self._good(name, found)

    async def _good(self, name: str, found: NeighbourFile) -> _Shared:
        memory = self._remembered(name)
        judged = await self._files.parse(found.content)
        if judged.extends is not None:
            return _Shared(problem="the file that it names extends another one; only one step is allowed")
        if not judged.wrong:
            await _remember(memory, found.content, found.source)
            return _Shared(found)
        kept = await memory.load()
        if kept is None or (await self._files.parse(kept[0])).errors:
            return _Shared(problem=_invalid(found, judged.wrong, "it never was valid; mend it there").message)
        note = _invalid(found, judged.wrong, f"its last good version holds, blob {kept[1].blob_sha[:12]}")
        return _Shared(NeighbourFile(*kept), (note.message,))


def _policy(
    name: str,
    section: type[SectionT],
    composed: _Composed,
    owner: _Owner,
    source: PolicySource | None,
    broken: tuple[tuple[ConfigError, ...], PolicySource] | None = None,
) -> Policy[SectionT]:
    errors, where = broken or (owner.errors, owner.broken)
    told = tuple(each.message for each in owner.errors) if broken else ()
    return Policy(
        configured=True,
        section=_typed(composed.parsed, name, section),
        source=source,
        errors=errors,
        broken=where,
        lines=composed.parsed.lines,
        owner=owner.source,
        shared=composed.shared,
        notes=(*owner.notes, *told, *composed.notes),
    )


def _invalid(file: NeighbourFile, errors: tuple[ConfigError, ...], then: str) -> ConfigError:
    """That another repository's file is invalid, with the place and without a word of it: not all who read this may read that."""
    return ConfigError(1, 1, "", f"{file.source.label} is invalid at line {errors[0].line}: {then}")


def _as_open(file: str | None, mine: str | None) -> bool:
    """Whether all who can read this repository can read that one."""
    return file in OPENNESS and mine in OPENNESS and OPENNESS.index(file) >= OPENNESS.index(mine)


async def _remember(memory: PolicyMemory, raw: bytes, source: PolicySource) -> None:
    before = await memory.load()
    if before is None or before[1].blob_sha != source.blob_sha:
        await memory.store(raw, source)


def _typed(parsed: ParsedFile, name: str, section: type[SectionT]) -> SectionT | None:
    found = parsed.section(name)
    return found if isinstance(found, section) else None
