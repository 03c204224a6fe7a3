"""What capabilities and the configuration remember, bound to one repository."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, Table, bindparam, select

from app.adapters.database import pulls, receipts
from app.adapters.database.connection import Database
from app.adapters.database.evaluations import evaluation, subject_table
from app.adapters.database.judged import newest_evidence
from app.adapters.database.plans import applied_since, outcome_of, was_applied
from app.adapters.database.sharing import put
from app.adapters.database.tables import NeighbourPolicyTable, PolicyTable, effect_table, position_table
from app.domain.events import PullRequestChanged
from app.domain.ids import AppKey, CommitSha
from app.domain.receipts import VerifiedSigner
from app.domain.repo import Repository, Subject, SubjectKind
from app.ports.clock import Clock
from app.ports.policies import PolicySource
from app.ports.records import EffectOutcome, said_name

policy_table = PolicyTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
neighbour_table = NeighbourPolicyTable.__table__  # type: ignore[attr-defined]  # likewise
SOURCE: TypeAdapter[PolicySource] = TypeAdapter(PolicySource)

STATES = select(subject_table.c.subject_key, subject_table.c.state_json).where(
    subject_table.c.capability == bindparam("of_capability"),
    subject_table.c.subject_key.in_(bindparam("of_subjects", expanding=True)),
    subject_table.c.state_json.is_not(None),
)


class SqlPolicyMemory:
    """The last good version of one file: its bytes and where they were read; `table` and `key` say which file."""

    def __init__(self, database: Database, table: Table, key: Mapping[str, str | int]) -> None:
        self._database = database
        self._table = table
        self._key = dict(key)

    @classmethod
    def of_repository(cls, database: Database, app_key: AppKey, repository: Repository) -> SqlPolicyMemory:
        """That of the repository's own file."""
        return cls(database, policy_table, {"app_key": app_key, "repository_id": repository.id})

    @classmethod
    def of_neighbour(
        cls, database: Database, app_key: AppKey, repository: Repository, name: str
    ) -> SqlPolicyMemory:
        """That of the file in another repository of the same installation."""
        key: dict[str, str | int] = {
            "app_key": app_key,
            "installation_id": repository.installation_id,
            "name": name.casefold(),
        }
        return cls(database, neighbour_table, key)

    async def load(self) -> tuple[bytes, PolicySource] | None:
        """What was kept last."""

        def read(connection: Connection) -> tuple[bytes, PolicySource] | None:
            row = connection.execute(_kept(self._table, tuple(self._key)), self._key).one_or_none()
            return None if row is None else (bytes(row.content), SOURCE.validate_json(row.source_json))

        return await self._database.read(read)

    async def store(self, raw: bytes, source: PolicySource) -> None:
        """Keeps it instead, unless it is the same."""
        text = json.dumps(SOURCE.dump_python(source, mode="json"), sort_keys=True)

        def write(connection: Connection) -> None:
            row = connection.execute(_kept(self._table, tuple(self._key)), self._key).one_or_none()
            if row is not None and row.source_json == text:
                return
            put(connection, self._table, self._key, {"content": raw, "source_json": text})

        await self._database.write(write)


@cache
def _kept(table: Table, key: tuple[str, ...]) -> Select[Any]:
    return select(table).where(*(table.c[name] == bindparam(name) for name in key))


class SqlRecords:
    """`app.ports.records.Records` over the ledger."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        app_key: AppKey,
        repository: Repository,
    ) -> None:
        self._database = database
        self._clock = clock
        self._app_key = app_key
        self._repository = repository

    async def pulls_with_head_sha(self, sha: CommitSha) -> tuple[PullRequestChanged, ...]:
        """See the port."""
        found = await self._database.read(lambda c: pulls.with_head(c, self._app_key, self._repository, sha))
        return tuple(found)

    async def subjects_of_effects(self, capability: str, key_prefix: str) -> tuple[Subject, ...]:
        """See the port."""
        keys = effect_table.c.key.startswith(f"{self._app_key}|{key_prefix}", autoescape=True)

        def read(connection: Connection) -> list[str]:
            found = connection.execute(
                select(evaluation.c.subject_key)
                .join(effect_table, effect_table.c.evaluation_id == evaluation.c.id)
                .where(evaluation.c.capability == capability, keys)
                .distinct()
                .order_by(evaluation.c.subject_key)
            )
            return [row.subject_key for row in found]

        return tuple(Subject.from_key(key) for key in await self._database.read(read))

    async def was_said(self, once: str) -> bool:
        """See the port."""
        name = said_name(self._app_key, self._repository.id, once)
        found = select(position_table.c.name).where(position_table.c.name == name)
        return await self._database.read(lambda c: c.execute(found).scalar() is not None)

    async def effects_applied(self, key: str, within: timedelta) -> int:
        """See the port."""
        since = self._clock.now() - within
        return await self._database.read(lambda c: applied_since(c, self._app_key, key, since))

    async def evidence_of_closed_pulls(self, capability: str, limit: int) -> tuple[bytes, ...]:
        """See the port."""

        def read(connection: Connection) -> tuple[bytes, ...]:
            heads = pulls.closed_heads(connection, self._app_key, self._repository)
            subjects = [
                Subject(self._app_key, self._repository.id, SubjectKind.SHA, sha).key for sha in heads
            ]
            return newest_evidence(connection, capability, subjects, limit)

        return await self._database.read(read)

    async def was_applied(self, subject: Subject, key: str) -> bool:
        """See the port."""
        return subject.app_key == self._app_key and await self._database.read(
            lambda c: was_applied(c, subject, key)
        )

    async def effect_outcome(self, subject: Subject, key: str) -> EffectOutcome | None:
        """See the port."""
        if subject.app_key != self._app_key:
            return None
        return await self._database.read(lambda c: outcome_of(c, subject, key))

    async def states(
        self, capability: str, subjects: tuple[Subject, ...]
    ) -> tuple[tuple[Subject, bytes], ...]:
        """See the port."""
        mine = (self._app_key, self._repository.id)
        wanted = {each.key: each for each in subjects if (each.app_key, each.repository_id) == mine}
        which = {"of_capability": capability, "of_subjects": list(wanted)}
        rows = await self._database.read(lambda c: [tuple(row) for row in c.execute(STATES, which)])
        kept = {str(key): bytes(state) for key, state in rows}
        return tuple((each, kept[key]) for key, each in wanted.items() if key in kept)

    async def verified_signers(self) -> tuple[VerifiedSigner, ...]:
        """See the port."""
        return await self._database.read(
            lambda c: receipts.verified_signers(c, self._app_key, self._repository.id)
        )
