"""What a trusted root says of its authorities, for people and alarms; nothing is trusted on what is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import decoded
from app.adapters.sigstore.strict_json import parse_object
from app.domain.trust import AuthorityKind, Window
from app.errors import InvalidInput

KEYS = {
    "certificateAuthorities": AuthorityKind.CERTIFICATES,
    "timestampAuthorities": AuthorityKind.TIMESTAMPS,
}
LOGS = ("tlogs", "ctlogs")


@dataclass(frozen=True, slots=True)
class Outline:
    """The authorities of a root; `organizations` are all that its certificates name, sorted, '' for one that names none."""

    windows: tuple[Window, ...]
    organizations: tuple[str, ...]
    has_logs: bool


def outline(raw: bytes) -> Outline:
    """The outline of a `trusted_root.json`. Raises InvalidInput (`trust_root.unreadable`) for anything else."""
    try:
        document = parse_object(raw, "the trusted root", fold_names=True)
        chains = [
            (kind, each, _chain(each)) for key, kind in KEYS.items() for each in document.get(key) or ()
        ]
        windows = tuple(_window(kind, each, chain) for kind, each, chain in chains)
        named = {_organization(certificate) for _, _, chain in chains for certificate in chain}
    except Refusal as refusal:
        raise InvalidInput("trust_root.unreadable", refusal.reason) from refusal
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, x509.DuplicateExtension) as error:
        said = f"the trusted root cannot be read: {type(error).__name__}: {str(error)[:200]}"
        raise InvalidInput("trust_root.unreadable", said) from error
    if not windows:
        raise InvalidInput("trust_root.unreadable", "the trusted root names no authority")
    return Outline(windows, tuple(sorted(named)), any(document.get(key) for key in LOGS))


def _chain(authority: Any) -> list[x509.Certificate]:  # noqa: ANN401 (JSON of a file)
    certificates = authority["certChain"]["certificates"]
    return [x509.load_der_x509_certificate(decoded(each, "rawBytes")) for each in certificates]


def _window(kind: AuthorityKind, authority: Any, chain: list[x509.Certificate]) -> Window:  # noqa: ANN401 (likewise)
    valid = authority.get("validFor") or {}
    starts = [_time(valid["start"])] if "start" in valid else []
    ends = [_time(valid["end"])] if valid.get("end") else []
    return Window(
        kind=kind,
        subject=chain[-1].subject.rfc4514_string(),
        start=max(*starts, *(each.not_valid_before_utc for each in chain), datetime.min.replace(tzinfo=UTC)),
        end=min(*ends, *(each.not_valid_after_utc for each in chain), datetime.max.replace(tzinfo=UTC)),
    )


def _organization(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
