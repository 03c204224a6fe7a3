"""Keys that an object of a SARIF file repeats, found without reading a large file again unless there is a doubt."""

from __future__ import annotations

import re

import msgspec

from handlers.quality_gate.formats.documents import repeated_keys
from handlers.quality_gate.formats.findings import sarif_shapes as shapes

SMALL_BYTES = 5_000_000
"""Below this all keys of the file are looked at, which takes longer than all the rest."""


class _Key(str):
    """A key of an object, made by a hook: of two that are equal only the last would be seen."""

    __slots__ = ()


_Object = dict[_Key, msgspec.Raw]
STRICT = tuple(map(_Key, ("tool", "invocations", "originalUriBaseIds", "externalPropertyFileReferences")))
"""What a run says that decides about its results; all of it is looked at."""
RESULTS, SUPPRESSIONS, LOCATIONS, RULE = map(_Key, ("results", "suppressions", "locations", "rule"))
COUNTED = (
    b'"ruleId"',
    b'"ruleIndex"',
    b'"level"',
    b'"kind"',
    b'"baselineState"',
    b'"locations"',
)
NOT_COUNTED = b'"rule"', b'"suppressions"'
"""Keys that results of few tools have, and that hold more of them."""
HIDDEN = re.compile(rb"\\u00[4-7][0-9A-Fa-f]")
"""An escaped letter: no tool escapes one, and it could hide a key from being counted."""
OF_LOCATION = ((b'Location"', 2), (b'"uri"', 1), (b'"uriBaseId"', 1), (b'"index"', 1))
OF_RULE = ((b'"id"', 1), (b'"toolComponent"', 1), (b'"index"', 2))
"""How often the keys of one of them are written, at most; an escape could hide one."""


class _Outline(msgspec.Struct):
    runs: list[_Object] | None
    external: list[_Object] | None = msgspec.field(default=None, name="inlineExternalProperties")


class _Keys:
    """Decodes objects, and remembers whether one of them has more keys than can be told apart."""

    def __init__(self) -> None:
        self._read = self._apart = 0
        self._outlines = msgspec.json.Decoder(_Outline, dec_hook=self._see)
        self._objects = msgspec.json.Decoder(_Object, dec_hook=self._see)

    @property
    def are_repeated(self) -> bool:
        return self._read != self._apart

    def runs(self, raw: bytes) -> list[_Object]:
        outline = self._outlines.decode(raw)
        self._apart += sum(map(len, (*(outline.runs or []), *(outline.external or []))))
        return outline.runs or []

    def of(self, raw: msgspec.Raw) -> _Object:
        found = self._objects.decode(raw)
        self._apart += len(found)
        return found

    def _see(self, _wanted: type, key: object) -> object:
        self._read += 1
        return _Key(key)


def repeated_in(raw: bytes, log: shapes.Log, in_results: int) -> tuple[str, ...]:
    """The contradictions of `documents.repeated_keys`, of a large file only where a key that decides may be repeated.

    There the keys of each run are counted, and all of those in what it says about its tool and itself. Keys of results
    are counted in the bytes, and result by result where these have more than were decoded: `in_results` is what
    `decisive_in` gives for all of them together. Keys that decide nothing (of a region, say) are not looked at.
    """
    return repeated_keys(raw) if len(raw) < SMALL_BYTES or _may_repeat(raw, log, in_results) else ()


def decisive_in(result: shapes.Result) -> int:
    """How many of the `COUNTED` keys a result has."""
    found = (
        result.rule_id,
        result.rule_index,
        result.level,
        result.kind,
        result.baseline_state,
        result.locations,
    )
    return len(found) - found.count(None)


def _may_repeat(raw: bytes, log: shapes.Log, in_results: int) -> bool:
    try:
        return _repeats_deciding(raw, log, in_results)
    except (msgspec.DecodeError, UnicodeError):  # a key that is not UTF-8: who reads all of them says so
        return True


def _repeats_deciding(raw: bytes, log: shapes.Log, in_results: int) -> bool:
    keys = _Keys()
    runs = keys.runs(raw)
    told = (run[each] for run in runs for each in STRICT if each in run)
    if raw.count(b'"runs"') > 1 or any(repeated_keys(bytes(each)) for each in told):
        return True
    if not any(key in raw for key in NOT_COUNTED) and not HIDDEN.search(raw):
        outside = [bytes(value) for run in runs for key, value in run.items() if key != RESULTS]

        def written(key: bytes) -> int:
            return raw.count(key) - sum(part.count(key) for part in outside)

        # A location has one URI at most.
        if sum(map(written, COUNTED)) == in_results and written(b'"uri"') <= written(b'"artifactLocation"'):
            return keys.are_repeated
    results = (result for run in log.runs or [] for result in run.results or [])
    return any(_is_doubtful(keys.of(result)) for result in results) or keys.are_repeated


def _is_doubtful(result: _Object) -> bool:
    """Whether an object inside a result has a key twice; most show by how often their keys are written that none has."""
    return (
        (LOCATIONS in result and _repeats(bytes(result[LOCATIONS]), OF_LOCATION))
        or (RULE in result and _repeats(bytes(result[RULE]), OF_RULE))
        or (SUPPRESSIONS in result and bool(repeated_keys(bytes(result[SUPPRESSIONS]))))
    )


def _repeats(raw: bytes, most: tuple[tuple[bytes, int], ...]) -> bool:
    for key, number in most:
        if raw.count(key) > number:
            return bool(repeated_keys(raw))
    return b"\\" in raw and bool(repeated_keys(raw))
