"""The policies of one repository: its file at the default branch, and the last good version behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from app.config.loader import ParsedFile, parse_sections
from app.errors import InvalidInput
from app.ports.compute import Compute
from app.ports.github_reader import GitHubReader
from app.ports.policies import ConfigError, Policy, PolicySource, SectionT

CONFIG_PATH = ".github/hephaestus.yml"


@dataclass(frozen=True, slots=True)
class GoodVersion:
    """The bytes of a file that was valid when it was read, and where that was."""

    raw: bytes
    source: PolicySource


class PolicyMemory(Protocol):
    """Remembers the last good version of one repository's file."""

    async def last_good(self) -> GoodVersion | None:
        """What was remembered last."""
        ...

    async def remember(self, version: GoodVersion) -> None:
        """Remembers it instead."""
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
            await self._remember(GoodVersion(file.content, source))
            return Policy(
                configured=True, section=_typed(parsed, name, section), source=source, lines=parsed.lines
            )
        good = await self._memory.last_good()
        before = await self._parse(good.raw) if good else None
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
            source=good.source,
            errors=parsed.errors,
            broken=source,
            lines=before.lines,
        )

    async def _parse(self, raw: bytes) -> ParsedFile:
        try:
            return await self._compute.run(parse_sections, raw, self._sections)
        except InvalidInput as error:
            return ParsedFile((), (ConfigError(1, 1, "", error.message),))

    async def _remember(self, version: GoodVersion) -> None:
        before = await self._memory.last_good()
        if before is None or before.source.blob_sha != version.source.blob_sha:
            await self._memory.remember(version)


def _typed(parsed: ParsedFile, name: str, section: type[SectionT]) -> SectionT | None:
    found = parsed.section(name)
    return found if isinstance(found, section) else None
