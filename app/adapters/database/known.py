"""What the ledger knows of repositories and of one subject, for operators' commands. Functions of an open transaction."""

from __future__ import annotations

from sqlalchemy import Connection, select

from app.adapters.database.conversion import load_repository
from app.adapters.database.evaluations import evaluation, subject_table
from app.domain.ids import AppKey
from app.domain.repo import Repository, Subject


def known_repositories(connection: Connection) -> tuple[tuple[AppKey, Repository], ...]:
    """The repositories of which anything was evaluated, each with its App's key, as they were named last."""
    rows = connection.execute(
        select(evaluation.c.app_key, evaluation.c.repository_json).order_by(evaluation.c.not_before)
    )
    found = {}
    for row in rows:
        repository = load_repository(row.repository_json)
        found[AppKey(row.app_key), repository.id] = repository
    return tuple((key, repository) for (key, _), repository in found.items())


def kept_state(connection: Connection, capability: str, subject: Subject) -> bytes | None:
    """What a capability keeps for a subject, as the JSON of its state."""
    state = connection.execute(
        select(subject_table.c.state_json).where(
            subject_table.c.capability == capability, subject_table.c.subject_key == subject.key
        )
    ).scalar()
    return None if state is None else bytes(state)
