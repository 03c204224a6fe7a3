"""Who may sign and who may tell the time, from a trusted root that names authorities and no logs (GitHub's own).

Source: `TrustedRoot` in https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto. The library
cannot read a root without logs (sigstore/sigstore-python#1529).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography import x509

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import decoded
from app.adapters.sigstore.strict_json import JsonObject, parse_object
from app.adapters.sigstore.trust import PinnedRoot
from app.domain.release_codes import ReleaseCode

MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"


@dataclass(frozen=True, slots=True)
class Authority:
    """A chain of certificates, the issuing one first and the root last, and when what it issued is to be believed.

    Of an authority of timestamps, the first certificate is the one that signs them. Both ends of the window belong to it.
    """

    chain: tuple[x509.Certificate, ...]
    start: datetime
    end: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether the time lies within the window."""
        return self.start <= at and (self.end is None or at <= self.end)


def were_valid(certificates: Iterable[x509.Certificate], at: datetime) -> bool:
    """Whether all of them were valid at that time; both ends belong to it."""
    return all(each.not_valid_before_utc <= at <= each.not_valid_after_utc for each in certificates)


@dataclass(frozen=True, slots=True)
class Authorities:
    """Those of one root: who issues signing certificates, and who signs timestamps."""

    signing: tuple[Authority, ...]
    timestamping: tuple[Authority, ...]


@lru_cache(maxsize=8)
def authorities(root: PinnedRoot) -> Authorities:
    """The authorities of a root; it holds no state, so threads may share it.

    Raises:
        Refusal: TRUST_ROOT where the root cannot be used.
    """
    try:
        document = parse_object(root.raw, "the trusted root", fold_names=False)
        if document.get("mediaType") != MEDIA_TYPE:
            raise _unusable(f"unknown media type {str(document.get('mediaType'))[:80]!r}")
        return Authorities(
            _several(document, "certificateAuthorities", 1), _several(document, "timestampAuthorities", 2)
        )
    except Refusal as refusal:
        raise _unusable(refusal.reason) from refusal
    except (ValueError, TypeError, KeyError, AttributeError, x509.DuplicateExtension) as error:
        raise _unusable(f"{type(error).__name__}: {str(error)[:200]}") from error


def _several(document: JsonObject, key: str, shortest_chain: int) -> tuple[Authority, ...]:
    listed = document.get(key)
    if not isinstance(listed, list) or not listed:
        raise _unusable(f"{key} is missing or empty")
    return tuple(_authority(each, key, shortest_chain) for each in listed)


def _authority(value: Any, key: str, shortest_chain: int) -> Authority:  # noqa: ANN401 (JSON of a file)
    window = value["validFor"]
    chain = tuple(
        x509.load_der_x509_certificate(decoded(each, "rawBytes"))
        for each in value["certChain"]["certificates"]
    )
    if len(chain) < shortest_chain:
        raise _unusable(f"a chain of {key} has {len(chain)} certificates")
    end = window.get("end")
    return Authority(chain, _time(window["start"]), None if end is None else _time(end))


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def _unusable(reason: str) -> Refusal:
    prefix = "GitHub's trusted root cannot be used: "
    return Refusal(ReleaseCode.TRUST_ROOT, prefix + reason.removeprefix(prefix))
