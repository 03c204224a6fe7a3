"""Names for the identifiers that travel through the whole program."""

from __future__ import annotations

from typing import NewType

AppKey = NewType("AppKey", str)
"""GitHub's API host and the App's numeric id, `api.github.com/12345`: the first part of every key."""
DeliveryId = NewType("DeliveryId", str)
"""`X-GitHub-Delivery` (a GUID), or the deterministic id of a timer's, sweep's or operator's row."""
RepositoryId = NewType("RepositoryId", int)
InstallationId = NewType("InstallationId", int)
CommitSha = NewType("CommitSha", str)
"""Forty lower-case hexadecimal digits."""
Sha256Hex = NewType("Sha256Hex", str)
"""Sixty-four lower-case hexadecimal digits, without a prefix."""
EvaluationId = NewType("EvaluationId", str)
"""Capability, subject and generation: `quality_gate|<subject key>|7`."""
EffectId = NewType("EffectId", str)
"""Evaluation id and position: `<evaluation id>|0`."""
ExecutorId = NewType("ExecutorId", str)
"""A process that performs evaluations: its configured name and a random part, new at each start."""


def app_id_of(key: AppKey) -> int:
    """The App's numeric id, by which GitHub names the maker of a check run."""
    return int(key.rpartition("/")[2])
