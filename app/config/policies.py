"""The policies of one repository: its file at the default branch, and the last good version behind it."""

from __future__ import annotations

from typing import Protocol

from app.config.loader import ParsedFile
from app.config.parsed import ParsedFiles
from app.ports.github_reader import GitHubReader
from app.ports.policies import Policy, PolicySource, SectionT

CONFIG_PATH = ".github/hephaestus.yml"


class PolicyMemory(Protocol):
    """Remembers the last good version of one repository's file: its bytes, and where they were read."""

    async def load(self) -> tuple[bytes, PolicySource] | None:
        """What was kept last."""
        ...

    async def store(self, raw: bytes, source: PolicySource) -> None:
        """Keeps it instead."""
        ...


class RepositoryPolicies:
    """Port `policies` of one repository."""

    def __init__(self, github: GitHubReader, files: ParsedFiles, memory: PolicyMemory) -> None:
        self._github = github
        self._files = files
        self._memory = memory

    async def load(self, name: str, section: type[SectionT]) -> Policy[SectionT]:
        """The section `name` in force now: always the default branch's, whatever a pull request proposes."""
        branch = await self._github.default_branch()
        file = await self._github.file(CONFIG_PATH, branch.sha)
        if file is None:
            return Policy(configured=False, section=None, source=None)
        source = PolicySource(CONFIG_PATH, branch.name, branch.sha, file.blob_sha)
        parsed = await self._files.parse(file.content)
        if not parsed.errors:
            await self._remember(file.content, source)
            return Policy(
                configured=True, section=_typed(parsed, name, section), source=source, lines=parsed.lines
            )
        good = await self._memory.load()
        before = await self._files.parse(good[0]) if good else None
        if good is None or before is None or before.errors:
            return Policy(
                configured=True,
                section=None,
                source=None,
                errors=parsed.errors,
                broken=source,
                lines=parsed.lines,
            )
        return Policy(
            configured=True,
            section=_typed(before, name, section),
            source=good[1],
            errors=parsed.errors,
            broken=source,
            lines=before.lines,
        )

    async def _remember(self, raw: bytes, source: PolicySource) -> None:
        before = await self._memory.load()
        if before is None or before[1].blob_sha != source.blob_sha:
            await self._memory.store(raw, source)


def _typed(parsed: ParsedFile, name: str, section: type[SectionT]) -> SectionT | None:
    found = parsed.section(name)
    return found if isinstance(found, section) else None
