"""The ledger's tables (SQLModel). Times are stored in UTC and come back UTC-aware."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import cramjam
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    String,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

PLAIN, LZ4 = b"\x00", b"\x01"
COMPRESSED_FROM_BYTES = 256


class UtcDateTime(TypeDecorator[datetime]):
    """SQLite forgets time zones; this gives every time back as UTC-aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Refuse naive times: they would be wrong by some hours somewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Add the zone that SQLite dropped."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ByBytes(TypeDecorator[str]):
    """Text in the order of its bytes, whatever the database's language is: its beginning can be looked up in an index."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite has this order anyway."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(collation=collation))


class Compressed(TypeDecorator[bytes]):
    """Bytes stored as an LZ4 block after a byte that says so: JSON shrinks four to eight times for 1 us a KiB.

    It halves the cost of accepting a delivery: what is not written need not be checksummed, copied and synced.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """The block, or the bytes themselves where they are too few to shrink."""
        return None if value is None else packed(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """The exact bytes again."""
        if value is None:
            return None
        mark, block = value[:1], value[1:]
        if mark == LZ4:
            return bytes(cramjam.lz4.decompress_block(block))
        if mark == PLAIN:
            return bytes(block)
        raise ValueError(
            "a stored body begins with neither of our marks: the database is not ours, or damaged"
        )


def packed(value: bytes) -> bytes:
    """What a column of `Compressed` holds for these bytes."""
    if len(value) < COMPRESSED_FROM_BYTES:
        return PLAIN + value
    return LZ4 + bytes(cramjam.lz4.compress_block(value))


def when(*, null: bool = False, index: bool = False) -> Any:  # noqa: ANN401 (sqlmodel.Field is typed so)
    """A column of UTC times."""
    return Field(default=None, sa_type=UtcDateTime, nullable=null, index=index)


class DeliveryTable(SQLModel, table=True):
    """One row for everything that happened; `seq` gives the order of acceptance."""

    __tablename__: ClassVar[Any] = "delivery"
    __table_args__ = (
        UniqueConstraint("guid", "app_key"),  # in this order, so that it also finds a guid alone
        Index("ix_delivery_state_seq", "state", "seq"),
    )

    seq: int | None = Field(default=None, primary_key=True)
    app_key: str
    guid: str
    source: str
    event: str
    action: str | None = None
    repository: str | None = None
    hook_id: str = ""
    target_id: str = ""
    traceparent: str = ""
    body: bytes = Field(sa_type=Compressed)
    body_sha256: str
    received_at: datetime = when(index=True)
    state: str
    attempts: int = 0
    error: str | None = None
    note: str | None = None


class SubjectTable(SQLModel, table=True):
    """What a capability remembers about a subject, and its newest generation.

    `lasting_json` takes the state's place when the last evaluation is forgotten; NULL where the state stays as it is.
    """

    __tablename__: ClassVar[Any] = "subject"

    capability: str = Field(primary_key=True)
    subject_key: str = Field(primary_key=True)
    generation: int = 0
    last_started_at: datetime | None = when(null=True, index=True)
    state_json: bytes | None = None
    lasting_json: bytes | None = None


class EvaluationTable(SQLModel, table=True):
    """One evaluation: queued -> admitted -> running -> done | failed | quarantined | superseded.

    `attempt` counts admissions; `lost` those of the newest attempts in a row whose process ended before they did.
    """

    __tablename__: ClassVar[Any] = "evaluation"
    __table_args__ = (
        UniqueConstraint("capability", "subject_key", "generation"),
        Index("ix_evaluation_state_due", "state", "not_before"),
    )

    id: str = Field(primary_key=True)
    capability: str
    app_key: str
    subject_key: str
    generation: int
    lane: str
    precedence: int
    installation_id: int = Field(sa_type=BigInteger)
    repository_json: str
    state: str
    attempt: int = 0
    lost: int = 0
    planned: bool = False
    not_before: datetime = when()
    created_at: datetime = when()
    started_at: datetime | None = when(null=True)
    finished_at: datetime | None = when(null=True, index=True)
    verdict: str | None = None
    reasons_json: str = "[]"
    evidence: bytes | None = None
    error: str | None = None


class CoverageTable(SQLModel, table=True):
    """Which evaluation covers which delivery."""

    __tablename__: ClassVar[Any] = "coverage"
    __table_args__ = (Index("ix_coverage_evaluation", "evaluation_id"),)

    delivery_seq: int = Field(primary_key=True)
    evaluation_id: str = Field(primary_key=True)


class EffectTable(SQLModel, table=True):
    """One effect of a plan: planned -> applied | refused."""

    __tablename__: ClassVar[Any] = "effect"
    __table_args__ = (Index("ix_effect_evaluation", "evaluation_id", "ordinal"),)

    id: str = Field(primary_key=True)
    evaluation_id: str
    ordinal: int
    kind: str
    key: str = Field(index=True)
    payload_json: str
    state: str
    cursor_json: str = "{}"
    result_json: str | None = None
    reason: str | None = None
    updated_at: datetime = when()


class ReservationTable(SQLModel, table=True):
    """Slots taken from budgets; an effect takes each of its scopes once. `spent` before its first write may go out."""

    __tablename__: ClassVar[Any] = "reservation"
    __table_args__ = (Index("ix_reservation_scope", "scope", "taken_at"),)

    effect_id: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    taken_at: datetime = when()
    spent: bool = False


class TimerTable(SQLModel, table=True):
    """A wake-up to come; when it is due, `body` becomes a delivery."""

    __tablename__: ClassVar[Any] = "timer"

    key: str = Field(primary_key=True, sa_type=ByBytes)
    app_key: str
    body: bytes
    due_at: datetime = when(index=True)


class PositionTable(SQLModel, table=True):
    """Kept positions, such as how far the redelivery reconciler has read."""

    __tablename__: ClassVar[Any] = "position"

    name: str = Field(primary_key=True)
    value: str


class PolicyTable(SQLModel, table=True):
    """The last good version of a repository's file."""

    __tablename__: ClassVar[Any] = "policy"

    app_key: str = Field(primary_key=True)
    repository_id: int = Field(primary_key=True, sa_type=BigInteger)
    content: bytes
    source_json: str


class NeighbourPolicyTable(SQLModel, table=True):
    """The last good version of a file that repositories of an installation share: the organisation's, or an extended one."""

    __tablename__: ClassVar[Any] = "neighbour_policy"

    app_key: str = Field(primary_key=True)
    installation_id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str = Field(primary_key=True)
    content: bytes
    source_json: str


class PullTable(SQLModel, table=True):
    """What the newest event of a pull request said; `delivery_seq` is 0 where only an operator's replay told of it."""

    __tablename__: ClassVar[Any] = "pull"
    __table_args__ = (Index("ix_pull_head", "app_key", "repository_id", "head_sha"),)

    app_key: str = Field(primary_key=True)
    repository_id: int = Field(primary_key=True, sa_type=BigInteger)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    head_sha: str
    event_json: str
    delivery_seq: int
    received_at: datetime = when(index=True)


class ExecutorTable(SQLModel, table=True):
    """A process that may perform evaluations; its id is new at each start, so a row is one incarnation.

    alive -> dead (its beats stopped) | left (it said goodbye). `beat` counts seconds since 1970 by the database's clock.
    """

    __tablename__: ClassVar[Any] = "executor"

    id: str = Field(primary_key=True)
    role: str
    state: str
    beat: float
    started_at: datetime = when()


effect_table = EffectTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
position_table = PositionTable.__table__  # type: ignore[attr-defined]  # likewise
METADATA = SQLModel.metadata
"""All tables above; what the migrations build."""
