"""The text inside a few elements of streamed XML; all other text is dropped as it passes."""

from __future__ import annotations

MAX_TEXT = 64 * 1024


class Texts:
    """Keeps, until `taken`, what stands in elements of these names, at most 64 Ki characters of each."""

    def __init__(self, *names: str) -> None:
        self._pieces: dict[str, list[str]] = {name: [] for name in names}
        self._nothing = dict.fromkeys(names, "")
        self._has_text = False
        self._open: list[str] | None = None
        self._left = 0

    def start(self, name: str) -> None:
        """An element begins; text inside it counts, unless an element of another name stands around the text."""
        self._open = self._pieces.get(name)
        self._left = MAX_TEXT

    def end(self) -> None:
        """An element ends."""
        self._open = None

    def text(self, data: str) -> None:
        """Text as it comes."""
        if self._open is not None and self._left > 0:
            self._open.append(data[: self._left])
            self._left -= len(data)
            self._has_text = True

    def taken(self) -> dict[str, str]:
        """What was kept since the last time, by name."""
        if not self._has_text:  # as for nearly all cases: they passed
            return self._nothing
        found = {name: "".join(pieces).strip() for name, pieces in self._pieces.items()}
        for pieces in self._pieces.values():
            pieces.clear()
        self._has_text = False
        return found
