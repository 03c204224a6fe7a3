"""Trusted roots: what is known of the one in force, and when that should worry somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.ids import Sha256Hex
from app.domain.release import TrustDomain

UNCONFIRMED_FOR = timedelta(days=90)
"""GitHub takes new authorities into use every five to eight months, and announces them some weeks before."""


class AuthorityKind(StrEnum):
    """What an authority does: sign certificates, or the time."""

    CERTIFICATES = "certificates"
    TIMESTAMPS = "timestamps"


class RootSource(StrEnum):
    """Where a root comes from: the installed package, a file that the operator manages, an import of his, or TUF."""

    PACKAGE = "package"
    FILE = "file"
    IMPORT = "import"
    TUF = "tuf"


@dataclass(frozen=True, slots=True)
class Window:
    """When what an authority issued is believed: its own window, cut where one of its certificates ends sooner.

    `subject` is the holder of its root certificate.
    """

    kind: AuthorityKind
    subject: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class RootFacts:
    """A root in force. `confirmed_at` is when somebody, or TUF, last said that it is the right one."""

    domain: TrustDomain
    sha256: Sha256Hex
    source: RootSource
    place: str
    taken_at: datetime
    confirmed_at: datetime
    windows: tuple[Window, ...]

    @property
    def ends_at(self) -> datetime | None:
        """When nothing signed later can be verified any more; None where it has no authorities."""
        newest = [
            max(ends)
            for kind in AuthorityKind
            if (ends := [each.end for each in self.windows if each.kind is kind])
        ]
        return min(newest, default=None)

    def alarms(self, now: datetime) -> tuple[str, ...]:
        """What somebody should look after, as sentences."""
        name = f"the trusted root of {self.domain.value}"
        age = now - self.confirmed_at
        said = []
        if age > UNCONFIRMED_FOR:
            said.append(f"{name} was last confirmed {age.days} days ago: {MENDS[self.source]}")
        if self.ends_at is not None and self.ends_at <= now:
            said.append(
                f"the newest authority of {name} ended on {self.ends_at:%Y-%m-%d}: {MENDS[self.source]}"
            )
        return tuple(said)


MENDS = {
    RootSource.PACKAGE: "install the newest version of Hephaestus",
    RootSource.FILE: "replace the file by the newest one, and its digest in the settings",
    RootSource.IMPORT: "run gh attestation trusted-root and hephaestus trust import on what it prints",
    RootSource.TUF: "see hephaestus trust refresh",
}
"""What to do about a root that is old, by where it comes from."""
