"""Which lines of a file could run, where the reports of one format differ in that: the lines of each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.coverage import FileLines, LineMap

MAX_VARIANTS = 32
MAX_NAME = 200


class Variants:
    """Takes what one report after the other says could run; files of which all say the same are not kept."""

    def __init__(self) -> None:
        self._sets: dict[str, list[int]] = {}
        self._too_many: dict[str, None] = {}

    def see(self, path: str, before: int, now: int) -> None:
        """A report's lines of a file as a bitmap; `before` are all that earlier ones know. One without a line says nothing."""
        if not before or not now:
            return
        known = self._sets.get(path)
        if known is None:
            if before == now:
                return
            known = self._sets[path] = [before]
        if now in known:
            return
        if len(known) < MAX_VARIANTS:
            known.append(now)
        else:
            self._too_many[path] = None

    def problems(self) -> tuple[str, ...]:
        """Files that cannot be judged: what more reports say of them is not kept."""
        return tuple(
            f"more than {MAX_VARIANTS} reports each name other lines of {path[:MAX_NAME]} that could run; "
            "let them be made from the same files"
            for path in self._too_many
        )

    def maps(self) -> tuple[bytes, ...]:
        """Packed `LineMap`s, each with one set of every file that has as many."""
        most = max(map(len, self._sets.values()), default=0)
        return tuple(
            LineMap(
                {path: FileLines(known[number]) for path, known in self._sets.items() if number < len(known)}
            ).pack()
            for number in range(most)
        )


def sets_of(maps: Iterable[bytes]) -> dict[str, tuple[int, ...]]:
    """The bitmaps of each file that `Variants.maps` packed."""
    found: dict[str, list[int]] = {}
    for packed in maps:
        for path, file in LineMap.unpack(packed).files.items():
            found.setdefault(path, []).append(file.valid)
    return {path: tuple(known) for path, known in found.items()}
