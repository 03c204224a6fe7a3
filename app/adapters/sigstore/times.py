"""When a bundle says that it was signed, before anything of it is proven."""

from __future__ import annotations

from datetime import UTC, datetime

from rfc3161_client import decode_timestamp_response

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape
from app.domain.release_codes import ReleaseCode


def claimed_times(shape: Shape) -> tuple[datetime, ...]:
    """The times of its timestamps, then that of its log entry, where the log promises it.

    Raises:
        Refusal: INVALID_BUNDLE where one cannot be read.
    """
    try:
        stamped = [decode_timestamp_response(raw).tst_info.gen_time for raw in shape.timestamps]
        entry = shape.entry or {}
        logged = int(entry.get("integratedTime") or 0) if entry.get("inclusionPromise") else 0
        return (*stamped, datetime.fromtimestamp(logged, UTC)) if logged else tuple(stamped)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "a timestamp cannot be read") from error
