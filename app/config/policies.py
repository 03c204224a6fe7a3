"""The policies of one repository: its file at the default branch, and the last good version behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel

from app.config.loader import ParsedFile, parse_sections
from app.errors import InvalidInput
from app.ports.compute import Compute
from app.ports.github_reader import GitHubReader
from app.ports.policies import ConfigError, Policy, PolicySource, SectionT

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
    """Port `policies` of one repository. `sections` are those of all capabilities: a mistake in one makes the file invalid."""

    def __init__(
        self,
        github: GitHubReader,
        sections: Mapping[str, type[BaseModel]],
        memory: PolicyMemory,
        compute: Compute,
    ) -> None:
        self._github = github
        self._sections = dict(sections)
        self._memory = memory
        self._compute = compute

    async def load(self, name: str, section: type[SectionT]) -> Policy[SectionT]:
        """The section `name` in force now: always the default branch's, whatever a pull request proposes."""
        branch = await self._github.default_branch()
        file = await self._github.file(CONFIG_PATH, branch.sha)
        if file is None:
            return Policy(configured=False, section=None, source=None)
        source = PolicySource(CONFIG_PATH, branch.name, branch.sha, file.blob_sha)
        parsed = await self._parse(file.content)
        if not parsed.errors:
            await self._remember(file.content, source)
            return Policy(
                configured=True, section=_typed(parsed, name, section), source=source, lines=parsed.lines
            )
        good = await self._memory.load()
        before = await self._parse(good[0]) if good else None
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

    async def _parse(self, raw: bytes) -> ParsedFile:
        try:
            return await self._compute.run(parse_sections, raw, self._sections)
        except InvalidInput as error:
            return ParsedFile((), (ConfigError(1, 1, "", error.message),))

    async def _remember(self, raw: bytes, source: PolicySource) -> None:
        before = await self._memory.load()
        if before is None or before[1].blob_sha != source.blob_sha:
            await self._memory.store(raw, source)


def _typed(parsed: ParsedFile, name: str, section: type[SectionT]) -> SectionT | None:
    found = parsed.section(name)
    return found if isinstance(found, section) else None
