"""Of a trusted root, what was to be trusted when a bundle was signed.

The library takes an authority or a log of the root at any time, also long after its window ended (measured on 4.5.1): the key
of a retired authority could sign for ever. So it is given only those whose window covers every time that the bundle claims;
which of these times are true, it finds out itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from app.adapters.sigstore import trusted_root
from app.adapters.sigstore.library import LibraryVerifier
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.strict_json import JsonObject, parse_object
from app.adapters.sigstore.trust import PinnedRoot
from app.domain.release_codes import ReleaseCode

KINDS = {
    "certificateAuthorities": "certificate authority",
    "tlogs": "transparency log",
    "ctlogs": "certificate log",
}
"""What is chosen by time. Authorities of timestamps are not: the library holds these to their windows."""
Window = tuple[datetime | None, datetime | None]
Chosen = tuple[tuple[int, ...], ...]
"""The positions in the root of what is kept, for each of `KINDS`."""


def verifier_at(root: PinnedRoot, times: Sequence[datetime]) -> LibraryVerifier:
    """The library's verifier that trusts what was to be trusted at all of these times; all of the root without any.

    Raises:
        Refusal: TIME where nothing of a kind was; TRUST_ROOT where the root cannot be used.
    """
    windows = _windows(root)
    chosen = tuple(_covering(each, times) for each in windows)
    for kind, known, kept in zip(KINDS.values(), windows, chosen, strict=True):
        if known and not kept:
            at = ", ".join(f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in times[:3])
            raise Refusal(ReleaseCode.TIME, f"no {kind} of the trusted root was to be trusted at {at}")
    return _verifier(root, chosen)


def knows_log(root: PinnedRoot, key_id: str) -> bool:
    """Whether the root has a log whose key has this id (base64), at whatever time; never raises for a root that was read."""
    return key_id in _log_ids(root)


@lru_cache(maxsize=8)
def _log_ids(root: PinnedRoot) -> frozenset[str]:
    return frozenset(
        str((each.get("logId") or {}).get("keyId")) for each in _document(root).get("tlogs") or ()
    )


def _covering(windows: Sequence[Window], times: Iterable[datetime]) -> tuple[int, ...]:
    times = tuple(times)
    return tuple(
        position
        for position, (start, end) in enumerate(windows)
        if all((start is None or start <= at) and (end is None or at <= end) for at in times)
    )


@lru_cache(maxsize=64)
def _verifier(root: PinnedRoot, chosen: Chosen) -> LibraryVerifier:
    document = dict(_document(root))
    for key, kept in zip(KINDS, chosen, strict=True):
        if key in document:
            document[key] = [document[key][position] for position in kept]
    return trusted_root.verifier(PinnedRoot(msgspec.json.encode(document), root.sha256))


@lru_cache(maxsize=8)
def _windows(root: PinnedRoot) -> tuple[tuple[Window, ...], ...]:
    try:
        return tuple(tuple(_window(each) for each in _document(root).get(key) or ()) for key in KINDS)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unusable(f"{type(error).__name__}: {str(error)[:200]}") from error


def _document(root: PinnedRoot) -> JsonObject:
    try:
        return parse_object(root.raw, "it", fold_names=True)
    except Refusal as refusal:
        raise _unusable(refusal.reason) from refusal


def _window(value: Any) -> Window:  # noqa: ANN401 (JSON of a file)
    """Of a log, the window is that of its key; without one it is open."""
    window = value.get("validFor") or value.get("publicKey", {}).get("validFor") or {}
    return _time(window.get("start")), _time(window.get("end"))


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def _unusable(reason: str) -> Refusal:
    return Refusal(ReleaseCode.TRUST_ROOT, f"the trusted root cannot be used: {reason}")
