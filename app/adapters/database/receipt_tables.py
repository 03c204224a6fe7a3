"""The tables of receipts (SQLModel); they outlive the evaluations that they tell of."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from app.adapters.database.tables import Compressed, when


class ReceiptTable(SQLModel, table=True):
    """The verdict on an asset of one digest. `repository` is its name in lower case, `confirmed_at` when it last held."""

    __tablename__: ClassVar[Any] = "receipt"
    __table_args__ = (Index("ix_receipt_repository", "repository", "tag"),)

    app_key: str = Field(primary_key=True)
    repository_id: int = Field(primary_key=True, sa_type=BigInteger)
    release_id: int = Field(primary_key=True, sa_type=BigInteger)
    asset_id: int = Field(primary_key=True, sa_type=BigInteger)
    sha256: str = Field(primary_key=True)
    repository: str
    tag: str
    name: str
    outcome: str
    code: str
    grade: str
    signer: str | None = None
    verdict_sha256: str
    decided_at: datetime = when()
    confirmed_at: datetime = when(index=True)
    body: bytes = Field(sa_type=Compressed)


class ReceiptBundleTable(SQLModel, table=True):
    """Bytes that the receipts of a release name."""

    __tablename__: ClassVar[Any] = "receipt_bundle"

    app_key: str = Field(primary_key=True)
    repository_id: int = Field(primary_key=True, sa_type=BigInteger)
    release_id: int = Field(primary_key=True, sa_type=BigInteger)
    sha256: str = Field(primary_key=True)
    content: bytes = Field(sa_type=Compressed)


receipt_table = ReceiptTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
bundle_table = ReceiptBundleTable.__table__  # type: ignore[attr-defined]  # likewise
